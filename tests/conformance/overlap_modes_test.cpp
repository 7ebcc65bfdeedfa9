#include <algorithm>
#include <memory>

#include "tests/conformance/delivery.hpp"

// How many copies our broker makes of a message that several subscriptions of one client match,
// where the standard leaves it the choice (5.0 §3.3.4, 3.1.1 §3.3.5): --overlap.

using namespace conformance;
using namespace conformance::wire;

namespace {

using support::BrokerProcess;

std::unique_ptr<BrokerProcess> broker_with_overlap(const std::string& mode) {
  return std::make_unique<BrokerProcess>(BrokerProcess::Kind::mq_broker_lite,
                                         std::vector<std::string>{"--overlap", mode});
}

struct Subscribed {
  std::string last_levels;
  unsigned options;
  std::uint32_t identifier = 0;  ///< 0: none.
};

/// "QoS RETAIN identifiers" of each copy, sorted, that a QoS 2 message with RETAIN to "…/x/y" makes
/// for a client with these subscriptions; `is_own`: when it is the client's own message.
std::vector<std::string> copies(const BrokerProcess& broker, Level level,
                                const std::vector<Subscribed>& subscriptions, bool is_own = false) {
  const std::string root = unique("overlap");
  Peer client(level, broker.port());
  client.connect(unique("client"));
  for (const auto& [last_levels, options, identifier] : subscriptions) {
    const std::string more =
        identifier == 0 ? "" : property(id::subscription_identifier, variable(identifier));
    client.subscribe(root + last_levels, options, more);
  }
  const PublishFields message{
      .topic = root + "/x/y", .payload = "x", .qos = 2, .packet_id = 1, .retain = true};
  if (is_own) {
    client.send(publish(level, message));
  } else {
    Peer publisher(level, broker.port());
    publisher.connect(unique("publisher"));
    hand_over(publisher, message);
  }
  std::vector<std::string> all;
  for (int time = 0; time < 2; ++time) {  // PINGRESP may overtake what is one's own, but not twice
    for (const Received& packet : client.pending()) {
      if (packet.type != kPublish) continue;
      std::string text = std::to_string(packet.qos) + (packet.retain ? " R" : " -");
      for (const std::string& each : packet.all_properties(id::subscription_identifier))
        text += " " + std::to_string(static_cast<unsigned char>(each[0]));
      all.push_back(text);
    }
  }
  std::ranges::sort(all);
  return all;
}

using Copies = std::vector<std::string>;

constexpr unsigned kNoLocal = 0x04;
constexpr unsigned kRetainAsPublished = 0x08;

}  // namespace

TEST_CASE("in 3.1.1 overlapping filters make one copy at the highest QoS, in either mode") {
  if (!can_start_own_broker("needs --overlap")) return;
  for (const std::string mode : {"by-identifier", "single"}) {
    CAPTURE(mode);
    const auto broker = broker_with_overlap(mode);
    CHECK(copies(*broker, Level::v3_1_1, {{"/#", 0}, {"/x/+", 2}, {"/x/y", 1}}) == Copies{"2 -"});
    CHECK(copies(*broker, Level::v3_1_1, {{"/x/y", 1}, {"/+/y", 0}}) == Copies{"1 -"});
    CHECK(copies(*broker, Level::v3_1_1, {{"/x/#", 0}, {"/x/y/#", 0}}) == Copies{"0 -"});
  }
}

TEST_CASE("by identifier: one copy for each, at the highest QoS of its filters") {
  if (!can_start_own_broker("needs --overlap")) return;
  const auto broker = broker_with_overlap("by-identifier");
  constexpr Level k5 = Level::v5_0;
  CHECK(copies(*broker, k5, {{"/#", 0}, {"/x/+", 2}, {"/x/y", 1}}) == Copies{"2 -"});
  CHECK(copies(*broker, k5, {{"/#", 0, 7}, {"/x/+", 2, 7}, {"/x/y", 1, 9}, {"/+/y", 0}}) ==
        Copies{"0 -", "1 - 9", "2 - 7"});
  CHECK(copies(*broker, k5, {{"/#", 1 | kRetainAsPublished, 7}, {"/x/y", 1, 9}}) ==
        Copies{"1 - 9", "1 R 7"});
  CHECK(copies(*broker, k5, {{"/#", 2 | kNoLocal, 7}, {"/x/y", 1, 7}, {"/+/y", kNoLocal}}, true) ==
        Copies{"1 - 7"});
}

TEST_CASE("single: one copy with every identifier, at the highest QoS") {
  if (!can_start_own_broker("needs --overlap single")) return;
  const auto broker = broker_with_overlap("single");
  constexpr Level k5 = Level::v5_0;
  CHECK(copies(*broker, k5, {{"/#", 0}, {"/x/+", 2}, {"/x/y", 1}}) == Copies{"2 -"});
  const auto merged = copies(*broker, k5, {{"/#", 0, 7}, {"/x/+", 2 | kRetainAsPublished, 9}});
  REQUIRE(merged.size() == 1);
  CHECK((merged[0] == "2 R 7 9" || merged[0] == "2 R 9 7"));
  CHECK(copies(*broker, k5, {{"/#", 2 | kNoLocal, 7}, {"/x/y", 1, 9}}, true) == Copies{"1 - 9"});
}
