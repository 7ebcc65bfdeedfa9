#include "libmqtt/server/sys_topics.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <set>

using namespace mqtt;
using namespace mqtt::server;

namespace {

const TimePoint kStart{std::chrono::hours(1)};
constexpr Duration kInterval = Seconds(10);

std::map<std::string, std::string> by_topic(const std::vector<SysMessage>& messages) {
  std::map<std::string, std::string> topics;
  for (const SysMessage& message : messages) topics[message.topic] = message.payload;
  return topics;
}

double number(const std::map<std::string, std::string>& topics, const std::string& topic) {
  REQUIRE(topics.contains("$SYS/broker/load/" + topic));
  return std::stod(topics.at("$SYS/broker/load/" + topic));
}

/// What mosquitto 2.0 publishes.
const std::set<std::string> kMosquittoTopics = {"version",
                                                "uptime",
                                                "bytes/received",
                                                "bytes/sent",
                                                "clients/active",
                                                "clients/connected",
                                                "clients/disconnected",
                                                "clients/expired",
                                                "clients/inactive",
                                                "clients/maximum",
                                                "clients/total",
                                                "heap/current",
                                                "heap/maximum",
                                                "load/bytes/received/1min",
                                                "load/bytes/received/5min",
                                                "load/bytes/received/15min",
                                                "load/bytes/sent/1min",
                                                "load/connections/1min",
                                                "load/messages/received/1min",
                                                "load/messages/sent/1min",
                                                "load/publish/dropped/1min",
                                                "load/publish/received/1min",
                                                "load/publish/sent/1min",
                                                "load/sockets/15min",
                                                "messages/received",
                                                "messages/sent",
                                                "messages/stored",
                                                "publish/bytes/received",
                                                "publish/bytes/sent",
                                                "publish/messages/dropped",
                                                "publish/messages/received",
                                                "publish/messages/sent",
                                                "retained messages/count",
                                                "shared_subscriptions/count",
                                                "store/messages/bytes",
                                                "store/messages/count",
                                                "subscriptions/count"};

}  // namespace

TEST_CASE("the first update has every topic that mosquitto has") {
  SysTopics topics("mq-broker-lite version 1.2.3", kStart);
  Statistics statistics;
  statistics.broker.clients_connected = 3;
  statistics.broker.clients_disconnected = 2;
  const auto first = by_topic(topics.update(statistics, kStart));
  for (const std::string& topic : kMosquittoTopics) {
    CAPTURE(topic);
    CHECK(first.contains("$SYS/broker/" + topic));
  }
  CHECK(first.at("$SYS/broker/version") == "mq-broker-lite version 1.2.3");
  CHECK(first.at("$SYS/broker/uptime") == "0 seconds");
  CHECK(first.at("$SYS/broker/clients/total") == "5");
  CHECK(first.at("$SYS/broker/clients/active") == "3");
  CHECK(first.at("$SYS/broker/load/sockets/1min") == "0.00");
}

TEST_CASE("after that only what has changed is published") {
  SysTopics topics("v", kStart);
  Statistics statistics;
  topics.update(statistics, kStart);
  CHECK(topics.update(statistics, kStart + kInterval).empty());
  statistics.uptime_seconds = 20;
  statistics.broker.retained_messages = 1;
  const auto changed = by_topic(topics.update(statistics, kStart + 2 * kInterval));
  CHECK(changed == std::map<std::string, std::string>{{"$SYS/broker/uptime", "20 seconds"},
                                                      {"$SYS/broker/retained messages/count", "1"},
                                                      {"$SYS/broker/messages/stored", "1"},
                                                      {"$SYS/broker/store/messages/count", "1"}});
}

TEST_CASE("a steady rate is what every load average comes to, the shorter ones sooner") {
  SysTopics topics("v", kStart);
  Statistics statistics;
  TimePoint now = kStart;
  std::map<std::string, std::string> all = by_topic(topics.update(statistics, now));
  const auto pass = [&](int steps, std::uint64_t packets) {
    for (int i = 0; i < steps; ++i) {
      now += kInterval;
      statistics.broker.traffic.packets_received += packets;
      for (const auto& [topic, payload] : by_topic(topics.update(statistics, now)))
        all[topic] = payload;
    }
  };
  pass(1, 100);  // 600 a minute
  CHECK(number(all, "messages/received/1min") ==
        doctest::Approx(600 * (1 - std::exp(-1.0 / 6))).epsilon(0.01));
  CHECK(number(all, "messages/received/15min") ==
        doctest::Approx(600 * (1 - std::exp(-1.0 / 90))).epsilon(0.01));
  pass(5, 100);
  CHECK(number(all, "messages/received/1min") > number(all, "messages/received/5min"));
  CHECK(number(all, "messages/received/5min") > number(all, "messages/received/15min"));
  pass(6 * 120, 100);
  CHECK(number(all, "messages/received/15min") == doctest::Approx(600).epsilon(0.01));
  pass(6, 0);
  CHECK(number(all, "messages/received/1min") ==
        doctest::Approx(600 * std::exp(-1.0)).epsilon(0.01));
  CHECK(number(all, "messages/sent/1min") == 0);
}

TEST_CASE("a late update counts the time that has really passed") {
  SysTopics topics("v", kStart);
  Statistics statistics;
  topics.update(statistics, kStart);
  statistics.connections.accepted = 60;
  const auto late = by_topic(topics.update(statistics, kStart + Seconds(3600)));
  CHECK(number(late, "sockets/1min") == 1.0);
  const auto at_once = topics.update(statistics, kStart + Seconds(3600));
  CHECK(at_once.empty());
}
