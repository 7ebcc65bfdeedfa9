// Every string that a client sends, in every packet: well-formed UTF-8 without U+0000, kept as it
// is.

#include <functional>

#include "tests/conformance/peer.hpp"

using namespace conformance;

namespace {

/// One place in one packet where a string stands.
struct Place {
  enum class Fate {
    goes_on,  ///< With a good string the connection goes on.
    ends,     ///< It ends whatever the string.
  };
  std::string name;
  std::function<std::string(Level, const std::string&)> packet;
  Fate fate = Fate::goes_on;
  bool is_connect = false;
};

using Places = std::vector<Place>;

void append(Places& places, Places more) {
  for (Place& place : more) places.push_back(std::move(place));
}

Places connect_places() {
  const auto connect = [](Level level, const std::function<void(wire::ConnectFields&)>& put) {
    wire::ConnectFields fields{.client_id = unique("text")};
    put(fields);
    return wire::connect(level, fields);
  };
  return {
      {.name = "client id",
       .packet =
           [=](Level level, const std::string& text) {
             return connect(level, [&](auto& fields) { fields.client_id = unique("id") + text; });
           }},
      {.name = "user name",
       .packet =
           [=](Level level, const std::string& text) {
             return connect(level, [&](auto& fields) { fields.username = text; });
           }},
      {.name = "will topic",
       .packet =
           [=](Level level, const std::string& text) {
             return connect(level, [&](auto& fields) { fields.will = {.topic = text}; });
           }},
  };
}

Place connect_property(const std::string& name, const std::function<std::string(std::string)>& put,
                       Place::Fate fate = Place::Fate::goes_on) {
  return {.name = "CONNECT " + name,
          .packet =
              [put](Level level, const std::string& text) {
                return wire::connect(level, {.client_id = unique("text"), .properties = put(text)});
              },
          .fate = fate};
}

Place will_property(const std::string& name, const std::function<std::string(std::string)>& put) {
  return {.name = "will " + name, .packet = [put](Level level, const std::string& text) {
            return wire::connect(level, {.client_id = unique("text"),
                                         .will = {{.topic = "t", .properties = put(text)}}});
          }};
}

std::string pair_by_name(const std::string& text) { return wire::user_property(text, "value"); }
std::string pair_by_value(const std::string& text) { return wire::user_property("name", text); }

/// A property that is one string.
std::function<std::string(std::string)> text_property(unsigned identifier) {
  return [identifier](const std::string& text) {
    return wire::property(identifier, wire::field(text));
  };
}

Places connect_property_places() {
  Places places = {
      connect_property("user property name", pair_by_name),
      connect_property("user property value", pair_by_value),
      connect_property("authentication method", text_property(0x15), Place::Fate::ends),
      will_property("content type", text_property(0x03)),
      will_property("response topic", text_property(0x08)),
      will_property("user property name", pair_by_name),
      will_property("user property value", pair_by_value)};
  return places;
}

/// Topics and filters.
Places topic_places() {
  return {
      {.name = "PUBLISH topic",
       .packet = [](Level level,
                    const std::string& text) { return wire::publish(level, {.topic = text}); }},
      {.name = "SUBSCRIBE filter",
       .packet =
           [](Level level, const std::string& text) {
             return wire::subscribe(level, 1, {{"good", 0}, {text, 0}});
           }},
      {.name = "UNSUBSCRIBE filter",
       .packet =
           [](Level level, const std::string& text) {
             return wire::unsubscribe(level, 1, {"good", text});
           }},
  };
}

/// Strings among the properties of the packet that `wrap` puts them into.
Places property_places(const std::string& packet, std::vector<unsigned> texts,
                       const std::function<std::string(std::string)>& wrap,
                       Place::Fate fate = Place::Fate::goes_on) {
  Places places;
  const auto add = [&](const std::string& name, std::function<std::string(std::string)> put) {
    places.push_back({.name = packet + " " + name,
                      .packet =
                          [=](Level level, const std::string& text) {
                            return wrap(wire::properties(level, put(text)));
                          },
                      .fate = fate});
  };
  for (const unsigned identifier : texts)
    add("property " + std::to_string(identifier), text_property(identifier));
  add("user property name", pair_by_name);
  add("user property value", pair_by_value);
  return places;
}

Places packet_property_places() {
  using wire::field, wire::packet, wire::two_bytes, wire::byte;
  Places places = property_places("PUBLISH", {0x03, 0x08}, [](const std::string& properties) {
    return packet(0x30, field("t") + properties);
  });
  append(places, property_places("SUBSCRIBE", {}, [](const std::string& properties) {
           return packet(0x82, two_bytes(1) + properties + field("t") + byte(0));
         }));
  append(places, property_places("UNSUBSCRIBE", {}, [](const std::string& properties) {
           return packet(0xA2, two_bytes(1) + properties + field("t"));
         }));
  // Each with a failure code of its own.
  using Ack = std::pair<unsigned, unsigned>;
  for (const auto& [first, code] : {Ack{0x40, 0x80}, {0x50, 0x80}, {0x62, 0x92}, {0x70, 0x92}})
    append(places, property_places("acknowledgement " + std::to_string(first), {0x1F},
                                   [first = first, code = code](const std::string& properties) {
                                     return packet(first, two_bytes(9) + byte(code) + properties);
                                   }));
  append(places,
         property_places(
             "DISCONNECT", {0x1F},
             [](const std::string& properties) { return packet(0xE0, byte(0) + properties); },
             Place::Fate::ends));
  append(places,
         property_places(
             "AUTH", {0x15, 0x1F},
             [](const std::string& properties) { return packet(0xF0, byte(0x18) + properties); },
             Place::Fate::ends));
  return places;
}

Places all_places(Level level) {
  Places places = connect_places();
  if (level == Level::v5_0) append(places, connect_property_places());
  for (Place& place : places) place.is_connect = true;
  append(places, topic_places());
  if (level == Level::v5_0) append(places, packet_property_places());
  return places;
}

void check_refuses(Level level, const Place& place, const std::string& text) {
  INFO(place.name, ", ", support::to_hex(text));
  const unsigned code = is_our_broker() ? 0x81 : 0;
  if (place.is_connect)
    check_refuses_malformed(level, place.packet(level, text), code);
  else
    check_ends_connection(level, place.packet(level, text), code);
}

void check_takes(Level level, const Place& place, const std::string& text) {
  INFO(place.name, ", ", support::to_hex(text));
  Peer peer(level);
  if (place.is_connect) {
    const auto connack = peer.request(place.packet(level, text));
    CHECK(connack.type == 2);
    CHECK(connack.reason_code == 0);
  } else {
    peer.connect(unique("text"));
    peer.send(place.packet(level, text));
  }
  peer.pending();  // it is alive
}

}  // namespace

TEST_CASE_TEMPLATE(
    "a string that is not well-formed UTF-8, surrogates included, ends the connection "
    "[3.1.1:MQTT-1.5.3-1] [3.1.1:MQTT-3.1.3-4] [3.1.1:MQTT-3.1.3-10] [3.1.1:MQTT-3.1.3-11] "
    "[5.0:MQTT-1.5.4-1] [5.0:MQTT-3.1.3-4] [5.0:MQTT-3.1.3-11] [5.0:MQTT-3.1.3-12]",
    V, V311, V50) {
  for (const Place& place : all_places(V::level))
    for (const char* bad : {"ED A0 80", "ED BF BF", "C0 80", "C1 BF", "E0 80 AF", "F0 80 80 80",
                            "F4 90 80 80", "F8 88 80 80 80", "80", "C3 28", "E2 82", "FF"}) {
      check_refuses(V::level, place, wire::hex(bad));
      check_refuses(V::level, place, "eight bytes before" + wire::hex(bad) + " and behind");
    }
}

TEST_CASE_TEMPLATE(
    "a string that holds U+0000 ends the connection [3.1.1:MQTT-1.5.3-2] [5.0:MQTT-1.5.4-2]", V,
    V311, V50) {
  for (const Place& place : all_places(V::level)) {
    check_refuses(V::level, place, std::string("a\0b", 3));
    check_refuses(V::level, place, std::string(1, '\0'));
  }
}

TEST_CASE_TEMPLATE(
    "all other Unicode is taken in every string [3.1.1:MQTT-1.5.3-1] [3.1.1:MQTT-1.5.3-3] "
    "[5.0:MQTT-1.5.4-1] [5.0:MQTT-1.5.4-3]",
    V, V311, V50) {
  for (const Place& place : all_places(V::level)) {
    if (place.fate == Place::Fate::ends) continue;
    for (const char* good : {"61", "C3 A9", "E2 82 AC", "ED 9F BF", "EE 80 80", "F0 9F 98 80",
                             "F4 8F BF BD", "EF BB BF 61"})
      check_takes(V::level, place, wire::hex(good));
  }
}

TEST_CASE_TEMPLATE("EF BB BF is a character like any other [3.1.1:MQTT-1.5.3-3] [5.0:MQTT-1.5.4-3]",
                   V, V311, V50) {
  const std::string plain = unique("bom");
  const std::string marked = wire::hex("EF BB BF") + plain;
  Peer to_marked = connected(V::level);
  to_marked.subscribe(marked, 0);
  Peer to_plain = connected(V::level);
  to_plain.subscribe(plain, 0);
  Peer publisher = connected(V::level);
  publisher.publish({.topic = marked, .payload = "marked"});
  publisher.publish({.topic = plain, .payload = "plain"});
  const auto first = to_marked.read();
  CHECK(first.topic == marked);
  CHECK(first.payload == "marked");
  CHECK(to_marked.pending().empty());
  CHECK(to_plain.read().payload == "plain");
  CHECK(to_plain.pending().empty());
}

TEST_CASE("name and value of a user property are strings, each by itself [5.0:MQTT-1.5.7-1]") {
  const std::string bad = wire::hex("ED A0 80");
  for (const Place& place : all_places(Level::v5_0)) {
    if (place.name.find("user property") == std::string::npos) continue;
    check_refuses(Level::v5_0, place, bad);
    check_refuses(Level::v5_0, place, std::string(1, '\0'));
    if (place.fate == Place::Fate::goes_on) check_takes(Level::v5_0, place, "");
  }
}

TEST_CASE("the strings of a user property arrive as they were sent [5.0:MQTT-1.5.4-3]") {
  const std::string topic = unique("kept");
  const std::string odd = wire::hex("EF BB BF 61 F0 9F 98 80");
  Peer reader = connected(Level::v5_0);
  reader.subscribe(topic, 0);
  connected(Level::v5_0).publish({.topic = topic, .properties = wire::user_property(odd, odd)});
  const auto pairs = reader.read().user_properties();
  REQUIRE(pairs.size() == 1);
  CHECK(pairs[0] == std::pair{odd, odd});
}
