#pragma once

#include <fmt/core.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libmqtt/server/log_line.hpp"
#include "libmqtt/server/log_settings.hpp"
#include "libmqtt/server/statistics.hpp"

namespace mqtt::server {

class LogDestination;

/// The broker's log: one line an event to each destination. It never waits for a reader and never
/// ends the broker: lines that a destination does not take are counted, and told of once it does.
/// Lines about one peer are limited (LogQuota), but for the packets that debug shows. Texts of
/// peers inside an event are passed through mqtt::quoted() or mqtt::escaped() by the caller; a
/// subject is not.
class Log {
 public:
  using Level = LogSettings::Level;

  explicit Log(const LogSettings& settings);
  explicit Log(Level level) : Log(LogSettings{.level = level}) {}
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  /// Takes other settings, and opens the destinations anew (a file that was moved away is created).
  /// One that can't be opened is told of by the others, or on stderr.
  void configure(const LogSettings& settings);
  /// Opens the destinations anew, and tries those again that failed.
  void reopen();
  /// Tells of peers whose lines were suppressed; to be called now and then.
  void tell_suppressed() const;

  bool has(LogKind kind) const { return (kinds_ & bit(kind)) != 0; }

  template <class... Args>
  void write(LogKind kind, const LogSubject& about, fmt::format_string<Args...> format,
             Args&&... args) const {
    if (has(kind)) write_line(kind, about, fmt::format(format, std::forward<Args>(args)...));
  }
  template <class... Args>
  void error(fmt::format_string<Args...> format, Args&&... args) const {
    write(LogKind::error, {}, format, std::forward<Args>(args)...);
  }
  template <class... Args>
  void warning(fmt::format_string<Args...> format, Args&&... args) const {
    write(LogKind::warning, {}, format, std::forward<Args>(args)...);
  }
  template <class... Args>
  void notice(fmt::format_string<Args...> format, Args&&... args) const {
    write(LogKind::notice, {}, format, std::forward<Args>(args)...);
  }
  /// What somebody has asked for: at the level notice, whatever the settings want.
  template <class... Args>
  void always(fmt::format_string<Args...> format, Args&&... args) const {
    write_line(LogKind::notice, {}, fmt::format(format, std::forward<Args>(args)...));
  }
  LogStatistics statistics() const;

 private:
  struct Outlets;
  void write_line(LogKind kind, const LogSubject& about, std::string_view event) const;
  void write_everywhere(LogKind kind, const LogSubject& about, std::string_view event) const;
  bool write_to(LogDestination& destination, LogKind kind, const LogSubject& about,
                std::string_view event) const;

  LogSettings settings_;
  LogKinds kinds_ = 0;
  std::unique_ptr<Outlets> outlets_;
};

}  // namespace mqtt::server
