#include "tests/support/memory_store.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

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
                                                                       const BacklogLimits& held,
                                                                       const Replay& replay) {
  const std::lock_guard lock(mutex_);
  std::size_t waiting = 0;
  change::BacklogLeft left;
  const auto end_queue = [&](std::uint64_t next) {
    if (next == left.session) return;
    if (left.backlog.messages > 0) replay(Change(left));
    waiting = 0;
    left = {.session = next, .backlog = {}, .last_message = last_message()};
  };
  for (const store::Step& step : state()) {
    Change change = *step.change;
    auto* queued = std::get_if<change::Queued>(&change);
    end_queue(queued != nullptr ? queued->session : 0);
    if (step.sent != nullptr && step.sent->stage == OutgoingFlights::Stage::pubrel_sent)
      queued->message = 0;
    if (queued != nullptr && step.sent == nullptr && ++waiting > held.offline_messages) {
      if (left.backlog.messages++ == 0) left.backlog.after = queued->position - 1;
      left.backlog.last = queued->position;
      continue;
    }
    replay(std::move(change));
    if (step.sent != nullptr) replay(Change(*step.sent));
  }
  end_queue(0);
  return {};
}

/// Of a whole life, coalescing leaves what has not been taken back: the state, in the order of
/// load(). Under the mutex.
std::vector<store::Step> MemoryStore::state() const {
  std::set<std::uint64_t> ended;
  for (const Change& change : committed_)
    if (const auto* end = std::get_if<change::SessionEnded>(&change)) ended.insert(end->session);
  std::vector<store::Step> steps = store::coalesce(committed_);
  std::erase_if(steps, [&](const store::Step& step) {
    const auto* queued = std::get_if<change::Queued>(step.change);
    return order(step) == Order{} || (queued != nullptr && ended.contains(queued->session));
  });
  std::ranges::stable_sort(steps, {}, order);
  return steps;
}

std::uint64_t MemoryStore::last_message() const {
  std::uint64_t last = 0;
  for (const Change& change : committed_)
    if (const auto* kept = std::get_if<change::MessageKept>(&change))
      last = std::max(last, kept->message);
  return last;
}

std::expected<BacklogPage, std::string> MemoryStore::fetch(const BacklogRequest& request,
                                                           store::ClockReading) {
  const std::lock_guard lock(mutex_);
  ++fetched_;
  BacklogPage page{.request = request, .waiting = {}, .reaches = request.last};
  std::map<std::uint64_t, MessagePtr> bodies;
  for (const store::Step& step : state()) {
    if (const auto* kept = std::get_if<change::MessageKept>(step.change))
      bodies[kept->message] = MessagePtr::make(Message(*kept->body));
    const auto* queued = std::get_if<change::Queued>(step.change);
    if (queued == nullptr || queued->session != request.session || step.sent != nullptr) continue;
    if (queued->position <= request.after || queued->position > request.last) continue;
    page.waiting.push_back({*queued, bodies.at(queued->message)});
    if (page.waiting.size() < request.messages) continue;
    page.reaches = queued->position;
    break;
  }
  return page;
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
