#pragma once

#include <cstddef>
#include <mutex>
#include <string>
#include <vector>

#include "libmqtt/store/coalesce.hpp"
#include "libmqtt/store/store.hpp"

namespace support {

/// A Store without a disk: it keeps what was committed, batch by batch, and loads the state that
/// this makes, in the order that a Store promises. A crash is to go on with the same MemoryStore
/// and a new broker: whatever was not committed is forgotten. Expires nothing; times stay as they
/// were given, so that the clock of the tests has to go on over a crash. Threads may share it;
/// committed() and batches() are to be read while nothing is being committed.
class MemoryStore final : public mqtt::store::Store {
 public:
  std::expected<void, std::string> commit(std::span<const mqtt::Change> changes,
                                          mqtt::store::ClockReading now) override;
  std::expected<std::vector<std::string>, std::string> load(mqtt::store::ClockReading now,
                                                            const mqtt::BacklogLimits& held,
                                                            const Replay& replay) override;
  std::expected<mqtt::BacklogPage, std::string> fetch(const mqtt::BacklogRequest& request,
                                                      mqtt::store::ClockReading now) override;
  void tidy(bool is_idle) override;

  /// The next `commits` fail with this text, and keep nothing.
  void fail_next(std::size_t commits, std::string text = "STORE: no space left on device");
  /// From now on every commit fails (or none any more).
  void fail_always(bool fails) { fail_next(fails ? SIZE_MAX : 0); }
  /// Goes back to the state after the first `changes` changes: a crash that came that early.
  void keep_first(std::size_t changes);

  /// Every change that has been committed, in order.
  const std::vector<mqtt::Change>& committed() const { return committed_; }
  /// How many changes each commit brought.
  const std::vector<std::size_t>& batches() const { return batches_; }
  std::size_t failed() const;
  /// Pages that were fetched, all in all.
  std::size_t fetched() const { return fetched_; }

 private:
  std::vector<mqtt::store::Step> state() const;
  std::uint64_t last_message() const;

  mutable std::mutex mutex_;
  std::vector<mqtt::Change> committed_;
  std::vector<std::size_t> batches_;
  std::size_t failures_left_ = 0;
  std::size_t failed_ = 0;
  std::string failure_;
  std::size_t fetched_ = 0;
};

}  // namespace support
