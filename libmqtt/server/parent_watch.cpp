#include "libmqtt/server/parent_watch.hpp"

#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <utility>

namespace mqtt::server {

ParentWatch::ParentWatch(net::Loop& loop, int parent, std::function<void()> on_end)
    : loop_(loop), on_end_(std::move(on_end)) {
  descriptor_ = static_cast<int>(::syscall(SYS_pidfd_open, parent, 0));
  if (descriptor_ < 0) ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (descriptor_ >= 0 && loop_.watch(descriptor_, *this, EPOLLIN)) release();
  if (::getppid() != parent) ended();  // Before there was a watch, the number may be another's.
}

ParentWatch::~ParentWatch() { release(); }

void ParentWatch::on_ready(std::uint32_t) { ended(); }

void ParentWatch::ended() {
  release();
  asio::post(loop_.context(), [this, alive = std::weak_ptr(alive_)] {
    if (!alive.expired()) std::exchange(on_end_, [] {})();
  });
}

void ParentWatch::release() {
  if (descriptor_ < 0) return;
  loop_.unwatch(descriptor_, *this);
  ::close(std::exchange(descriptor_, -1));
}

}  // namespace mqtt::server
