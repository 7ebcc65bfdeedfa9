#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mqtt::server {

struct LogSettings {
  enum class Format : std::uint8_t { text, json };
  enum class Level : std::uint8_t { error, warning, notice, detail, debug };
  Level level = Level::warning;
  Format format = Format::text;
  /// "stderr", "stdout", "syslog", "none", "file PATH"; empty: stderr.
  std::vector<std::string> destinations = {};
  /// Words of log_type, each is_log_type(); empty: as `level` says.
  std::vector<std::string> types = {};
  bool timestamp = true;
  std::string timestamp_format = {};  ///< strftime; empty: ISO 8601 with milliseconds and zone.
  bool connection_messages = true;
};

/// Whether mosquitto's log_type knows the word: error, warning, notice, information, subscribe,
/// unsubscribe, websockets, debug, all, none.
bool is_log_type(std::string_view word);

}  // namespace mqtt::server
