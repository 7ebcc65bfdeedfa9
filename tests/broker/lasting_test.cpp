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

/// What a session may hold of its queue: everything here, or so little that most of it lies in the
/// store only.
const BacklogLimits kAllHeld{};
const BacklogLimits kHardlyAnyHeld{.offline_messages = 2,
                                   .offline_bytes = 1'000'000,
                                   .online_bytes = 150,
                                   .page_messages = 3,
                                   .page_bytes = 1'000'000,
                                   .low_mark = 1};

PairOptions with_store(const BacklogLimits& backlog, unsigned commit_takes = 1) {
  PairOptions options;
  options.broker.has_store = true;
  options.broker.backlog = backlog;
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
  std::size_t pages = 0;  ///< That were fetched.
};

struct Case {
  Version version;
  Qos qos;
  BacklogLimits backlog;
  unsigned commit_takes;
};

/// Twelve messages from a publisher to a subscriber that is there and to one that sleeps, with a
/// crash at that change; then both have to have every message, in order.
Course deliver_over_crash(const Case& it, std::uint64_t crash_at) {
  const auto [version, qos, backlog, commit_takes] = it;
  Pair pair(with_store(backlog, commit_takes));
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
  return {pair.crashes(), pair.changes(), pair.store().fetched()};
}

void check_every_crash(const Case& it) {
  CAPTURE(static_cast<int>(it.version));
  CAPTURE(it.commit_takes);
  const Course undisturbed = deliver_over_crash(it, UINT64_MAX);
  REQUIRE(undisturbed.changes > 50);
  REQUIRE((undisturbed.pages > 2) == (it.backlog.offline_messages == 2));
  for (std::uint64_t at = 1; at <= undisturbed.changes; ++at)
    CHECK(deliver_over_crash(it, at).crashes == 1);
}

void check_every_crash(Qos qos, const BacklogLimits& backlog) {
  for (const unsigned commit_takes : {1U, 3U, 7U})
    for (const Version version : {Version::v5_0, Version::v3_1_1})
      check_every_crash({version, qos, backlog, commit_takes});
}

}  // namespace

TEST_CASE("QoS 2: a crash at any change loses nothing and doubles nothing") {
  check_every_crash(Qos::exactly_once, kAllHeld);
}

TEST_CASE("QoS 1: a crash at any change loses nothing") {
  check_every_crash(Qos::at_least_once, kAllHeld);
}

TEST_CASE("QoS 2: nor does it where most of a queue lies in the store only") {
  check_every_crash(Qos::exactly_once, kHardlyAnyHeld);
}

TEST_CASE("QoS 1: nor does it where most of a queue lies in the store only") {
  check_every_crash(Qos::at_least_once, kHardlyAnyHeld);
}
