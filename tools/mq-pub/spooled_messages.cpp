#include "tools/mq-pub/spooled_messages.hpp"

#include <fmt/format.h>

#include <utility>

#include "tools/common/terminal.hpp"
#include "tools/mq-pub/publish_packet.hpp"

namespace mq_pub {

SpooledMessages::SpooledMessages(std::unique_ptr<MessageSource> input, Spool spool,
                                 const Options& options)
    : input_(std::move(input)),
      spool_(std::move(spool)),
      prototype_(publish_prototype(options)),
      is_v5_(options.connection.effective_version() == mqtt::Version::v5_0) {}

void SpooledMessages::start(std::function<void()> on_ready) {
  on_ready_ = std::move(on_ready);
  is_sender_ = spool_.claim();
  look();
  input_->start([this] {
    keep();
    on_ready_();
  });
  keep();
}

void SpooledMessages::keep() {
  while (auto item = input_->next()) keep(std::move(*item));
}

void SpooledMessages::keep(Item item) {
  if (!item.problem.empty()) return problems_.push_back(std::move(item));
  mqtt::Publish message = prototype_;
  message.topic = std::move(item.topic);
  message.payload = std::move(item.payload);
  if (item.qos) message.qos = *item.qos;
  if (item.retain) message.retain = *item.retain;
  if (item.properties) message.properties = std::move(*item.properties);
  const auto id = spool_.add(message);
  if (!id) return problems_.push_back({{}, {}, id.error()});
  if (is_sender_) waiting_.push_back(*id);
}

std::optional<MessageSource::Item> SpooledMessages::next() {
  if (!problems_.empty()) {
    Item item = std::move(problems_.front());
    problems_.pop_front();
    return item;
  }
  if (waiting_.empty()) return std::nullopt;
  const Spool::Id id = waiting_.front();
  waiting_.pop_front();
  open_.insert(id);
  auto message = spool_.read(id);
  // Not given a ticket: what cannot be read stays for somebody to look at.
  if (!message) return Item{{}, {}, message.error()};
  Item item{std::move(message->topic), std::move(message->payload)};
  item.qos = message->qos;
  item.retain = message->retain;
  // Another run may have had -V 5.
  item.properties = is_v5_ ? std::move(message->properties) : mqtt::Properties{};
  item.ticket = id;
  return item;
}

bool SpooledMessages::is_done() const {
  return input_->is_done() && waiting_.empty() && problems_.empty();
}

void SpooledMessages::ended(std::uint64_t ticket) {
  if (const auto removed = spool_.remove(ticket); removed) {
    open_.erase(ticket);
  } else {  // It stays open: not to be sent again and again.
    problems_.push_back({{}, {}, removed.error()});
  }
  if (waiting_.empty() && open_.empty()) look();
}

void SpooledMessages::look() {
  if (!is_sender_) return;
  for (const Spool::Id id : spool_.waiting()) {
    if (!open_.contains(id)) waiting_.push_back(id);
  }
}

std::string SpooledMessages::kept() const {
  const std::size_t count = spool_.waiting().size();
  if (count == 0) return {};
  return fmt::format("{} {} in {}{}", count, count == 1 ? "message is kept" : "messages are kept",
                     cli::quoted(spool_.directory()),
                     is_sender_ ? "" : ", which another process is sending");
}

std::uint64_t SpooledMessages::stop() {
  keep();
  waiting_.clear();
  return input_->stop();
}

}  // namespace mq_pub
