#pragma once

#include <functional>
#include <memory>

#include "libmqtt/net/loop.hpp"

namespace mqtt::server {

/// Calls back once when the process that started this one has ended. The parent is watched by a
/// descriptor: PR_SET_PDEATHSIG would be forgotten when root becomes another user, and would fire
/// when only the parent's thread that started us ends; it is used where the kernel has no pidfd, as
/// SIGTERM.
class ParentWatch final : private net::Loop::Watcher {
 public:
  /// `parent`: getppid() as early as possible; one that has ended since is told of, too.
  ParentWatch(net::Loop& loop, int parent, std::function<void()> on_end);
  ~ParentWatch() override;
  ParentWatch(const ParentWatch&) = delete;
  ParentWatch& operator=(const ParentWatch&) = delete;

 private:
  void on_ready(std::uint32_t events) override;
  void ended();
  void release();

  net::Loop& loop_;
  std::function<void()> on_end_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  int descriptor_ = -1;
};

}  // namespace mqtt::server
