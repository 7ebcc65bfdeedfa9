#include "libmqtt/session/inflight.hpp"

#include <doctest/doctest.h>

using namespace mqtt;

namespace {

Delivery delivery(Qos qos) {
  Message message;
  message.topic = Bytes::copy("t");
  Delivery made;
  made.message = MessagePtr::make(std::move(message));
  made.qos = qos;
  return made;
}

std::vector<std::uint16_t> open_ids(const OutgoingFlights& flights) {
  std::vector<std::uint16_t> ids;
  flights.for_each([&](const OutgoingFlights::Flight& flight) { ids.push_back(flight.packet_id); });
  return ids;
}

std::vector<std::uint16_t> resent_ids(OutgoingFlights& flights) {
  std::vector<std::uint16_t> ids;
  while (const auto* flight = flights.next_resend()) ids.push_back(flight->packet_id);
  return ids;
}

constexpr auto kQos1 = Qos::at_least_once;
constexpr auto kQos2 = Qos::exactly_once;
using Ids = std::vector<std::uint16_t>;
using Stage = OutgoingFlights::Stage;
using Arrival = IncomingFlights::Arrival;

}  // namespace

TEST_CASE("A QoS 1 flight ends with PUBACK and gives back the caller's number [MQTT-4.3.2-3]") {
  OutgoingFlights flights;
  flights.start(1, delivery(kQos1), 77);
  CHECK(flights.is_open(1));
  CHECK_FALSE(flights.finish(1, PacketType::pubrec));
  CHECK_FALSE(flights.finish(1, PacketType::pubcomp));
  CHECK_FALSE(flights.pubrec(1));
  const auto ended = flights.finish(1, PacketType::puback);
  REQUIRE(ended);
  CHECK(ended->tag == 77);
  CHECK(ended->delivery.message->topic.view() == "t");
  CHECK(flights.empty());
  CHECK_FALSE(flights.finish(1, PacketType::puback));
}

TEST_CASE(
    "A QoS 2 flight goes from PUBREC to PUBCOMP and drops its body in between [MQTT-4.3.3-4]") {
  OutgoingFlights flights;
  flights.start(1, delivery(kQos2), 5);
  CHECK_FALSE(flights.finish(1, PacketType::puback));
  CHECK_FALSE(flights.finish(1, PacketType::pubcomp));
  CHECK(flights.pubrec(1));
  CHECK(flights.pubrec(1));
  CHECK_FALSE(flights.finish(1, PacketType::pubrec));
  flights.for_each([](const OutgoingFlights::Flight& flight) {
    CHECK(flight.stage == Stage::pubrel_sent);
    CHECK_FALSE(flight.delivery.message);
  });
  CHECK(flights.finish(1, PacketType::pubcomp)->tag == 5);
  CHECK_FALSE(flights.pubrec(1));
}

TEST_CASE("PUBREC with a failure ends a QoS 2 flight") {
  OutgoingFlights flights;
  flights.start(9, delivery(kQos2));
  CHECK(flights.finish(9, PacketType::pubrec));
  CHECK(flights.empty());
}

TEST_CASE("No more flights are on the wire than the window allows [MQTT-4.9.0-2]") {
  OutgoingFlights flights;
  flights.set_window(2);
  flights.start(1, delivery(kQos1));
  CHECK(flights.has_room());
  flights.start(2, delivery(kQos2));
  CHECK_FALSE(flights.has_room());
  flights.pubrec(2);
  CHECK_FALSE(flights.has_room());
  flights.finish(2, PacketType::pubcomp);
  CHECK(flights.has_room());
}

TEST_CASE(
    "A resumed session sends everything open again in its original order [MQTT-4.4.0-1, 4.6.0-1]") {
  OutgoingFlights flights;
  for (std::uint16_t id = 1; id <= 5; ++id)
    flights.start(id, delivery(id % 2 == 0 ? kQos2 : kQos1));
  flights.finish(3, PacketType::puback);
  flights.pubrec(4);
  CHECK(flights.next_resend() == nullptr);
  flights.resume();
  CHECK_FALSE(flights.has_room());
  CHECK(flights.next_resend()->packet_id == 1);
  CHECK(flights.next_resend()->stage == Stage::publish_sent);
  CHECK(flights.next_resend()->stage == Stage::pubrel_sent);
  CHECK_FALSE(flights.has_room());
  CHECK(flights.next_resend()->packet_id == 5);
  CHECK(flights.next_resend() == nullptr);
  CHECK(flights.has_room());
}

TEST_CASE("Resending stops at a smaller window and goes on as answers come") {
  OutgoingFlights flights;
  for (std::uint16_t id = 1; id <= 4; ++id) flights.start(id, delivery(kQos1));
  flights.set_window(2);
  flights.resume();
  CHECK(resent_ids(flights) == Ids{1, 2});
  flights.finish(2, PacketType::puback);
  CHECK(resent_ids(flights) == Ids{3});
  SUBCASE("and starts anew when the connection is lost again") {
    flights.resume();
    CHECK(resent_ids(flights) == Ids{1, 3});
  }
  SUBCASE("and skips what was answered before its turn") {
    flights.finish(4, PacketType::puback);
    flights.finish(1, PacketType::puback);
    CHECK(resent_ids(flights).empty());
    CHECK(flights.has_room());
    CHECK(open_ids(flights) == Ids{3});
  }
}

TEST_CASE(
    "A full window does not hold back PUBREL, which goes ahead of waiting PUBLISH packets "
    "[MQTT-3.3.4-8, 3.3.4-10]") {
  OutgoingFlights flights;
  for (std::uint16_t id = 1; id <= 6; ++id) flights.start(id, delivery(kQos2));
  for (const std::uint16_t id : Ids{3, 5, 6}) flights.pubrec(id);
  flights.set_window(1);
  flights.resume();
  CHECK(resent_ids(flights) == Ids{1, 3, 5, 6});
  flights.finish(3, PacketType::pubcomp);
  flights.finish(6, PacketType::pubcomp);
  flights.finish(1, PacketType::pubrec);
  CHECK(resent_ids(flights).empty());  // 5 is open
  flights.finish(5, PacketType::pubcomp);
  CHECK(resent_ids(flights) == Ids{2});
  flights.finish(2, PacketType::pubrec);
  CHECK(resent_ids(flights) == Ids{4});
  CHECK_FALSE(flights.has_room());
  flights.finish(4, PacketType::pubrec);
  CHECK(flights.has_room());
  CHECK(flights.empty());
}

TEST_CASE("Answers in any order leave the rest in order, and memory does not grow with them") {
  OutgoingFlights flights;
  std::uint16_t id = 0;
  flights.start(++id, delivery(kQos1));
  for (int turn = 0; turn < 100'000; ++turn) {  // Flight 1 stays open while the ids wrap.
    if (++id == 0) id = 2;
    if (id == 1) id = 2;
    flights.start(id, delivery(kQos1), static_cast<std::uint64_t>(turn));
    REQUIRE(flights.finish(id, PacketType::puback)->tag == static_cast<std::uint64_t>(turn));
  }
  CHECK(open_ids(flights) == Ids{1});
}

TEST_CASE("65,535 flights can be open at once and each is found") {
  OutgoingFlights flights;
  for (std::uint32_t id = 1; id <= 65'535; ++id)
    flights.start(static_cast<std::uint16_t>(id), delivery(kQos1), id);
  CHECK_FALSE(flights.has_room());
  for (std::uint32_t id = 65'535; id > 2; id -= 2)
    REQUIRE(flights.finish(static_cast<std::uint16_t>(id), PacketType::puback)->tag == id);
  CHECK(flights.size() == 32'768);
  std::uint32_t expected = 1;
  flights.for_each([&](const OutgoingFlights::Flight& flight) {
    REQUIRE(flight.tag == expected);
    expected += expected == 1 ? 1 : 2;
  });
}

TEST_CASE("A session that ended gives up its flights in order") {
  OutgoingFlights flights;
  for (std::uint16_t id = 1; id <= 9; ++id) flights.start(id, delivery(kQos2), id);
  flights.pubrec(2);
  Ids drained;
  flights.drain([&](OutgoingFlights::Flight& flight) { drained.push_back(flight.packet_id); });
  CHECK(drained == Ids{1, 2, 3, 4, 5, 6, 7, 8, 9});
  CHECK(flights.empty());
  CHECK_FALSE(flights.is_open(1));
  flights.start(1, delivery(kQos1));
  CHECK(open_ids(flights) == Ids{1});
}

TEST_CASE("A QoS 2 message is handed on once until its id is released [MQTT-4.3.3-10, 4.3.3-12]") {
  IncomingFlights flights;
  CHECK(flights.arrived(1, kQos2) == Arrival::fresh);
  CHECK(flights.arrived(1, kQos2) == Arrival::duplicate);
  flights.connection_lost();
  CHECK(flights.arrived(1, kQos2) == Arrival::duplicate);
  CHECK(flights.open_qos2() == 1);
  CHECK(flights.release(1));
  CHECK_FALSE(flights.release(1));
  CHECK(flights.arrived(1, kQos2) == Arrival::fresh);
  flights.clear();
  CHECK_FALSE(flights.release(1));
}

TEST_CASE("A QoS 2 message refused in PUBREC frees its id [MQTT-4.3.3-9]") {
  IncomingFlights flights;
  flights.arrived(1, kQos2);
  flights.acknowledged(1, kQos2);
  CHECK(flights.arrived(1, kQos2) == Arrival::fresh);
}

TEST_CASE(
    "Open messages of QoS 1 and 2 count together against the Receive Maximum [MQTT-3.3.4-9]") {
  IncomingFlights flights;
  flights.set_receive_maximum(2);
  CHECK(flights.arrived(1, kQos1) == Arrival::fresh);
  CHECK(flights.arrived(2, kQos2) == Arrival::fresh);
  CHECK(flights.arrived(0, Qos::at_most_once) == Arrival::fresh);
  SUBCASE("a third is too many") { CHECK(flights.arrived(3, kQos1) == Arrival::exceeded); }
  SUBCASE("a repeat is not one more") { CHECK(flights.arrived(2, kQos2) == Arrival::duplicate); }
  SUBCASE("an acknowledged one makes room") {
    flights.acknowledged(1, kQos1);
    CHECK(flights.arrived(3, kQos2) == Arrival::fresh);
  }
  SUBCASE("a released one makes room") {
    CHECK(flights.release(2));
    CHECK(flights.arrived(3, kQos2) == Arrival::fresh);
  }
  SUBCASE("the count starts anew with a connection") {
    flights.connection_lost();
    CHECK(flights.arrived(3, kQos1) == Arrival::fresh);
    CHECK(flights.arrived(4, kQos1) == Arrival::fresh);
    CHECK(flights.arrived(2, kQos2) == Arrival::exceeded);
  }
}

TEST_CASE("Without a Receive Maximum any number may be open") {
  IncomingFlights flights;
  for (std::uint32_t id = 1; id <= 65'535; ++id)
    REQUIRE(flights.arrived(static_cast<std::uint16_t>(id), kQos2) == Arrival::fresh);
  CHECK(flights.open_qos2() == 65'535);
}

TEST_CASE("A window in bytes is open until it is reached; one message always goes") {
  OutgoingFlights flights;
  const std::size_t cost = delivery(kQos1).message->cost();
  flights.set_window(10, 2 * cost - 1);
  for (const auto packet_id : {std::uint16_t{1}, std::uint16_t{2}}) {
    REQUIRE(flights.has_room());
    flights.start(packet_id, delivery(kQos2));
  }
  CHECK_FALSE(flights.has_room());
  CHECK(flights.bytes() == 2 * cost);
  flights.pubrec(1);  // the body is not held any more
  CHECK(flights.bytes() == cost);
  CHECK(flights.has_room());
  flights.finish(2, PacketType::pubrec);
  CHECK(flights.bytes() == 0);
  flights.set_window(10, 1);
  flights.start(3, delivery(kQos1));
  CHECK_FALSE(flights.has_room());
  flights.drain([](OutgoingFlights::Flight&) {});
  CHECK(flights.bytes() == 0);
}
