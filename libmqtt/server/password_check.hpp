#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "libmqtt/base/bytes.hpp"
#include "libmqtt/net/loop.hpp"
#include "libmqtt/server/password_file.hpp"

namespace mqtt::server {

/// Checks passwords beside the loop, on a few threads of lower priority that exist from the first
/// check on. All calls, and the answers, are on the loop's thread. A check is asked for and
/// answered by a number of the caller's: whoever it was for may be gone meanwhile.
class PasswordCheck {
 public:
  using Done = std::function<void(std::uint64_t id, Verdict verdict)>;
  struct Request {
    std::uint64_t id = 0;
    std::shared_ptr<const PasswordFile> users;
    Bytes username;
    Bytes password;
  };
  /// With what CONNECT may bring, 32 MiB of names and passwords at most.
  static constexpr std::size_t kMaximumWaiting = 512;

  PasswordCheck(net::Loop& loop, Done done);
  PasswordCheck(const PasswordCheck&) = delete;
  PasswordCheck& operator=(const PasswordCheck&) = delete;
  /// What waits is dropped, what is under way waited for; `done` is not called any more.
  ~PasswordCheck();

  /// False: too many wait already.
  bool start(Request request);
  /// Nobody wants to know any more; the answer may come still.
  void cancel(std::uint64_t id);
  std::size_t waiting() const;

 private:
  void add_thread();
  void work();

  net::Loop& loop_;
  std::shared_ptr<Done> done_;  ///< Gone when this is: answers under way find nobody.
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Request> waiting_;
  std::size_t idle_ = 0;
  bool stops_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace mqtt::server
