#include <doctest/doctest.h>

#include <vector>

#include "tools/mq-sub/acknowledgements.hpp"

using mq_sub::Acknowledgements;
using mqtt::Qos;

namespace {

mqtt::Publish message(Qos qos, std::uint16_t packet_id, bool dup = false) {
  mqtt::Publish publish;
  publish.qos = qos;
  publish.packet_id = packet_id;
  publish.dup = dup;
  return publish;
}

std::vector<std::uint16_t> settled(Acknowledgements& acknowledgements, std::uint64_t position) {
  std::vector<std::uint16_t> ids;
  acknowledgements.settle(position, [&](std::uint16_t id, Qos) { ids.push_back(id); });
  return ids;
}

}  // namespace

TEST_CASE("messages are acknowledged in order, and only up to what has been written") {
  Acknowledgements acknowledgements;
  acknowledgements.owe(message(Qos::at_least_once, 7), 10);
  acknowledgements.owe(message(Qos::at_least_once, 5), 10);
  acknowledgements.owe(message(Qos::at_least_once, 6), 20);
  CHECK(settled(acknowledgements, 9).empty());
  CHECK(settled(acknowledgements, 10) == std::vector<std::uint16_t>{7, 5});
  CHECK_FALSE(acknowledgements.is_done());
  CHECK(settled(acknowledgements, 25) == std::vector<std::uint16_t>{6});
  CHECK(acknowledgements.is_done());
}

TEST_CASE("QoS 0 owes nothing") {
  Acknowledgements acknowledgements;
  acknowledgements.owe(message(Qos::at_most_once, 0), 0);
  CHECK(acknowledgements.is_done());
  CHECK(settled(acknowledgements, 1).empty());
}

TEST_CASE("a QoS 2 message is done once it has been released") {
  Acknowledgements acknowledgements;
  acknowledgements.owe(message(Qos::exactly_once, 1), 1);
  acknowledgements.owe(message(Qos::exactly_once, 2), 2);
  CHECK(settled(acknowledgements, 2) == std::vector<std::uint16_t>{1, 2});
  CHECK_FALSE(acknowledgements.is_done());
  acknowledgements.released();
  CHECK_FALSE(acknowledgements.is_done());
  acknowledgements.released();
  CHECK(acknowledgements.is_done());
}

TEST_CASE("a QoS 2 message taken on a connection that broke is a repeat on the next one, once") {
  Acknowledgements acknowledgements;
  acknowledgements.owe(message(Qos::exactly_once, 9), 1);
  CHECK_FALSE(acknowledgements.is_repeat(message(Qos::exactly_once, 9)));
  acknowledgements.reconnected(true);
  CHECK(settled(acknowledgements, 1).empty());
  CHECK_FALSE(acknowledgements.is_done());
  CHECK_FALSE(acknowledgements.is_repeat(message(Qos::exactly_once, 8, true)));
  CHECK(acknowledgements.is_repeat(message(Qos::exactly_once, 9, true)));
  CHECK_FALSE(acknowledgements.is_repeat(message(Qos::exactly_once, 9, true)));
}

TEST_CASE("it stays a repeat over any number of broken connections") {
  Acknowledgements acknowledgements;
  acknowledgements.owe(message(Qos::exactly_once, 9), 1);
  acknowledgements.reconnected(true);
  acknowledgements.reconnected(true);
  CHECK(acknowledgements.is_repeat(message(Qos::exactly_once, 9, true)));
  acknowledgements.owe(message(Qos::exactly_once, 9, true), 1);
  acknowledgements.reconnected(true);
  CHECK(acknowledgements.is_repeat(message(Qos::exactly_once, 9, true)));
}

TEST_CASE("without DUP an id stands for another message [MQTT-3.3.1-1]") {
  Acknowledgements acknowledgements;
  acknowledgements.owe(message(Qos::exactly_once, 9), 1);
  acknowledgements.reconnected(true);
  CHECK_FALSE(acknowledgements.is_repeat(message(Qos::exactly_once, 9, false)));
  CHECK_FALSE(acknowledgements.is_repeat(message(Qos::exactly_once, 9, true)));
}

TEST_CASE("QoS 1 messages are never taken for repeats: they may be others") {
  Acknowledgements acknowledgements;
  acknowledgements.owe(message(Qos::at_least_once, 9), 1);
  acknowledgements.reconnected(true);
  CHECK_FALSE(acknowledgements.is_repeat(message(Qos::at_least_once, 9, true)));
  CHECK(acknowledgements.is_done());
}

TEST_CASE("a server that has lost the session owes no releases and repeats nothing") {
  Acknowledgements acknowledgements;
  acknowledgements.owe(message(Qos::exactly_once, 1), 1);
  acknowledgements.owe(message(Qos::exactly_once, 2), 2);
  CHECK(settled(acknowledgements, 1).size() == 1);
  acknowledgements.reconnected(false);
  CHECK(acknowledgements.is_done());
  CHECK_FALSE(acknowledgements.is_repeat(message(Qos::exactly_once, 2, true)));
}
