#include "libmqtt/server/log_line.hpp"

#include <fmt/format.h>

#include <array>
#include <ctime>
#include <iterator>

#include "libmqtt/base/escape.hpp"
#include "libmqtt/base/json_string.hpp"

namespace mqtt::server {
namespace {

/// More of a client id than this tells nobody more.
constexpr std::size_t kLongestName = 256;

constexpr LogKinds kAllKinds = 0x7F;

struct LogType {
  std::string_view word;
  LogKinds kinds;
};

/// mosquitto tells who comes and goes with its notices, and of nothing else under "information"
/// that we would have.
constexpr std::array kTypes = {
    LogType{"error", bit(LogKind::error)},
    LogType{"warning", bit(LogKind::warning)},
    LogType{"notice", bit(LogKind::notice) | bit(LogKind::connection)},
    LogType{"information", bit(LogKind::notice)},
    LogType{"subscribe", bit(LogKind::subscription)},
    LogType{"unsubscribe", bit(LogKind::unsubscription)},
    LogType{"websockets", 0},
    LogType{"debug", bit(LogKind::debug)},
    LogType{"all", kAllKinds},
    LogType{"none", 0},
};

std::optional<LogKinds> find_type(std::string_view word) {
  for (const LogType& type : kTypes)
    if (type.word == word) return type.kinds;
  return std::nullopt;
}

LogKinds kinds_up_to(LogSettings::Level level) {
  switch (level) {
    case LogSettings::Level::error:
      return bit(LogKind::error);
    case LogSettings::Level::warning:
      return bit(LogKind::error) | bit(LogKind::warning);
    case LogSettings::Level::notice:
      return bit(LogKind::error) | bit(LogKind::warning) | bit(LogKind::notice);
    case LogSettings::Level::detail:
      return kAllKinds & static_cast<LogKinds>(~bit(LogKind::debug));
    case LogSettings::Level::debug:
      return kAllKinds;
  }
  return kAllKinds;
}

std::string_view name(LogKind kind) {
  constexpr std::array<std::string_view, 7> kNames = {"error", "warning", "notice", "info",
                                                      "info",  "info",    "debug"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::string strftime_text(const char* format, const std::tm& time) {
  std::array<char, 256> text{};
  return {text.data(), std::strftime(text.data(), text.size(), format, &time)};
}

std::string timestamp(const LogSettings& settings, WallTime now) {
  const auto milliseconds =
      std::chrono::floor<std::chrono::milliseconds>(now.time_since_epoch()).count();
  const std::time_t seconds = milliseconds / 1000;
  std::tm local{};
  localtime_r(&seconds, &local);
  if (!settings.timestamp_format.empty())
    return escaped(strftime_text(settings.timestamp_format.c_str(), local));
  return fmt::format("{}.{:03}{}", strftime_text("%Y-%m-%dT%H:%M:%S", local), milliseconds % 1000,
                     strftime_text("%z", local));
}

void append_member(std::string& out, std::string_view name, std::string_view text) {
  if (text.empty()) return;
  if (out.size() > 1) out += ',';
  fmt::format_to(std::back_inserter(out), "\"{}\":", name);
  append_json_string(out, text.substr(0, kLongestName));
}

}  // namespace

bool is_log_type(std::string_view word) { return find_type(word).has_value(); }

LogKinds kinds_of(const LogSettings& settings) {
  LogKinds kinds = settings.types.empty() ? kinds_up_to(settings.level) : LogKinds{0};
  for (const std::string& word : settings.types)
    kinds = static_cast<LogKinds>(kinds | find_type(word).value_or(0));
  if (!settings.connection_messages)
    kinds = static_cast<LogKinds>(kinds & ~bit(LogKind::connection));
  return kinds;
}

std::string log_line(const LogSettings& settings, LogKind kind, const LogSubject& subject,
                     std::string_view event, std::optional<WallTime> when) {
  const std::string time = when ? timestamp(settings, *when) : std::string();
  if (settings.format == LogSettings::Format::json) {
    std::string line = "{";
    append_member(line, "time", time);
    append_member(line, "level", name(kind));
    line += ",\"event\":";
    append_json_string(line, event);
    append_member(line, "client", subject.client);
    append_member(line, "peer", subject.peer);
    return line + "}\n";
  }
  std::string line = time.empty() ? std::string() : time + " ";
  line += fmt::format("{}: ", name(kind));
  if (!subject.client.empty())
    line += "client " + quoted(subject.client) + " ";
  else if (!subject.peer.empty())
    line += "peer " + escaped(subject.peer) + " ";
  return line.append(event) + "\n";
}

}  // namespace mqtt::server
