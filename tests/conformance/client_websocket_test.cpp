#include <sys/socket.h>
#include <sys/time.h>

#include "libmqtt/net/ws_handshake.hpp"
#include "tests/conformance/client.hpp"
#include "tests/conformance/websocket.hpp"
#include "tests/net/ws_frames.hpp"
#include "tests/support/loopback.hpp"

using namespace conformance;
using namespace mqtt::net::test;
using support::Descriptor;
using support::RawConnection;

namespace {

Descriptor accepted(const Descriptor& listener) {
  const timeval limit{.tv_sec = support::kPatience.count(), .tv_usec = 0};
  ::setsockopt(listener.number(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  Descriptor socket(::accept4(listener.number(), nullptr, nullptr, SOCK_CLOEXEC));
  REQUIRE(socket.is_open());
  return socket;
}

/// mq-pub over WebSocket with a QoS 1 message, and this test as its server.
struct Visit {
  explicit Visit(Level level)
      : listener(support::listen_loopback()),
        process({.argv = {support::tool("mq-pub"), "--ws", "-h", "127.0.0.1", "-p",
                          std::to_string(support::local_port(listener)), "-V",
                          level == Level::v5_0 ? "5" : "311", "-t", "t", "-m", "x", "-q", "1"}}),
        connection(accepted(listener)),
        request(read_head(connection)) {
    mqtt::net::WsServerHandshake handshake({});
    handshake.receive(request);
    REQUIRE(handshake.is_accepted());
    connection.send(*handshake.answer());
  }
  wire::Received read(Level level) {
    const ReceivedFrame frame = read_frame(connection);
    CHECK(frame.first == kBinary);
    CHECK(frame.is_masked);
    return wire::read(level, frame.payload);
  }

  Descriptor listener;
  support::Process process;
  RawConnection connection;
  std::string request;
};

}  // namespace

TEST_CASE_TEMPLATE("the client offers mqtt [MQTT-6.0.0-3]", V, V311, V50) {
  const Visit visit(V::level);
  CHECK(visit.request.find("\r\nSec-WebSocket-Protocol: mqtt\r\n") != std::string::npos);
}

TEST_CASE_TEMPLATE(
    "the client sends binary frames, and reads packets however they are framed [MQTT-6.0.0-1] "
    "[MQTT-6.0.0-2]",
    V, V311, V50) {
  Visit visit(V::level);
  CHECK(visit.read(V::level).type == 1);
  for (const char byte : connack(V::level)) visit.connection.send(plain(kBinary, {&byte, 1}));
  const wire::Received publish = visit.read(V::level);
  CHECK(publish.payload == "x");
  const std::string puback = wire::ack(wire::kSendPuback, publish.packet_id);
  visit.connection.send(plain(kBinaryBegins, puback.substr(0, 1)) + plain(kPing, "") +
                        plain(kContinuationEnds, puback.substr(1)));
  CHECK(read_frame(visit.connection).first == kPong);
  CHECK(visit.read(V::level).type == wire::kDisconnect);
  CHECK(read_frame(visit.connection).first == kClose);
  CHECK(visit.process.wait().code == 0);
}

TEST_CASE_TEMPLATE("the client ends a connection by which a text frame comes [MQTT-6.0.0-1]", V,
                   V311, V50) {
  Visit visit(V::level);
  CHECK(visit.read(V::level).type == 1);
  visit.connection.send(plain(kText, connack(V::level)));
  const ReceivedFrame close = read_frame(visit.connection);
  CHECK(close.first == kClose);
  CHECK(close.payload == "\x03\xEB");
  const support::Exit end = visit.process.wait();
  CHECK(end.code != 0);
  CHECK(end.err.find("WebSocket data frame that is not binary") != std::string::npos);
}
