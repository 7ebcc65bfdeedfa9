#pragma once

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libmqtt/session/client_session.hpp"
#include "tests/conformance/peer.hpp"
#include "tests/conformance/wire.hpp"
#include "tests/support/process.hpp"
#include "tests/support/raw_connection.hpp"

// The client's side of the standard: what our tools write to a scripted server, and, where a tool
// can't be made to, what the client session under them does with raw bytes and made-up time.

namespace conformance {

/// A CONNACK that accepts; `properties` in 5.0 only.
std::string connack(Level level, std::string_view properties = {}, bool session_present = false);

/// The tool's packets, in order, as a server saw them that accepts everything and acknowledges each
/// packet as its type asks. The server's CONNACK carries `properties` (5.0).
struct Overheard {
  support::Exit exit;
  std::vector<std::string> packets;
};
Overheard overhear(Level level, std::vector<std::string> command, std::string_view properties = {});

/// A client session in raw bytes and fake time.
class Client {
 public:
  explicit Client(Level level, mqtt::ClientSessionOptions options = {});

  /// A new transport connection; the CONNECT that is sent.
  std::string connect();
  /// connect(), answered by this CONNACK.
  void go_online(std::string_view connack_properties = {}, bool session_present = false);
  void lose_connection() { session_.disconnected(now_); }
  void receive(std::string_view bytes);
  /// All packets that it wrote since the last call.
  std::vector<std::string> sent();
  void pass(mqtt::Seconds seconds);
  /// Publishes "x" on "t".
  void publish(mqtt::Qos qos, std::string_view topic = "t", bool retain = false);
  /// Events that came since the last call.
  std::vector<mqtt::ClientEvent> events();
  /// Whether the session gave up the connection; the reason code.
  std::optional<mqtt::ReasonCode> failure();

  mqtt::ClientSession& session() { return session_; }
  mqtt::TimePoint now() const { return now_; }
  Level level() const { return level_; }

 private:
  Level level_;
  mqtt::TimePoint now_{mqtt::Seconds(1000)};
  mqtt::ClientSession session_;
  std::vector<mqtt::ClientEvent> events_;
};

}  // namespace conformance
