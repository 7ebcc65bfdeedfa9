#include "tools/common/receive_time.hpp"

#include <array>

namespace cli {

ReceiveTime receive_time_now() {
  std::timespec now{};
  std::timespec_get(&now, TIME_UTC);
  ReceiveTime time;
  time.seconds = now.tv_sec;
  time.nanoseconds = static_cast<std::uint32_t>(now.tv_nsec);
  ::localtime_r(&now.tv_sec, &time.local);
  return time;
}

void append_strftime(std::string& out, const ReceiveTime& time, const char* conversions) {
  std::array<char, 256> text;
  out.append(text.data(), std::strftime(text.data(), text.size(), conversions, &time.local));
}

}  // namespace cli
