#include "tools/common/printer.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "tools/common/terminal.hpp"

namespace cli {
namespace {

/// What a socket, or a pipe that is not our own, takes without blocking when poll() calls it
/// writable (PIPE_BUF, pipe(7)).
constexpr std::size_t kChunk = 4096;
/// Written text at the front of the buffer is dropped beyond this size.
constexpr std::size_t kCompactAbove = 64 * 1024;

/// A terminal may call itself writable and block all the same, halfway through a write; a pipe
/// takes no more than a page for sure. Opened once more they get flags of their own, so that
/// non-blocking stays with us. -1 when that is not allowed.
int reopen(int fd) {
  const std::string path = "/proc/self/fd/" + std::to_string(fd);
  return ::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

bool is_pipe(int fd) {
  struct stat state {};
  return ::fstat(fd, &state) == 0 && S_ISFIFO(state.st_mode);
}

}  // namespace

Printer::Printer(mqtt::net::Loop& loop, int fd, Handler& handler)
    : loop_(loop), handler_(handler), fd_(fd) {
  const int own = is_terminal(fd) || is_pipe(fd) ? reopen(fd) : -1;
  if (own >= 0) {
    fd_ = own;
    owns_fd_ = true;
  }
  // Regular files cannot be watched, and need not be: they never keep a writer waiting.
  is_watched_ = !loop_.watch(fd_, *this, 0);
}

Printer::~Printer() {
  loop_.unmark(*this);
  if (is_watched_) loop_.unwatch(fd_, *this);
  if (owns_fd_) ::close(fd_);
}

void Printer::flush() {
  while (!has_ended_ && pending() > 0 && write_some()) {
  }
  if (has_ended_) drop();
  const bool waits = is_watched_ && pending() > 0;
  if (waits != waits_to_write_) loop_.change(fd_, *this, waits ? EPOLLOUT : 0U);
  waits_to_write_ = waits;
  handler_.on_written();
}

bool Printer::is_writable_now() const {
  pollfd state{.fd = fd_, .events = POLLOUT, .revents = 0};
  return ::poll(&state, 1, 0) > 0;
}

bool Printer::write_some() {
  const bool may_block = is_watched_ && !owns_fd_;
  if (may_block && !is_writable_now()) return false;
  const std::size_t size = may_block ? std::min(pending(), kChunk) : pending();
  const ssize_t count = ::write(fd_, text_.data() + begin_, size);
  if (count >= 0) {
    consume(static_cast<std::size_t>(count));
    return true;
  }
  if (errno == EINTR) return true;
  if (errno != EAGAIN) end({errno, std::generic_category()});
  return false;
}

void Printer::consume(std::size_t count) {
  begin_ += count;
  written_ += count;
  if (begin_ == text_.size() || begin_ > kCompactAbove) {
    text_.erase(0, begin_);
    begin_ = 0;
  }
}

void Printer::drop() {
  text_.clear();
  begin_ = 0;
}

void Printer::on_ready(std::uint32_t events) {
  if ((events & (EPOLLERR | EPOLLHUP)) != 0) {
    end(std::make_error_code(std::errc::broken_pipe));
  } else {
    wake();
  }
}

void Printer::end(std::error_code reason) {
  has_ended_ = true;
  drop();
  if (is_watched_) loop_.unwatch(fd_, *this);
  is_watched_ = false;
  handler_.on_output_ended(reason);
}

}  // namespace cli
