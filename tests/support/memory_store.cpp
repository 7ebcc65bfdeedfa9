#include "tests/support/memory_store.hpp"

#include <algorithm>
#include <tuple>

#include "libmqtt/store/coalesce.hpp"

namespace support {
namespace {
using namespace mqtt;
using Order = std::tuple<int, std::uint64_t, std::uint64_t>;

/// Where load() gives a change that makes something; others say only what is gone.
Order order_of(const change::SessionKept& made) { return {1, made.session, 0}; }
Order order_of(const change::Subscribed& made) { return {2, made.session, 0}; }
Order order_of(const change::MessageKept& made) { return {3, made.message, 0}; }
Order order_of(const change::Queued& made) { return {4, made.session, made.position}; }
Order order_of(const change::Arrived& made) { return {5, made.session, made.packet_id}; }
Order order_of(const change::RetainedSet&) { return {6, 0, 0}; }
template <class Gone>
Order order_of(const Gone&) {
  return {0, 0, 0};
}

Order order(const store::Step& step) {
  return std::visit([](const auto& change) { return order_of(change); }, *step.change);
}

}  // namespace

std::expected<void, std::string> MemoryStore::commit(std::span<const Change> changes,
                                                     store::ClockReading) {
  const std::lock_guard lock(mutex_);
  if (failures_left_ > 0) {
    if (failures_left_ != SIZE_MAX) --failures_left_;
    ++failed_;
    return std::unexpected(failure_);
  }
  committed_.insert(committed_.end(), changes.begin(), changes.end());
  batches_.push_back(changes.size());
  return {};
}

std::expected<std::vector<std::string>, std::string> MemoryStore::load(store::ClockReading,
                                                                       const Replay& replay) {
  const std::lock_guard lock(mutex_);
  // Of a whole life, coalescing leaves what has not been taken back: the state.
  std::vector<Change> whole_life = committed_;
  std::vector<store::Step> steps = store::coalesce(whole_life);
  std::erase_if(steps, [](const store::Step& step) { return order(step) == Order{}; });
  std::ranges::stable_sort(steps, {}, order);
  for (const store::Step& step : steps) {
    Change change = *step.change;
    auto* queued = std::get_if<change::Queued>(&change);
    if (step.sent != nullptr && step.sent->stage == OutgoingFlights::Stage::pubrel_sent)
      queued->message = 0;
    replay(std::move(change));
    if (step.sent != nullptr) replay(Change(*step.sent));
  }
  return {};
}

void MemoryStore::tidy(bool) {}

void MemoryStore::fail_next(std::size_t commits, std::string text) {
  const std::lock_guard lock(mutex_);
  failures_left_ = commits;
  failure_ = std::move(text);
}

std::size_t MemoryStore::failed() const {
  const std::lock_guard lock(mutex_);
  return failed_;
}

void MemoryStore::keep_first(std::size_t changes) {
  const std::lock_guard lock(mutex_);
  committed_.resize(std::min(changes, committed_.size()));
}

}  // namespace support
