#pragma once

#include <fmt/core.h>

#include <string_view>
#include <utility>

namespace mqtt::server {

/// The broker's log: one line an event on stderr, "2026-11-22T08:44:58.120+0100 info: ...". Texts
/// that come from peers are passed through mqtt::quoted() or mqtt::escaped() by the caller.
class Log {
 public:
  enum class Level { error, warning, info, detail };

  explicit Log(Level level) : level_(level) {}
  bool has(Level level) const { return level <= level_; }

  template <class... Args>
  void error(fmt::format_string<Args...> format, Args&&... args) const {
    write(Level::error, fmt::format(format, std::forward<Args>(args)...));
  }
  template <class... Args>
  void warning(fmt::format_string<Args...> format, Args&&... args) const {
    if (has(Level::warning))
      write(Level::warning, fmt::format(format, std::forward<Args>(args)...));
  }
  template <class... Args>
  void info(fmt::format_string<Args...> format, Args&&... args) const {
    if (has(Level::info)) write(Level::info, fmt::format(format, std::forward<Args>(args)...));
  }
  /// A line per connection and subscription.
  template <class... Args>
  void detail(fmt::format_string<Args...> format, Args&&... args) const {
    if (has(Level::detail)) write(Level::detail, fmt::format(format, std::forward<Args>(args)...));
  }

 private:
  static void write(Level level, std::string_view text);
  Level level_;
};

}  // namespace mqtt::server
