#include "libmqtt/server/committer.hpp"

#include <algorithm>
#include <iterator>
#include <system_error>

#include "libmqtt/server/signals_blocked.hpp"

namespace mqtt::server {
namespace {

constexpr std::size_t kSessionCost = 512;

std::size_t cost_of(const Change& change) {
  std::size_t cost = sizeof(Change);
  if (const auto* kept = std::get_if<change::MessageKept>(&change)) cost += kept->body->cost();
  if (const auto* made = std::get_if<change::Subscribed>(&change)) cost += made->filter.size();
  if (std::holds_alternative<change::SessionKept>(change)) cost += kSessionCost;
  return cost;
}

}  // namespace

store::ClockReading read_clocks() {
  using namespace std::chrono;
  return {.monotonic = TimePoint(steady_clock::now().time_since_epoch()),
          .wall = floor<milliseconds>(system_clock::now())};
}

Committer::Committer(net::Loop& loop, store::Store& store, Events events, Duration retry)
    : loop_(loop),
      store_(store),
      retry_(retry),
      receiver_(std::make_shared<Receiver>(std::move(events))) {
  const SignalsBlocked blocked;
  try {
    thread_ = std::thread([this] { run(); });
  } catch (const std::system_error& error) {
    failure_ = std::string("no thread for the store: ") + error.what();
    post([this](Receiver& receiver) { receiver.failed(failure_); });
  }
}

Committer::~Committer() { static_cast<void>(flush_and_stop(Duration::zero())); }

void Committer::submit(std::uint64_t batch, std::vector<Change> changes) {
  std::size_t bytes = 0;
  for (const Change& change : changes) bytes += cost_of(change);
  receiver_->open.push_back({batch, bytes});
  receiver_->backlog_bytes += bytes;
  if (!receiver_->work)
    receiver_->work.emplace(asio::require(loop_.context().get_executor(),
                                          asio::execution::outstanding_work_t::tracked_t()));
  {
    const std::lock_guard lock(mutex_);
    submitted_ = batch;
    if (waiting_.empty())
      waiting_ = std::move(changes);
    else
      std::ranges::move(changes, std::back_inserter(waiting_));
  }
  wake_.notify_one();
}

void Committer::fetch(std::uint64_t batch, const BacklogRequest& request, TakePage take) {
  {
    const std::lock_guard lock(mutex_);
    fetches_.push_back({batch, request, std::move(take)});
  }
  wake_.notify_one();
}

void Committer::retry_now() {
  {
    const std::lock_guard lock(mutex_);
    retries_now_ = true;
  }
  wake_.notify_one();
}

std::expected<void, std::string> Committer::flush_and_stop(Duration patience) {
  if (thread_.joinable()) {
    {
      const std::lock_guard lock(mutex_);
      is_stopping_ = true;
      retries_now_ = true;
      give_up_at_ = Clock::now() + patience;
    }
    wake_.notify_one();
    thread_.join();
  }
  if (!failure_.empty()) return std::unexpected(failure_);
  return {};
}

void Committer::Receiver::committed(std::uint64_t up_to) {
  is_failing = false;
  const auto end = std::ranges::find_if(open, [&](const OpenBatch& b) { return b.batch > up_to; });
  for (auto batch = open.begin(); batch != end; ++batch) backlog_bytes -= batch->bytes;
  open.erase(open.begin(), end);
  if (open.empty()) work.reset();
  events.on_committed(up_to);
}

void Committer::Receiver::failed(const std::string& failure) {
  is_failing = true;
  events.on_commit_failed(failure);
}

/// Runs `event` on the loop, unless the committer has ended by then.
template <class Event>
void Committer::post(Event event) {
  asio::post(loop_.context(), [weak = std::weak_ptr(receiver_), event = std::move(event)] {
    if (const auto receiver = weak.lock()) event(*receiver);
  });
}

void Committer::run() {
  Group group;
  for (Task task = next_task(group); task != Task::end; task = next_task(group)) {
    if (task == Task::give_up) {
      const std::lock_guard lock(mutex_);
      failure_ = group.failure;
      return;
    }
    if (task == Task::fetch)
      fetch_one();
    else
      commit(group);
  }
}

/// Waits for something to do.
Committer::Task Committer::next_task(const Group& group) {
  std::unique_lock lock(mutex_);
  for (;;) {
    const auto now = Clock::now();
    const auto fetch_at = is_stopping_ ? std::nullopt : next_fetch(group);
    const bool may_fetch = fetch_at && *fetch_at <= now;
    // In turn, so that neither holds up the other.
    if (may_fetch && !std::exchange(fetched_last_, true)) return Task::fetch;
    fetched_last_ = false;
    auto until = fetch_at.value_or(Clock::time_point::max());
    if (!group.has_failed) {
      if (submitted_ > group.up_to) return Task::commit;
      if (is_stopping_) return Task::end;
    } else {
      if (retries_now_ || group.retry_at <= now) return Task::commit;
      if (is_stopping_ && give_up_at_ <= now) return Task::give_up;
      until = std::min(until, group.retry_at);
      if (is_stopping_) until = std::min(until, give_up_at_);
    }
    if (may_fetch) return Task::fetch;
    if (until == Clock::time_point::max())
      wake_.wait(lock);
    else
      wake_.wait_until(lock, until);
  }
}

/// When the next page can be fetched; under the mutex.
std::optional<Committer::Clock::time_point> Committer::next_fetch(const Group& group) const {
  if (fetches_.empty() || fetches_.front().batch > group.committed) return std::nullopt;
  return fetch_again_at_;
}

/// Adds all that waits to be committed.
void Committer::collect(Group& group) {
  const std::lock_guard lock(mutex_);
  retries_now_ = false;
  group.up_to = submitted_;
  if (group.changes.empty())
    group.changes.swap(waiting_);
  else
    std::ranges::move(waiting_, std::back_inserter(group.changes));
  waiting_.clear();
}

void Committer::commit(Group& group) {
  collect(group);
  const auto done = store_.commit(group.changes, read_clocks());
  if (done) {
    post([up_to = group.up_to](Receiver& receiver) { receiver.committed(up_to); });
    group = Group{.changes = {}, .up_to = group.up_to, .committed = group.up_to};
    store_.tidy(is_idle(group));
    return;
  }
  if (!group.has_failed)
    post([failure = done.error()](Receiver& receiver) { receiver.failed(failure); });
  group.has_failed = true;
  group.retry_at = Clock::now() + retry_;
  group.failure = done.error();
}

/// The page that is to come first. Nobody else takes from the front.
void Committer::fetch_one() {
  BacklogRequest request;
  {
    const std::lock_guard lock(mutex_);
    request = fetches_.front().request;
  }
  auto page = store_.fetch(request, read_clocks());
  const std::lock_guard lock(mutex_);
  if (!page) {
    fetch_again_at_ = Clock::now() + retry_;
    if (!std::exchange(fetch_has_failed_, true))
      post([failure = page.error()](Receiver& receiver) {
        if (receiver.events.on_fetch_failed) receiver.events.on_fetch_failed(failure);
      });
    return;
  }
  fetch_has_failed_ = false;
  post([take = std::move(fetches_.front().take),
        page = std::make_shared<BacklogPage>(*std::move(page))](Receiver&) {
    take(std::move(*page));
  });
  fetches_.pop_front();
}

bool Committer::is_idle(const Group& group) {
  const std::lock_guard lock(mutex_);
  return submitted_ == group.up_to;
}

}  // namespace mqtt::server
