#include "libmqtt/server/log.hpp"

#include <array>
#include <chrono>
#include <cstdio>
#include <ctime>

namespace mqtt::server {

void Log::write(Level level, std::string_view text) {
  constexpr std::array<std::string_view, 4> kNames = {"error", "warning", "info", "info"};
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  const auto milliseconds =
      std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count();
  const std::time_t seconds = milliseconds / 1000;
  std::tm local{};
  localtime_r(&seconds, &local);
  std::array<char, 32> date{};
  std::array<char, 8> zone{};
  std::strftime(date.data(), date.size(), "%Y-%m-%dT%H:%M:%S", &local);
  std::strftime(zone.data(), zone.size(), "%z", &local);
  // One write a line: the lines of several processes on one file do not mix.
  const std::string line = fmt::format("{}.{:03}{} {}: {}\n", date.data(), milliseconds % 1000,
                                       zone.data(), kNames[static_cast<std::size_t>(level)], text);
  std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace mqtt::server
