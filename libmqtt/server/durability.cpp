#include "libmqtt/server/durability.hpp"

#include <utility>

namespace mqtt::server {
namespace {

/// A disk that is slower than the publishers must not fill the memory.
constexpr std::size_t kBacklog = 64 * 1024 * 1024;
/// How long the end waits for a disk that fails.
constexpr Duration kPatience = Seconds(3);

}  // namespace

Durability::Durability(net::Loop& loop, broker::Broker& broker, const Log& log, Events events)
    : loop_(loop), broker_(broker), log_(log), events_(std::move(events)) {}

Durability::~Durability() { loop_.unmark(*this); }

std::expected<void, std::string> Durability::restore(std::unique_ptr<store::Store> store) {
  store_ = std::move(store);
  const auto loaded = store_->load(read_clocks(), broker_.options().backlog,
                                   [this](Change&& change) { broker_.restore(std::move(change)); });
  if (!loaded) return std::unexpected(loaded.error());
  for (const std::string& damage : *loaded) log_.warning("{}", damage);
  broker_.end_of_restore(loop_.now());
  committer_ = std::make_unique<Committer>(
      loop_, *store_,
      Committer::Events{.on_committed = [this](std::uint64_t batch) { committed(batch); },
                        .on_commit_failed =
                            [this](const std::string& failure) {
                              log_.error("{}: nothing is acknowledged until it works again",
                                         failure);
                            },
                        .on_fetch_failed =
                            [this](const std::string& failure) {
                              log_.error("{}: messages that wait on disk have to wait on", failure);
                            }});
  changed();
  return {};
}

void Durability::changed() {
  if (committer_ && broker_.journal().has_open_changes()) loop_.mark(*this);
}

void Durability::fetch(const BacklogRequest& request, Committer::TakePage take) {
  if (!committer_) return;
  committer_->fetch(broker_.journal().latest_batch(), request,
                    [this, take = std::move(take)](BacklogPage&& page) {
                      if (page.damaged > 0)
                        log_.warning(
                            "store: {} of the messages that wait on disk are damaged and "
                            "left out",
                            page.damaged);
                      take(std::move(page));
                    });
}

bool Durability::is_behind() const { return committer_ && committer_->backlog_bytes() > kBacklog; }

void Durability::flush() { submit(); }

void Durability::submit() {
  if (!broker_.journal().has_open_changes()) return;
  auto [batch, changes] = broker_.journal().take();
  committer_->submit(batch, std::move(changes));
  was_behind_ |= is_behind();
}

void Durability::committed(std::uint64_t batch) {
  broker_.journal().committed(batch);
  events_.on_committed();
  if (was_behind_ && !is_behind()) {
    was_behind_ = false;
    events_.on_relieved();
  }
}

std::expected<void, std::string> Durability::finish() {
  if (!committer_) return {};
  submit();
  return committer_->flush_and_stop(kPatience);
}

}  // namespace mqtt::server
