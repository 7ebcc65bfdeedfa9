#include "libmqtt/server/log_destination.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace mqtt::server {
namespace {

constexpr int kFacility = 3 << 3;  ///< LOG_DAEMON of RFC 3164 §4.1.1.

/// A pipe takes this much or nothing once it is writable (POSIX: at least 512, Linux: a page).
constexpr std::size_t kAtomic = 4096;

/// poll() first: where the descriptor could not be made non-blocking without doing the same to
/// everybody who shares it, the shell for one.
bool is_writable(int descriptor) {
  pollfd polled{descriptor, POLLOUT, 0};
  return ::poll(&polled, 1, 0) == 1 && (polled.revents & POLLOUT) != 0;
}

std::string error_of(const std::string& what) { return what + ": " + std::strerror(errno); }

}  // namespace

std::unique_ptr<LogDestination> LogDestination::standard(int descriptor) {
  struct stat status {};
  ::fstat(descriptor, &status);
  if (S_ISSOCK(status.st_mode))
    return std::unique_ptr<LogDestination>(new LogDestination(descriptor, Kind::socket, false));
  if (S_ISREG(status.st_mode) || (S_ISCHR(status.st_mode) && ::isatty(descriptor) == 0))
    return std::unique_ptr<LogDestination>(new LogDestination(descriptor, Kind::file, false));
  // A description of our own of the same pipe or terminal: non-blocking for us alone.
  const std::string path = "/proc/self/fd/" + std::to_string(descriptor);
  const int own = ::open(path.c_str(), O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  return std::unique_ptr<LogDestination>(
      new LogDestination(own >= 0 ? own : descriptor, Kind::stream, own >= 0));
}

std::expected<std::unique_ptr<LogDestination>, std::string> LogDestination::open(
    const std::string& name) {
  constexpr std::string_view kFile = "file ";
  if (name == "stderr") return standard(STDERR_FILENO);
  if (name == "stdout") return standard(STDOUT_FILENO);
  if (name == "syslog") return open_syslog("/dev/log");
  if (!name.starts_with(kFile)) return std::unexpected("log_dest " + name + ": unknown");
  const std::string path = name.substr(kFile.size());
  const int descriptor =
      ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0640);
  if (descriptor < 0) return std::unexpected(error_of("log file " + path));
  return std::unique_ptr<LogDestination>(new LogDestination(descriptor, Kind::file, true));
}

std::expected<std::unique_ptr<LogDestination>, std::string> LogDestination::open_syslog(
    const std::string& socket_path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket_path.size() >= sizeof address.sun_path)
    return std::unexpected("syslog " + socket_path + ": the path is too long");
  socket_path.copy(address.sun_path, socket_path.size());
  const int descriptor = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    const std::string error = error_of("syslog " + socket_path);
    ::close(descriptor);
    return std::unexpected(error);
  }
  return std::unique_ptr<LogDestination>(new LogDestination(descriptor, Kind::syslog, true));
}

LogDestination::~LogDestination() {
  if (is_owner_) ::close(descriptor_);
}

long LogDestination::transfer(std::string_view text) const {
  for (;;) {
    const bool is_socket = kind_ == Kind::socket || kind_ == Kind::syslog;
    const long count =
        is_socket ? ::send(descriptor_, text.data(), text.size(), MSG_DONTWAIT | MSG_NOSIGNAL)
                  : ::write(descriptor_, text.data(), text.size());
    if (count >= 0 || errno != EINTR) return count;
  }
}

bool LogDestination::flush_rest() {
  if (rest_.empty()) return true;
  if (const long count = transfer(rest_); count > 0)
    rest_.erase(0, static_cast<std::size_t>(count));
  return rest_.empty();
}

bool LogDestination::write(std::string_view line, int severity) {
  if (kind_ == Kind::syslog) {
    if (line.ends_with('\n')) line.remove_suffix(1);
    const std::string packet = fmt::format("<{}>mq-broker-lite[{}]: {}", kFacility + severity,
                                           static_cast<long>(::getpid()), line);
    if (transfer(packet) >= 0) return true;
    ++lost_;
    return false;
  }
  const bool must_ask = kind_ == Kind::stream && !is_owner_;
  const bool may_write = flush_rest() && (!must_ask || is_writable(descriptor_));
  const long count = may_write ? transfer(must_ask ? line.substr(0, kAtomic) : line) : -1;
  if (count <= 0) {
    ++lost_;
    return false;
  }
  rest_ = line.substr(static_cast<std::size_t>(count));
  return true;
}

}  // namespace mqtt::server
