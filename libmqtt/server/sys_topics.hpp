#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "libmqtt/base/time.hpp"
#include "libmqtt/server/statistics.hpp"

namespace mqtt::server {

struct SysMessage {
  std::string topic;
  std::string payload;
  friend bool operator==(const SysMessage&, const SysMessage&) = default;
};

/// The $SYS/broker/ tree with mosquitto's names: turns readings of the statistics into the retained
/// messages that have changed since the reading before. Load averages are per minute, over the last
/// 1, 5 and 15 minutes, older times weighing exponentially less.
class SysTopics {
 public:
  /// `version`: "mq-broker-lite version 1.2.3".
  SysTopics(std::string_view version, TimePoint start);

  std::vector<SysMessage> update(const Statistics& statistics, TimePoint now);

 private:
  struct Load {
    std::uint64_t count = 0;
    std::array<double, 3> averages{};
  };
  void put(std::string topic, std::string payload, std::vector<SysMessage>& changed);
  void put_load(std::size_t index, std::uint64_t count, double minutes,
                std::vector<SysMessage>& changed);

  std::string version_;
  TimePoint last_;
  std::vector<Load> loads_;
  std::map<std::string, std::string, std::less<>> published_;
};

}  // namespace mqtt::server
