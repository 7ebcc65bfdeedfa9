#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "tests/support/pair.hpp"

using namespace mqtt;
using mqtt::test::Pair;
using mqtt::test::PairClient;
using mqtt::test::PairOptions;

// A broker with a store is killed at every single change of its state, and started again from what
// was committed: nothing that it had acknowledged may be lost, nothing of QoS 2 come twice.

namespace {

PairOptions with_store(unsigned commit_takes = 1) {
  PairOptions options;
  options.broker.has_store = true;
  options.commit_takes = commit_takes;
  return options;
}

ClientSessionOptions lasting(std::string_view client_id, Version version) {
  ClientSessionOptions options;
  options.connect.version = version;
  options.connect.client_id = Bytes::copy(client_id);
  options.connect.clean_start = false;
  if (version == Version::v5_0)
    options.connect.properties =
        PropertiesBuilder().add(property::session_expiry_interval, 3600U).build();
  return options;
}

/// Connects, and again for as long as crashes come in between.
void connect(Pair& pair, std::initializer_list<PairClient*> clients) {
  for (bool again = true; again;) {
    for (PairClient* client : clients)
      if (!client->is_connected()) client->connect();
    pair.settle();
    again = std::ranges::any_of(clients, [](PairClient* each) { return !each->is_connected(); });
  }
}

std::vector<std::string> payloads(const PairClient& client) {
  std::vector<std::string> all;
  for (const Publish& message : client.messages) all.emplace_back(message.payload.view());
  return all;
}

struct Course {
  unsigned crashes = 0;
  std::uint64_t changes = 0;
};

/// Twelve messages from a publisher to a subscriber that is there and to one that sleeps, with a
/// crash at that change; then both have to have every message, in order.
Course deliver_over_crash(Version version, Qos qos, unsigned commit_takes, std::uint64_t crash_at) {
  Pair pair(with_store(commit_takes));
  PairClient& awake = pair.add(lasting("awake", version));
  PairClient& sleeper = pair.add(lasting("sleeper", version));
  PairClient& publisher = pair.add(lasting("publisher", version));
  connect(pair, {&awake, &sleeper, &publisher});
  for (PairClient* client : {&awake, &sleeper}) client->subscribe("t/#");
  pair.settle();
  sleeper.cut();
  pair.crash_at(crash_at);
  std::vector<std::string> sent;
  for (int i = 0; i < 12; ++i) {
    sent.push_back("m" + std::to_string(i));
    publisher.publish(qos, "t/x", sent.back());
    if (i % 4 == 3) connect(pair, {&awake, &publisher});
  }
  connect(pair, {&awake, &publisher});
  connect(pair, {&sleeper});
  CAPTURE(crash_at);
  CHECK(publisher.finished.size() == sent.size());
  for (PairClient* client : {&awake, &sleeper}) {
    std::vector<std::string> got = payloads(*client);
    if (qos == Qos::at_least_once) {  // Repeats of a first order are allowed.
      std::vector<std::string> firsts;
      for (const std::string& each : got)
        if (std::ranges::find(firsts, each) == firsts.end()) firsts.push_back(each);
      got = firsts;
    }
    CHECK(got == sent);
  }
  return {pair.crashes(), pair.changes()};
}

void check_every_crash(Version version, Qos qos, unsigned commit_takes) {
  CAPTURE(static_cast<int>(version));
  CAPTURE(commit_takes);
  const Course undisturbed = deliver_over_crash(version, qos, commit_takes, UINT64_MAX);
  REQUIRE(undisturbed.changes > 50);
  for (std::uint64_t at = 1; at <= undisturbed.changes; ++at)
    CHECK(deliver_over_crash(version, qos, commit_takes, at).crashes == 1);
}

}  // namespace

TEST_CASE("QoS 2: a crash at any change loses nothing and doubles nothing") {
  for (const unsigned commit_takes : {1U, 3U, 7U}) {
    check_every_crash(Version::v5_0, Qos::exactly_once, commit_takes);
    check_every_crash(Version::v3_1_1, Qos::exactly_once, commit_takes);
  }
}

TEST_CASE("QoS 1: a crash at any change loses nothing") {
  for (const unsigned commit_takes : {1U, 3U, 7U}) {
    check_every_crash(Version::v5_0, Qos::at_least_once, commit_takes);
    check_every_crash(Version::v3_1_1, Qos::at_least_once, commit_takes);
  }
}
