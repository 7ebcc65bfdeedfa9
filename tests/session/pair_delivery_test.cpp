#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "tests/support/pair.hpp"

// A publisher, a broker and a subscriber on lines that break: what each QoS promises.

using namespace mqtt;
using namespace mqtt::test;

namespace {

constexpr int kMessages = 15;  // Of the three QoS in turn.
constexpr auto kSuccess = ReasonCode::success;
using Numbers = std::vector<int>;

ClientSessionOptions client_options(Version version, std::string_view client_id,
                                    bool lasts = true) {
  ClientSessionOptions options;
  options.connect.version = version;
  options.connect.client_id = Bytes::copy(client_id);
  options.connect.clean_start = !lasts;
  if (lasts && version == Version::v5_0)
    options.connect.properties =
        PropertiesBuilder().add(property::session_expiry_interval, std::uint32_t{60}).build();
  return options;
}

/// The subscriber "to" is online and subscribed to everything, the publisher "from" is offline and
/// has published nothing.
struct Scene {
  Scene(Version version, const PairOptions& options, bool publisher_lasts = true)
      : pair(options),
        from(pair.add(client_options(version, "from", publisher_lasts))),
        to(pair.add(client_options(version, "to"))) {
    to.connect();
    pair.settle();
    to.subscribe("q/#");
    pair.settle();
  }

  void publish_all() {
    for (int number = 0; number < kMessages; ++number)
      from.publish(static_cast<Qos>(number % 3), "q/" + std::to_string(number % 3),
                   std::to_string(number));
  }
  /// Connects whoever has no line, the first time to be cut again, until all has come to its end.
  void finish(std::size_t second_cut) {
    pair.settle();
    for (const std::size_t budget : {second_cut, SIZE_MAX}) {
      for (PairClient* client : {&from, &to}) {
        if (client->is_connected()) continue;
        client->connect();
        client->cut_after(budget);
      }
      pair.settle();
    }
  }

  /// The numbers received of one QoS.
  Numbers numbers(int qos) const {
    Numbers found;
    for (const Publish& publish : to.messages)
      if (publish.topic.view().ends_with(std::to_string(qos)))
        found.push_back(std::stoi(std::string(publish.payload.view())));
    return found;
  }
  /// Whether all of the QoS 2 messages came, in order, each once [MQTT-4.3.3-2].
  bool has_exactly_once() const { return numbers(2) == published(2); }
  /// Whether all of the QoS 1 messages came; in order but for repeats [MQTT-4.3.2-2, 4.6.0-6].
  bool has_at_least_once() const { return without_repeats(numbers(1)) == published(1); }
  /// Whether QoS 0 messages came in order and none twice [MQTT-4.3.1-1].
  bool has_at_most_once() const {
    const Numbers found = numbers(0);
    return std::ranges::adjacent_find(found, std::greater_equal()) == found.end();
  }
  /// Whether the publisher was told once, with success, of the end of each of its messages.
  bool has_finished_all() const {
    std::set<std::uint64_t> tokens;
    for (const auto& finished : from.finished)
      if (finished.reason_code == kSuccess) tokens.insert(finished.token);
    return tokens.size() == kMessages && from.finished.size() == kMessages;
  }

  Pair pair;
  PairClient& from;
  PairClient& to;

 private:
  static Numbers published(int qos) {
    Numbers all;
    for (int number = qos; number < kMessages; number += 3) all.push_back(number);
    return all;
  }
  static Numbers without_repeats(const Numbers& numbers) {
    Numbers first;
    std::set<int> seen;
    for (const int number : numbers)
      if (seen.insert(number).second) first.push_back(number);
    return first;
  }
};

/// Runs a test for both versions, three chunk sizes, and cuts that the server sees or does not see.
template <class Test>
void in_every_way(Test test) {
  for (const auto version : {Version::v3_1_1, Version::v5_0})
    for (const std::size_t chunk : {std::size_t{1}, std::size_t{7}, SIZE_MAX})
      for (const bool is_silent : {false, true}) {
        CAPTURE(static_cast<int>(version));
        CAPTURE(chunk);
        CAPTURE(is_silent);
        PairOptions options;
        options.chunk = chunk;
        options.cuts_are_silent = is_silent;
        test(version, options);
      }
}

}  // namespace

TEST_CASE("Without a fault every message arrives once and in order, whatever the chunks") {
  in_every_way([](Version version, const PairOptions& options) {
    Scene scene(version, options);
    scene.from.connect();
    scene.pair.settle();
    scene.publish_all();
    scene.pair.settle();
    CHECK(scene.numbers(0) == Numbers{0, 3, 6, 9, 12});
    CHECK(scene.numbers(1) == Numbers{1, 4, 7, 10, 13});
    CHECK(scene.has_exactly_once());
    CHECK(scene.has_finished_all());
    CHECK(scene.from.session().unfinished() == 0);
  });
}

TEST_CASE("A publisher's line cut at any byte: QoS 1 is never lost, QoS 2 never lost nor doubled") {
  in_every_way([](Version version, const PairOptions& options) {
    Scene whole(version, options);
    whole.publish_all();
    whole.from.connect();
    whole.pair.settle();
    const std::size_t length = whole.from.bytes_moved();
    REQUIRE(length > 100);
    for (std::size_t cut = 1; cut <= length; ++cut) {
      CAPTURE(cut);
      Scene scene(version, options);
      scene.publish_all();
      scene.from.connect();
      scene.from.cut_after(cut);
      scene.finish(1 + cut * 37 % length);
      REQUIRE(scene.has_exactly_once());
      REQUIRE(scene.has_at_least_once());
      REQUIRE(scene.has_at_most_once());
      REQUIRE(scene.has_finished_all());
    }
  });
}

TEST_CASE(
    "A subscriber's line cut at any byte: QoS 1 is never lost, QoS 2 never lost nor doubled") {
  in_every_way([](Version version, const PairOptions& options) {
    Scene whole(version, options);
    const std::size_t before = whole.to.bytes_moved();
    whole.publish_all();
    whole.from.connect();
    whole.pair.settle();
    const std::size_t length = whole.to.bytes_moved() - before;
    REQUIRE(length > 100);
    for (std::size_t cut = 1; cut <= length; ++cut) {
      CAPTURE(cut);
      Scene scene(version, options);
      scene.publish_all();
      scene.from.connect();
      scene.to.cut_after(cut);
      scene.finish(1 + cut * 37 % length);
      REQUIRE(scene.has_exactly_once());
      REQUIRE(scene.has_at_least_once());
      REQUIRE(scene.has_at_most_once());
      REQUIRE(scene.has_finished_all());
    }
  });
}

TEST_CASE("A publisher without a lasting session loses nothing either: it publishes anew") {
  in_every_way([](Version version, const PairOptions& options) {
    for (std::size_t cut = 1; cut <= 200; ++cut) {
      CAPTURE(cut);
      Scene scene(version, options, false);
      scene.publish_all();
      scene.from.connect();
      scene.from.cut_after(cut);
      scene.finish(1 + cut * 37 % 200);
      const Numbers twos = scene.numbers(2);
      for (const int number : {2, 5, 8, 11, 14}) REQUIRE(std::ranges::count(twos, number) >= 1);
      REQUIRE(scene.has_at_least_once());
      REQUIRE(scene.has_finished_all());
    }
  });
}

TEST_CASE("On a slow line everything still comes in order") {
  in_every_way([](Version version, PairOptions options) {
    options.latency = std::chrono::milliseconds(150);
    Scene scene(version, options);
    scene.from.connect();
    scene.publish_all();
    scene.pair.settle();
    CHECK(scene.numbers(0) == Numbers{0, 3, 6, 9, 12});
    CHECK(scene.numbers(1) == Numbers{1, 4, 7, 10, 13});
    CHECK(scene.has_exactly_once());
    CHECK(scene.has_finished_all());
  });
}

TEST_CASE("More messages than any window or output holds at once all arrive, in order") {
  for (const auto version : {Version::v3_1_1, Version::v5_0}) {
    Pair pair;
    auto options = client_options(version, "from");
    options.maximum_in_flight = 10;
    PairClient& from = pair.add(options);
    PairClient& to = pair.add(client_options(version, "to"));
    for (PairClient* client : {&from, &to}) client->connect();
    pair.settle();
    to.subscribe("t");
    pair.settle();
    const std::string padding(1'000, '.');
    for (int number = 0; number < 900; ++number)
      from.publish(number % 2 == 0 ? Qos::exactly_once : Qos::at_least_once, "t",
                   std::to_string(number) + padding);
    for (int turn = 0; turn < 50; ++turn) {
      pair.settle();
      for (PairClient* client : {&from, &to}) {
        if (!client->is_connected()) client->connect();
        if (turn < 40) client->cut_after(20'000);
      }
    }
    pair.settle();
    CHECK(from.finished.size() == 900);
    Numbers twos;
    for (const Publish& publish : to.messages)
      if (publish.qos == Qos::exactly_once)
        twos.push_back(std::stoi(std::string(publish.payload.view())));
    REQUIRE(twos.size() == 450);
    for (int i = 0; i < 450; ++i) REQUIRE(twos[static_cast<std::size_t>(i)] == 2 * i);
  }
}
