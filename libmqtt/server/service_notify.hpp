#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "libmqtt/base/time.hpp"

namespace mqtt::server {

/// What a service manager is told: sd_notify(3)'s protocol, datagrams of KEY=VALUE lines to a Unix
/// socket. Without a socket nothing happens; nothing ever waits for the manager for long.
class ServiceNotify {
 public:
  ServiceNotify() = default;
  /// `socket`: a path, or "@name" of the abstract namespace. `watchdog`: the manager ends the
  /// service when it hears nothing for so long.
  ServiceNotify(std::string_view socket, std::optional<Duration> watchdog);
  /// As NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID say.
  static ServiceNotify from_environment();

  bool is_wanted() const { return !address_.empty(); }
  void ready(std::string_view status) const;
  /// With the monotonic time, as Type=notify-reload wants it; ready() ends it.
  void reloading() const;
  void stopping() const;
  void alive() const;
  /// How often to call alive(): twice in the manager's time.
  std::optional<Duration> watchdog_interval() const { return interval_; }

 private:
  bool send(std::string_view text, bool may_wait) const;

  std::string address_;  ///< sun_path as it goes into the kernel.
  std::optional<Duration> interval_;
};

}  // namespace mqtt::server
