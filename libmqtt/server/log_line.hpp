#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "libmqtt/server/log_settings.hpp"

namespace mqtt::server {

/// What a line tells of. Levels add kinds: notice those up to notice, detail all but debug.
enum class LogKind : std::uint8_t {
  error,
  warning,
  notice,
  connection,
  subscription,
  unsubscription,
  debug
};

using WallTime = std::chrono::system_clock::time_point;

/// A set of kinds, a bit each.
using LogKinds = std::uint8_t;
constexpr LogKinds bit(LogKind kind) {
  return static_cast<LogKinds>(1U << static_cast<unsigned>(kind));
}
/// Which kinds the settings want.
LogKinds kinds_of(const LogSettings& settings);

/// Whom a line is about, as the peer's bytes are: the log escapes them. Either may be empty.
struct LogSubject {
  std::string_view client = {};  ///< Client id.
  std::string_view peer = {};    ///< Address and port.
};

/// One line, with its line feed; without the time where there is none. `event` is one line for
/// people already (what peers sent in it is quoted() or escaped()). Text:
/// `2026-11-22T08:44:58.120+0100 info: client 'x' connected`. JSON:
/// `{"time":"...","level":"info","event":"connected","client":"x","peer":"127.0.0.1:50123"}`.
std::string log_line(const LogSettings& settings, LogKind kind, const LogSubject& subject,
                     std::string_view event, std::optional<WallTime> when);

}  // namespace mqtt::server
