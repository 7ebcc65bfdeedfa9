#include "tools/mq-broker-lite/duration_value.hpp"

#include "libmqtt/codec/encode.hpp"

namespace mq_broker_lite {
namespace {

/// Seconds of a unit; 0: no unit. A month is 30 days and a year 365, as mosquitto counts them.
std::uint64_t seconds_of(char unit) {
  constexpr std::uint64_t kHour = 3600;
  switch (unit) {
    case 'h':
      return kHour;
    case 'd':
      return 24 * kHour;
    case 'w':
      return 7 * 24 * kHour;
    case 'm':
      return 30 * 24 * kHour;
    case 'y':
      return 365 * 24 * kHour;
    default:
      return 0;
  }
}

}  // namespace

cli::Setter set_expiration(mqtt::Seconds& target) {
  return [&target](cli::Words words) -> cli::Complaint {
    constexpr std::string_view kNoun = "time (a number and h, d, w, m or y, like 14d)";
    const std::string_view text = words[0];
    const std::uint64_t unit = text.empty() ? 0 : seconds_of(text.back());
    if (unit == 0) return cli::is_not(text, kNoun);
    const auto count = cli::parse_number(text.substr(0, text.size() - 1),
                                         {.noun = kNoun, .least = 1, .most = 100'000});
    if (!count) return cli::is_not(text, kNoun);
    target = mqtt::Seconds(static_cast<std::int64_t>(*count * unit));
    return {};
  };
}

cli::Setter set_minutes(mqtt::Seconds& target) {
  return [&target](cli::Words words) -> cli::Complaint {
    const auto count =
        cli::parse_number(words[0], {.noun = "number of minutes", .least = 0, .most = 525'600});
    if (!count) return count.error();
    target = mqtt::Seconds(static_cast<std::int64_t>(*count * 60));
    return {};
  };
}

cli::Setter set_packet_size(std::uint32_t& target) {
  return [&target](cli::Words words) -> cli::Complaint {
    if (words[0] == "0") {
      target = mqtt::kMaximumPacketSize;
      return {};
    }
    return cli::set_number(
        target, {.noun = "number of bytes", .least = 20, .most = mqtt::kMaximumPacketSize})(words);
  };
}

}  // namespace mq_broker_lite
