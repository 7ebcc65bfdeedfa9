#include "libmqtt/server/password_check.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>
#include <utility>

#include "libmqtt/server/signals_blocked.hpp"

namespace mqtt::server {
namespace {

/// The loop's own processor is left alone where there are several.
std::size_t maximum_threads() {
  return std::clamp<std::size_t>(std::thread::hardware_concurrency(), 2, 5) - 1;
}

/// Messages of connected clients go before the passwords of new ones; but on a machine that is busy
/// with something else these must not starve: CONNECT has its time limit.
constexpr int kNiceness = 3;

}  // namespace

PasswordCheck::PasswordCheck(net::Loop& loop, Done done)
    : loop_(loop), done_(std::make_shared<Done>(std::move(done))) {}

PasswordCheck::~PasswordCheck() {
  {
    const std::lock_guard lock(mutex_);
    stops_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

bool PasswordCheck::start(Request request) {
  const std::lock_guard lock(mutex_);
  if (waiting_.size() >= kMaximumWaiting) return false;
  if (idle_ <= waiting_.size() && threads_.size() < maximum_threads()) add_thread();
  if (threads_.empty()) return false;
  waiting_.push_back(std::move(request));
  changed_.notify_one();
  return true;
}

void PasswordCheck::cancel(std::uint64_t id) {
  const std::lock_guard lock(mutex_);
  std::erase_if(waiting_, [id](const Request& request) { return request.id == id; });
}

std::size_t PasswordCheck::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

void PasswordCheck::add_thread() {
  const SignalsBlocked blocked;
  try {
    threads_.emplace_back([this] { work(); });
  } catch (const std::system_error&) {
    // The threads that there are do it, if there are any.
  }
}

void PasswordCheck::work() {
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kNiceness);
  std::unique_lock lock(mutex_);
  while (!stops_) {
    if (waiting_.empty()) {
      ++idle_;
      changed_.wait(lock);
      --idle_;
      continue;
    }
    const Request request = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    const Verdict verdict = request.users->verify(request.username.view(), request.password.view());
    asio::post(loop_.context(), [done = std::weak_ptr(done_), id = request.id, verdict] {
      if (const auto alive = done.lock()) (*alive)(id, verdict);
    });
    lock.lock();
  }
}

}  // namespace mqtt::server
