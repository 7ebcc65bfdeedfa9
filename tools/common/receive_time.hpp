#pragma once

#include <cstdint>
#include <ctime>
#include <string>

namespace cli {

/// When a message was received. Whoever reads the clock fills it, so that formatting needs no
/// clock.
struct ReceiveTime {
  std::tm local{};           ///< With its offset to UTC.
  std::int64_t seconds = 0;  ///< Since 1970, UTC.
  std::uint32_t nanoseconds = 0;
};

/// Reads the system's clock and time zone.
ReceiveTime receive_time_now();

/// Appends strftime's text for one conversion or several ("%Y-%m-%d").
void append_strftime(std::string& out, const ReceiveTime& time, const char* conversions);

}  // namespace cli
