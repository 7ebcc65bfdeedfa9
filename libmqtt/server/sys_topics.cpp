#include "libmqtt/server/sys_topics.hpp"

#include <fmt/format.h>

#include <cmath>
#include <utility>

namespace mqtt::server {
namespace {

struct Span {
  std::string_view name;
  double minutes;
};
constexpr std::array kSpans = {Span{"1min", 1}, Span{"5min", 5}, Span{"15min", 15}};

double minutes_between(TimePoint from, TimePoint to) {
  return std::chrono::duration<double, std::ratio<60>>(to - from).count();
}

}  // namespace

SysTopics::SysTopics(std::string_view version, TimePoint start)
    : version_(version), last_(start), loads_(load_rows().size()) {}

std::vector<SysMessage> SysTopics::update(const Statistics& statistics, TimePoint now) {
  std::vector<SysMessage> changed;
  put("version", version_, changed);
  put("uptime", fmt::format("{} seconds", statistics.uptime_seconds), changed);
  for (const StatisticRow& row : statistic_rows())
    if (!row.topic.empty())
      put(std::string(row.topic), std::to_string(row.value(statistics)), changed);
  const double minutes = minutes_between(std::exchange(last_, now), now);
  for (std::size_t i = 0; i < loads_.size(); ++i)
    put_load(i, load_rows()[i].value(statistics), minutes, changed);
  return changed;
}

void SysTopics::put_load(std::size_t index, std::uint64_t count, double minutes,
                         std::vector<SysMessage>& changed) {
  Load& load = loads_[index];
  const auto added = static_cast<double>(count - std::exchange(load.count, count));
  for (std::size_t i = 0; i < kSpans.size(); ++i) {
    double& average = load.averages[i];
    if (minutes > 0) {
      const double rate = added / minutes;
      average = rate + std::exp(-minutes / kSpans[i].minutes) * (average - rate);
    }
    put(fmt::format("{}/{}", load_rows()[index].topic, kSpans[i].name),
        fmt::format("{:.2f}", average), changed);
  }
}

void SysTopics::put(std::string topic, std::string payload, std::vector<SysMessage>& changed) {
  std::string& before = published_[topic];
  if (before == payload) return;
  before = payload;
  changed.push_back({"$SYS/broker/" + std::move(topic), std::move(payload)});
}

}  // namespace mqtt::server
