#include "tests/conformance/websocket.hpp"

#include "tests/conformance/peer.hpp"
#include "tests/net/ws_frames.hpp"

using namespace conformance;
using namespace mqtt::net::test;
using support::RawConnection;

namespace {

constexpr const char* kOwnListener = "needs a listener for WebSocket";

std::uint16_t websocket_port() {
  static support::BrokerProcess broker(support::Configuration{
      {"listener 0 127.0.0.1", "allow_anonymous true", "protocol websockets"}});
  return broker.port();
}

/// A WebSocket connection whose handshake offered these subprotocols.
struct WsPeer {
  explicit WsPeer(const std::string& subprotocols = "mqtt") : connection(websocket_port()) {
    connection.send(
        "GET /mqtt HTTP/1.1\r\nHost: broker\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Protocol: " +
        subprotocols + "\r\n\r\n");
    answer = read_head(connection);
  }
  bool answers(const std::string& line) const { return answer.find(line) != std::string::npos; }
  void send(unsigned first, const std::string& payload) { connection.send(masked(first, payload)); }
  /// The next packet; it must come in a binary frame of its own.
  wire::Received read(Level level) {
    const ReceivedFrame frame = read_frame(connection);
    CHECK(frame.first == kBinary);
    CHECK_FALSE(frame.is_masked);
    return wire::read(level, frame.payload);
  }
  void connect(Level level) {
    send(kBinary, wire::connect(level, {.client_id = unique("ws")}));
    REQUIRE(read(level).type == wire::kConnack);
  }

  RawConnection connection;
  std::string answer;
};

}  // namespace

TEST_CASE_TEMPLATE("packets come in binary frames, from the first to the last [MQTT-6.0.0-1]", V,
                   V311, V50) {
  if (!can_start_own_broker(kOwnListener)) return;
  WsPeer peer;
  peer.connect(V::level);
  peer.send(kBinary, wire::subscribe(V::level, 1, {{"ws/own", 1}}));
  CHECK(peer.read(V::level).type == wire::kSuback);
  peer.send(kBinary, wire::publish(V::level, {.topic = "ws/own", .payload = "x"}));
  CHECK(peer.read(V::level).payload == "x");
}

TEST_CASE_TEMPLATE("a data frame that is not binary ends the connection [MQTT-6.0.0-1]", V, V311,
                   V50) {
  if (!can_start_own_broker(kOwnListener)) return;
  WsPeer peer;
  peer.connect(V::level);
  peer.send(kText, wire::pingreq());
  const ReceivedFrame close = read_frame(peer.connection);
  CHECK(close.first == kClose);
  CHECK(close.payload == "\x03\xEB");  // 1003: data that it cannot accept.
  CHECK(peer.connection.is_closed_by_peer());
}

TEST_CASE_TEMPLATE(
    "a packet may span frames, and frames may share packets and parts of them [MQTT-6.0.0-2]", V,
    V311, V50) {
  if (!can_start_own_broker(kOwnListener)) return;
  WsPeer peer;
  const std::string connect = wire::connect(V::level, {.client_id = unique("ws")});
  for (const char byte : connect) peer.send(kBinary, {byte});
  CHECK(peer.read(V::level).type == wire::kConnack);

  const std::string subscribe = wire::subscribe(V::level, 1, {{"ws/parts", 0}});
  const std::string publish = wire::publish(V::level, {.topic = "ws/parts", .payload = "x"});
  peer.send(kBinary, subscribe + publish.substr(0, 3));
  CHECK(peer.read(V::level).type == wire::kSuback);
  peer.send(kBinaryBegins, publish.substr(3, 2));
  peer.send(kPing, "in between");
  CHECK(read_frame(peer.connection).payload == "in between");
  peer.send(kContinuationEnds, publish.substr(5));
  CHECK(peer.read(V::level).payload == "x");
}

TEST_CASE_TEMPLATE("the server chooses mqtt where it is offered [MQTT-6.0.0-4]", V, V311, V50) {
  if (!can_start_own_broker(kOwnListener)) return;
  for (const char* offer : {"mqtt", "chat, mqtt", "mqttv3.1, mqtt"}) {
    WsPeer peer(offer);
    CHECK(peer.answers("HTTP/1.1 101 "));
    CHECK(peer.answers("Sec-WebSocket-Protocol: mqtt\r\n"));
    peer.connect(V::level);
  }
  CHECK(WsPeer("chat").answers("HTTP/1.1 400 "));
}
