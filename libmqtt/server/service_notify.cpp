#include "libmqtt/server/service_notify.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdlib>

namespace mqtt::server {
namespace {

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

std::optional<long long> number(std::string_view text) {
  long long value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value <= 0) return std::nullopt;
  return value;
}

}  // namespace

ServiceNotify::ServiceNotify(std::string_view socket, std::optional<Duration> watchdog) {
  const bool is_usable = socket.size() > 1 && socket.size() < sizeof(sockaddr_un::sun_path) &&
                         (socket[0] == '/' || socket[0] == '@');
  if (!is_usable) return;
  address_ = socket;
  if (address_[0] == '@') address_[0] = '\0';
  if (watchdog) interval_ = *watchdog / 2;
}

ServiceNotify ServiceNotify::from_environment() {
  std::optional<Duration> watchdog;
  const auto watched = number(environment("WATCHDOG_PID"));
  if (const auto microseconds = number(environment("WATCHDOG_USEC"));
      microseconds && (!watched || *watched == ::getpid()))
    watchdog = std::chrono::microseconds(*microseconds);
  return {environment("NOTIFY_SOCKET"), watchdog};
}

bool ServiceNotify::send(std::string_view text, bool may_wait) const {
  if (!is_wanted()) return false;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  address_.copy(address.sun_path, address_.size());
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size());
  const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return false;
  const timeval patience{.tv_sec = 1, .tv_usec = 0};
  ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  const auto sent =
      ::sendto(socket, text.data(), text.size(), MSG_NOSIGNAL | (may_wait ? 0 : MSG_DONTWAIT),
               reinterpret_cast<const sockaddr*>(&address), size);
  ::close(socket);
  return sent >= 0;
}

void ServiceNotify::ready(std::string_view status) const {
  send(fmt::format("READY=1\nSTATUS={}", status), true);
}

void ServiceNotify::reloading() const {
  const auto now = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now().time_since_epoch());
  send(fmt::format("RELOADING=1\nMONOTONIC_USEC={}", now.count()), true);
}

void ServiceNotify::stopping() const { send("STOPPING=1\nSTATUS=Shutting down", true); }

void ServiceNotify::alive() const { send("WATCHDOG=1", false); }

}  // namespace mqtt::server
