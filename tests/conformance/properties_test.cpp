// Properties as the server reads them: which packet may carry which, how often, and their values.

#include <algorithm>
#include <functional>

#include "tests/conformance/peer.hpp"

using namespace conformance;

namespace {

constexpr auto k5 = Level::v5_0;

/// A packet that a client sends, around the properties that a test gives it.
struct Carrier {
  std::string name;
  std::function<std::string(const std::string&)> packet;
  std::vector<unsigned> allowed = {};  ///< From a client, User Property apart.
  bool is_connect = false;
  bool ends = false;  ///< The connection ends even when all is well.
};

std::vector<Carrier> carriers() {
  using wire::field, wire::packet, wire::two_bytes, wire::byte, wire::properties;
  const auto ack = [](unsigned first, unsigned code) {
    return [=](const std::string& list) {
      return packet(first, two_bytes(9) + byte(code) + properties(k5, list));
    };
  };
  return {
      {.name = "CONNECT",
       .packet =
           [](const std::string& list) {
             return wire::connect(k5, {.client_id = unique("list"), .properties = list});
           },
       .allowed = {0x11, 0x17, 0x19, 0x21, 0x22, 0x27},
       .is_connect = true},
      {.name = "will",
       .packet =
           [](const std::string& list) {
             return wire::connect(
                 k5, {.client_id = unique("list"), .will = {{.topic = "t", .properties = list}}});
           },
       .allowed = {0x01, 0x02, 0x03, 0x08, 0x09, 0x18},
       .is_connect = true},
      {.name = "PUBLISH",
       .packet =
           [](const std::string& list) {
             return wire::publish(k5, {.topic = "t", .properties = list});
           },
       .allowed = {0x01, 0x02, 0x03, 0x08, 0x09, 0x23}},
      {.name = "PUBACK", .packet = ack(0x40, 0x80), .allowed = {0x1F}},
      {.name = "PUBREC", .packet = ack(0x50, 0x80), .allowed = {0x1F}},
      {.name = "PUBREL", .packet = ack(0x62, 0x92), .allowed = {0x1F}},
      {.name = "PUBCOMP", .packet = ack(0x70, 0x92), .allowed = {0x1F}},
      {.name = "SUBSCRIBE",
       .packet =
           [](const std::string& list) {
             return wire::subscribe(k5, 1, {{"t", 0}}, list);
           },
       .allowed = {0x0B}},
      {.name = "UNSUBSCRIBE",
       .packet =
           [](const std::string& list) {
             return packet(0xA2, two_bytes(1) + properties(k5, list) + field("t"));
           }},
      {.name = "DISCONNECT",
       .packet =
           [](const std::string& list) { return packet(0xE0, byte(0) + properties(k5, list)); },
       .allowed = {0x11, 0x1F},
       .ends = true},
  };
}

/// Every property with a value that is fine by itself.
const std::vector<std::pair<unsigned, std::string>>& samples() {
  static const std::vector<std::pair<unsigned, std::string>> samples = {
      {0x01, wire::byte(1)},       {0x02, wire::four_bytes(60)}, {0x03, wire::field("x")},
      {0x08, wire::field("x")},    {0x09, wire::field("x")},     {0x0B, wire::variable(1)},
      {0x11, wire::four_bytes(0)}, {0x12, wire::field("x")},     {0x13, wire::two_bytes(60)},
      {0x15, wire::field("x")},    {0x16, wire::field("x")},     {0x17, wire::byte(1)},
      {0x18, wire::four_bytes(1)}, {0x19, wire::byte(1)},        {0x1A, wire::field("x")},
      {0x1C, wire::field("x")},    {0x1F, wire::field("x")},     {0x21, wire::two_bytes(9)},
      {0x22, wire::two_bytes(9)},  {0x23, wire::two_bytes(1)},   {0x24, wire::byte(1)},
      {0x25, wire::byte(1)},       {0x27, wire::four_bytes(99)}, {0x28, wire::byte(1)},
      {0x29, wire::byte(1)},       {0x2A, wire::byte(1)},        {0x7F, wire::byte(1)},
      {0x00, wire::byte(1)},
  };
  return samples;
}

std::string sample(unsigned identifier) {
  for (const auto& [id, value] : samples())
    if (id == identifier) return wire::property(id, value);
  return {};
}

void check_refuses(const Carrier& carrier, const std::string& list, unsigned code = 0) {
  INFO(carrier.name, ", ", support::to_hex(list));
  if (!is_our_broker()) code = 0;
  if (carrier.is_connect)
    check_refuses_malformed(k5, carrier.packet(list), code);
  else
    check_ends_connection(k5, carrier.packet(list), code);
}

void check_takes(const Carrier& carrier, const std::string& list) {
  INFO(carrier.name, ", ", support::to_hex(list));
  Peer peer(k5);
  if (!carrier.is_connect) peer.connect(unique("list"));
  peer.send(carrier.packet(list));
  if (carrier.ends)
    CHECK(peer.read().type == 0);  // not a word
  else
    peer.pending();  // it is alive
}

}  // namespace

TEST_CASE("every packet takes the properties that it may have [5.0:MQTT-3.1.4-5]") {
  for (const Carrier& carrier : carriers()) {
    std::string all = wire::user_property("a", "1") + wire::user_property("a", "1");
    for (const unsigned identifier : carrier.allowed) {
      check_takes(carrier, sample(identifier));
      all += sample(identifier);
    }
    check_takes(carrier, all);
    check_takes(carrier, "");
  }
}

TEST_CASE("a property of another packet ends the connection [5.0:MQTT-3.1.4-1]") {
  for (const Carrier& carrier : carriers())
    for (const auto& [identifier, value] : samples()) {
      const bool is_allowed = std::find(carrier.allowed.begin(), carrier.allowed.end(),
                                        identifier) != carrier.allowed.end();
      const bool is_method = identifier == 0x15 && carrier.name == "CONNECT";
      const bool is_reference = identifier == 0x1C && carrier.name == "DISCONNECT";
      if (!is_allowed && !is_method && !is_reference)
        check_refuses(carrier, wire::property(identifier, value));
    }
}

TEST_CASE("a property that comes twice ends the connection [5.0:MQTT-3.1.4-1]") {
  for (const Carrier& carrier : carriers())
    for (const unsigned identifier : carrier.allowed)
      check_refuses(carrier,
                    sample(identifier) + wire::user_property("a", "1") + sample(identifier), 0x82);
}

TEST_CASE("a property value that the standard excludes ends the connection [5.0:MQTT-3.1.4-1]") {
  const auto all = carriers();
  const auto refuse = [&](const std::string& name, const char* list) {
    for (const Carrier& carrier : all)
      if (carrier.name == name) check_refuses(carrier, wire::hex(list), 0x82);
  };
  refuse("CONNECT", "17 02");           // Request Problem Information
  refuse("CONNECT", "19 02");           // Request Response Information
  refuse("CONNECT", "21 00 00");        // Receive Maximum
  refuse("CONNECT", "27 00 00 00 00");  // Maximum Packet Size
  refuse("CONNECT", "16 00 01 61");     // Authentication Data without a method
  refuse("will", "01 02");              // Payload Format Indicator
  refuse("PUBLISH", "01 02");
  refuse("SUBSCRIBE", "0B 00");  // Subscription Identifier
}

TEST_CASE(
    "a Property Length beyond the packet or across it ends the connection [5.0:MQTT-3.1.4-1]") {
  const std::string head = wire::field("MQTT") + wire::hex("05 02 0000");
  const std::string client_id = wire::field(unique("length"));
  for (const std::string& length : {wire::hex("7F"), wire::hex("FF FF FF 7F"), wire::hex("04")})
    check_refuses_malformed(k5, wire::packet(0x10, head + length + sample(0x11) + client_id));
}

TEST_CASE("no properties is a Property Length of 0, from either side [5.0:MQTT-2.2.2-1]") {
  const std::string id = unique("length");
  // A 3.1.1 CONNECT that says 5.0: the client id's length is taken for that of the properties.
  check_refuses_malformed(
      k5, wire::packet(0x10, wire::field("MQTT") + wire::hex("05 02 0000") + wire::field(id)));
  check_ends_connection(k5,
                        wire::packet(0x82, wire::two_bytes(1) + wire::field("t") + wire::byte(0)));
  check_ends_connection(k5, wire::packet(0xA2, wire::two_bytes(1) + wire::field("t")));

  Peer peer = connected(k5);
  CHECK(peer.request(wire::subscribe(k5, 1, {{id, 0}})).bytes == wire::hex("90 04 0001 00 00"));
  peer.send(wire::publish(k5, {.topic = id, .payload = "p"}));
  CHECK(peer.read().bytes == wire::publish(k5, {.topic = id, .payload = "p"}));
  CHECK(peer.request(wire::unsubscribe(k5, 2, {id})).bytes == wire::hex("B0 04 0002 00 00"));
}

TEST_CASE("a Variable Byte Integer takes no more bytes than it needs [5.0:MQTT-1.5.5-1]") {
  const std::string connect_head = wire::field("MQTT") + wire::hex("05 02 0000");
  for (const char* zero : {"80 00", "80 80 00", "80 80 80 00"}) {
    const std::string longer = wire::hex(zero);
    check_refuses_malformed(
        k5, wire::packet(0x10, connect_head + longer + wire::field(unique("long"))));
    check_ends_connection(k5, wire::byte(0xC0) + longer, is_our_broker() ? 0x81 : 0);
    check_ends_connection(k5, wire::packet(0x30, wire::field("t") + longer),
                          is_our_broker() ? 0x81 : 0);
  }
  // Subscription Identifier 1, and the identifier of a property.
  for (const char* list : {"0B 81 00", "8B 00 01"})
    check_ends_connection(k5, wire::subscribe(k5, 1, {{"t", 0}}, wire::hex(list)),
                          is_our_broker() ? 0x81 : 0);
  // Five bytes were never allowed.
  check_ends_connection(k5, wire::hex("C0 80 80 80 80 01"));
}

TEST_CASE("the server's Variable Byte Integers are the shortest [5.0:MQTT-1.5.5-1]") {
  const std::string topic = unique("shortest");
  Peer publisher = connected(k5);
  Peer reader = connected(k5);
  reader.subscribe(topic, 0);
  for (const std::size_t size :
       {0U, 100U, 120U, 127U, 128U, 16'360U, 16'383U, 16'384U, 2'097'152U}) {
    // As payload for the Remaining Length, and as a property for the Property Length.
    const wire::PublishFields large{.topic = topic, .payload = std::string(size, 'x')};
    publisher.send(wire::publish(k5, large));
    CHECK(reader.read().bytes == wire::publish(k5, large));
    const std::size_t value = std::min<std::size_t>(size, 65'535);
    const wire::PublishFields wordy{
        .topic = topic, .properties = wire::property(0x09, wire::field(std::string(value, 'x')))};
    publisher.send(wire::publish(k5, wordy));
    CHECK(reader.read().bytes == wire::publish(k5, wordy));
  }
  for (const std::uint32_t identifier :
       {127U, 128U, 16'383U, 16'384U, 2'097'151U, 2'097'152U, 268'435'455U}) {
    const std::string list = wire::property(0x0B, wire::variable(identifier));
    reader.subscribe(topic, 0, list);
    publisher.send(wire::publish(k5, {.topic = topic}));
    CHECK(reader.read().bytes == wire::publish(k5, {.topic = topic, .properties = list}));
  }
}
