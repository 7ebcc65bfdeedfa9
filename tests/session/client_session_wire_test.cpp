#include <doctest/doctest.h>

#include <cstdint>
#include <string>

#include "tests/session/client_bench.hpp"
#include "tests/support/wire_vectors.hpp"

// Whatever a server sends, a client session ends up in a defined state, at every chunk size the
// same.

using namespace mqtt;
using namespace mqtt::test;
using namespace mqtt::client_event;

namespace {

/// A CONNACK with or without the session.
std::string_view connack_of(Version version, bool is_resumed = true) {
  if (version == Version::v5_0) return is_resumed ? "20 [01 00 []]" : "20 [00 00 []]";
  return is_resumed ? "20 [01 00]" : "20 [00 00]";
}

ClientUnderTest online(Version version) {
  auto options = client_options(version);
  options.connect.clean_start = false;
  options.topic_alias_maximum = 3;
  ClientUnderTest client(options);
  client.go_online(connack_of(version));
  client.expect<Connected>();
  return client;
}

/// Numbers that look random and are the same in every run.
class Picker {
 public:
  std::size_t below(std::size_t bound) {
    state_ = state_ * 6'364'136'223'846'793'005U + 1'442'695'040'888'963'407U;
    return static_cast<std::size_t>(state_ >> 33U) % bound;
  }

 private:
  std::uint64_t state_ = 2026;
};

}  // namespace

TEST_CASE("Every packet that must be refused ends the connection, with a reason in 5.0") {
  for (const WireVector& row : wire_vectors()) {
    if (row.error() == nullptr) continue;
    CAPTURE(row.name);
    auto client = online(row.version);
    client.receive(row.wire);
    if (client.is_quiet()) continue;  // It breaks off before its end: more could follow.
    CHECK_FALSE(client.session().is_online());
    CHECK(client.sent().empty() == (row.version != Version::v5_0));
    CHECK(client.is_quiet());
  }
}

TEST_CASE("A packet that only a client sends ends the connection") {
  int count = 0;
  for (const WireVector& row : wire_vectors()) {
    if (row.packet() == nullptr) continue;
    const PacketType type = mqtt::type(*row.packet());
    if (type != PacketType::connect && type != PacketType::subscribe &&
        type != PacketType::unsubscribe && type != PacketType::pingreq)
      continue;
    CAPTURE(row.name);
    auto client = online(row.version);
    client.receive(row.wire);
    client.expect<Failed>();
    CHECK_FALSE(client.session().is_online());
    ++count;
  }
  CHECK(count > 10);
}

TEST_CASE("Packets in any order are taken or refused alike at every chunk size") {
  const auto& rows = wire_vectors();
  for (const auto version : {Version::v3_1, Version::v3_1_1, Version::v5_0}) {
    Picker pick;
    auto client = online(version);
    int reconnections = 0;
    for (int turn = 0; turn < 5'000; ++turn) {
      const WireVector& row = rows[pick.below(rows.size())];
      CAPTURE(row.name);
      // Mostly what a server may say, or the conversation never gets anywhere.
      if (row.version != version || (row.error() != nullptr && pick.below(20) != 0)) continue;
      client.publish(static_cast<Qos>(pick.below(3)), pick.below(2) == 0 ? "t" : "u");
      client.receive(row.wire);
      client.sent();
      while (!client.is_quiet()) {
      }
      if (client.session().is_online()) continue;
      ++reconnections;
      client.disconnect();
      client.go_online(connack_of(version, pick.below(2) == 0));
    }
    CHECK(reconnections > 10);
  }
}
