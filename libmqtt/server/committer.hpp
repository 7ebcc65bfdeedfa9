#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <expected>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "libmqtt/net/loop.hpp"
#include "libmqtt/store/store.hpp"

namespace mqtt::server {

/// Both clocks, now.
store::ClockReading read_clocks();

/// Commits batches of changes on a thread of its own, so that the loop never waits for a disk. What
/// has come while one commit was busy goes together in the next: the slower the disk, the larger
/// the groups. A commit that fails is tried again with all that came meanwhile, every second and
/// when asked, until it works; nothing is given up.
///
/// All calls and all events happen on the loop's thread; from the first call on the store belongs
/// to the committer's thread. The loop is kept running while a batch is open. Ends before the loop
/// and the store do.
class Committer {
 public:
  struct Events {
    /// Everything up to this batch is committed. After on_commit_failed: the store works again.
    std::function<void(std::uint64_t batch)> on_committed;
    /// Once, when commits begin to fail: one line, as the store says it.
    std::function<void(const std::string& failure)> on_commit_failed;
    /// Once, when pages of backlogs begin not to be had; they are asked for until they come.
    std::function<void(const std::string& failure)> on_fetch_failed = {};
  };
  using TakePage = std::function<void(BacklogPage&& page)>;

  Committer(net::Loop& loop, store::Store& store, Events events, Duration retry = Seconds(1));
  /// As flush_and_stop() without patience.
  ~Committer();
  Committer(const Committer&) = delete;
  Committer& operator=(const Committer&) = delete;

  /// Batches have rising numbers; an empty one is committed too.
  void submit(std::uint64_t batch, std::vector<Change> changes);
  /// Gives `take` a page of a backlog once all up to `batch` is committed.
  void fetch(std::uint64_t batch, const BacklogRequest& request, TakePage take);
  /// There may be room again: a failed commit does not wait any longer.
  void retry_now();

  /// What has been submitted and not yet told to be committed, roughly as it takes memory.
  std::size_t backlog_bytes() const { return receiver_->backlog_bytes; }
  std::size_t backlog_batches() const { return receiver_->open.size(); }
  /// Between on_commit_failed and the next on_committed.
  bool is_failing() const { return receiver_->is_failing; }

  /// Blocks until all is committed, or until a commit has failed and `patience` is over: then the
  /// error is the store's line. A single commit is waited for however long the disk takes. What is
  /// told by then is still to be delivered by the loop. Nothing can be submitted afterwards.
  std::expected<void, std::string> flush_and_stop(Duration patience);

 private:
  using Clock = std::chrono::steady_clock;
  using Work = decltype(asio::require(std::declval<asio::io_context::executor_type>(),
                                      asio::execution::outstanding_work_t::tracked_t()));
  struct OpenBatch {
    std::uint64_t batch = 0;
    std::size_t bytes = 0;
  };
  /// The loop's side: what the thread posts to, for as long as it is there.
  struct Receiver {
    explicit Receiver(Events told) : events(std::move(told)) {}
    void committed(std::uint64_t up_to);
    void failed(const std::string& failure);

    Events events;
    std::vector<OpenBatch> open;
    std::size_t backlog_bytes = 0;
    bool is_failing = false;
    std::optional<Work> work;  ///< While batches are open.
  };
  /// What one commit is made of.
  struct Group {
    std::vector<Change> changes;
    std::uint64_t up_to = 0;
    std::uint64_t committed = 0;  ///< All up to here.
    bool has_failed = false;      ///< Then, why, and when it is tried again.
    std::string failure = {};
    Clock::time_point retry_at = {};
  };
  struct Fetch {
    std::uint64_t batch = 0;  ///< To be committed before.
    BacklogRequest request;
    TakePage take;
  };
  enum class Task : std::uint8_t { commit, fetch, give_up, end };

  void run();
  Task next_task(const Group& group);
  std::optional<Clock::time_point> next_fetch(const Group& group) const;
  void collect(Group& group);
  void commit(Group& group);
  void fetch_one();
  bool is_idle(const Group& group);
  template <class Event>
  void post(Event event);

  net::Loop& loop_;
  store::Store& store_;
  const Duration retry_;
  std::shared_ptr<Receiver> receiver_;

  std::mutex mutex_;
  std::condition_variable wake_;
  // Under mutex_:
  std::vector<Change> waiting_;
  std::uint64_t submitted_ = 0;  ///< The last batch in waiting_, or taken out of it.
  std::deque<Fetch> fetches_;
  Clock::time_point fetch_again_at_;  ///< After one that has failed.
  bool retries_now_ = false;
  bool is_stopping_ = false;
  Clock::time_point give_up_at_;
  std::string failure_;  ///< Why the thread has given up.

  // The thread's own:
  bool fetch_has_failed_ = false;
  bool fetched_last_ = false;  ///< Its last task was that.
  std::thread thread_;
};

}  // namespace mqtt::server
