#include <doctest/doctest.h>

#include <string>

#include "tests/support/faults.hpp"
#include "tests/support/raw_connection.hpp"

using namespace support;
using mqtt::PacketType;

namespace {

/// Gives every packet back.
ScriptedServer::Answer echo(const std::string& packet) { return {packet}; }

/// PUBLISH at QoS 0 to topic "a", in 3.1.1.
std::string message(char letter) { return from_hex("30 04 00 01 61") + letter; }
const std::string kPing = from_hex("C0 00");

/// What comes back of five messages and a ping.
std::string passed(std::vector<Fault> faults, std::uint64_t seen = 5) {
  ScriptedServer server(echo);
  FaultProxy proxy(server.port(), {.faults = std::move(faults)});
  RawConnection client(proxy.port());
  for (const char letter : {'1', '2', '3', '4', '5'}) CHECK(client.send(message(letter)));
  CHECK(client.send(kPing));
  std::string result;
  for (auto packet = client.read_packet(); packet != kPing && !packet.empty();
       packet = client.read_packet())
    result += packet.back();
  CHECK(proxy.faults().seen(Way::up, PacketType::publish) == seen);
  return result;
}

}  // namespace

TEST_CASE("a proxy without faults passes every packet on") { CHECK(passed({}) == "12345"); }

TEST_CASE("packets are dropped, doubled and swapped by their number, both ways") {
  using Kind = Fault::Kind;
  for (const Way way : {Way::up, Way::down}) {
    CHECK(passed({{.kind = Kind::drop, .first = 2, .way = way}}) == "1345");
    CHECK(passed({{.kind = Kind::drop, .first = 1, .count = 2, .every = 3, .way = way}}) == "235");
    CHECK(passed({{.kind = Kind::drop, .first = 4, .count = Fault::kAll, .way = way}}) == "123");
    CHECK(passed({{.kind = Kind::duplicate, .first = 3, .way = way}}) == "123345");
    CHECK(passed({{.kind = Kind::swap, .first = 4, .way = way}}) == "12354");
    CHECK(passed({{.kind = Kind::corrupt, .first = 1, .way = way}}) ==
          std::string("\xCE") + "2345");
    CHECK(passed({{.kind = Kind::swap, .first = 1, .way = way},
                  {.kind = Kind::drop, .first = 5, .way = way}}) == "2134");
  }
}

TEST_CASE("the proxy counts what it did and says what it passed on") {
  ScriptedServer server(echo);
  FaultProxy proxy(server.port(),
                   {.faults = {{.kind = Fault::Kind::drop, .first = 1},
                               {.kind = Fault::Kind::duplicate_as_dup, .first = 2}},
                    .counts = [](const mqtt::Publish& p) { return p.payload.view() != "0"; }});
  RawConnection client(proxy.port());
  for (const char letter : {'0', '1', '2'}) CHECK(client.send(message(letter)));
  CHECK(client.read_packet() == message('0'));
  CHECK(client.read_packet() == message('2'));
  CHECK(to_hex(client.read_packet()) == "38 04 00 01 61 32");
  const Faults& faults = proxy.faults();
  CHECK(faults.wait_for(Way::down, PacketType::publish, 2));
  CHECK(faults.seen(Way::down, PacketType::publish) == 2);
  CHECK(faults.done(Fault::Kind::drop) == 1);
  CHECK(faults.done(Fault::Kind::duplicate_as_dup) == 1);
  CHECK(faults.deliveries().size() == 2);
  CHECK(faults.deliveries().front().payload == "2");
}

TEST_CASE("a connection is cut behind the packet that was asked for") {
  for (const auto kind : {Fault::Kind::finish, Fault::Kind::reset}) {
    CAPTURE(kind == Fault::Kind::finish);
    CHECK(passed({{.kind = kind, .first = 3, .way = Way::up}}, 3).size() <=
          3);  // what came back may be lost with the connection
    ScriptedServer server(echo);
    FaultProxy proxy(server.port(), {.faults = {{.kind = kind, .first = 2}}});
    RawConnection client(proxy.port());
    CHECK(client.send(message('1')));
    CHECK(client.read_packet() == message('1'));
    CHECK(client.send(message('2')));
    if (kind == Fault::Kind::finish) CHECK(client.read_packet() == message('2'));
    CHECK(client.is_closed_by_peer());
    RawConnection again(proxy.port());
    CHECK(again.send(kPing));
    CHECK(again.read_packet() == kPing);
  }
}

TEST_CASE("a stall holds back everything behind it for its time") {
  constexpr mqtt::Duration kTime = std::chrono::milliseconds(30);
  ScriptedServer server(echo);
  FaultProxy proxy(server.port(),
                   {.faults = {{.kind = Fault::Kind::stall, .first = 2, .time = kTime}}});
  RawConnection client(proxy.port());
  for (const char letter : {'1', '2', '3'}) CHECK(client.send(message(letter)));
  for (const char letter : {'1', '2', '3'}) CHECK(client.read_packet() == message(letter));
  const auto stalls = proxy.faults().stalls();
  REQUIRE(stalls.size() == 1);
  CHECK(stalls[0].end - stalls[0].begin >= kTime);
  const auto deliveries = proxy.faults().deliveries();
  CHECK(deliveries[1].time >= stalls[0].end);
  CHECK(deliveries[2].time >= stalls[0].end);
}

TEST_CASE("a stall lets pass what came before, and lasts until it is told to end") {
  ScriptedServer server(echo);
  FaultProxy proxy(
      server.port(),
      {.faults = {{.kind = Fault::Kind::stall, .first = 2, .time = std::chrono::hours(1)}}});
  RawConnection client(proxy.port());
  for (const char letter : {'1', '2'}) CHECK(client.send(message(letter)));
  CHECK(client.read_packet() == message('1'));
  CHECK(proxy.faults().wait_for(Way::down, PacketType::publish, 2));
  proxy.resume(Way::down);
  CHECK(client.read_packet() == message('2'));

  proxy.stall(Way::down);
  CHECK(client.send(kPing));
  CHECK(proxy.faults().wait_for(Way::down, PacketType::pingreq, 1));
  CHECK(proxy.faults().stalls().back().end == mqtt::kNever);
  proxy.resume(Way::down);
  CHECK(client.read_packet() == kPing);
  CHECK(proxy.faults().stalls().back().end != mqtt::kNever);
}

TEST_CASE("a delay and a narrow line hold every packet up") {
  using namespace std::chrono_literals;
  ScriptedServer server(echo);
  for (const Faults::Setup& setup :
       {Faults::Setup{.delay = 5ms}, Faults::Setup{.bytes_per_second = 600}}) {
    FaultProxy proxy(server.port(), setup);
    RawConnection client(proxy.port());
    const auto start = std::chrono::steady_clock::now();
    for (const char letter : {'1', '2', '3'}) CHECK(client.send(message(letter)));
    for (const char letter : {'1', '2', '3'}) CHECK(client.read_packet() == message(letter));
    // 6 bytes take 10 ms on such a line; the first leaves at once.
    CHECK(std::chrono::steady_clock::now() - start >= (setup.delay > 0ms ? 10ms : 20ms));
  }
}

TEST_CASE("a CONNACK gets the Receive Maximum that was asked for, and what is open is counted") {
  ScriptedServer server([](const std::string& packet) -> ScriptedServer::Answer {
    // CONNACK with Receive Maximum 10 and Topic Alias Maximum 5; PUBACK for the second PUBLISH.
    if (packet.front() == 0x10) return {from_hex("20 09 00 00 06 21 00 0A 22 00 05")};
    return {packet[6] == 2 ? from_hex("40 02 00 02") : ""};
  });
  FaultProxy proxy(server.port(), {.receive_maximum = 2});
  RawConnection client(proxy.port());
  CHECK(client.send(from_hex("10 0D 00 04") + "MQTT" + from_hex("05 02 00 00 00 00 00")));
  CHECK(to_hex(client.read_packet()) == "20 09 00 00 06 22 00 05 21 00 02");
  for (const std::string id : {"01", "02", "03"}) {
    CHECK(client.send(from_hex("32 06 00 01 61 00 " + id + " 00")));
    if (id == "02") CHECK(to_hex(client.read_packet()) == "40 02 00 02");
  }
  CHECK(proxy.faults().wait_for(Way::up, PacketType::publish, 3));
  CHECK(proxy.faults().most_in_flight() == 2);
}
