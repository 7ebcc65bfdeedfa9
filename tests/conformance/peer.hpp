#pragma once

#include <doctest/doctest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/conformance/wire.hpp"
#include "tests/support/broker_process.hpp"
#include "tests/support/raw_connection.hpp"

/// What a failed comparison shows; here, so that every test sees it.
template <>
struct doctest::StringMaker<std::vector<std::string>> {
  static doctest::String convert(const std::vector<std::string>& texts) {
    std::string all;
    for (const std::string& text : texts) all += (all.empty() ? "" : ", ") + text;
    return {all.c_str()};
  }
};

// A conformance test is a doctest case whose name ends with the statements that it proves:
//
//   TEST_CASE_TEMPLATE("the first packet is CONNECT, else the server closes [MQTT-3.1.0-1]", V,
//   V311, V50) TEST_CASE("a second filter is answered on its own [5.0:MQTT-3.8.4-6]
//   [3.1.1:MQTT-3.8.4-5]")
//
// In a template case a plain id counts for the version that runs; "5.0:" and "3.1.1:" say it
// themselves. scripts/conformance reads the results by these names.

namespace conformance {

using wire::Level;

struct V311 {
  static constexpr Level level = Level::v3_1_1;
};
struct V50 {
  static constexpr Level level = Level::v5_0;
};

/// The broker under test: our own, started once for all tests, or the one on the loopback port that
/// the environment variable MQ_CONFORMANCE_PORT names.
std::uint16_t broker_port();

/// Whether the broker under test is ours, so that a test may start it with options of its own. When
/// it is not, reports the test as skipped for `reason`; the test returns then.
bool can_start_own_broker(std::string_view reason);

/// Whether the broker under test is ours.
bool is_our_broker();

/// A reason code that the standard only recommends: ours; of another broker any failure (0).
unsigned ours(unsigned reason_code);

/// A name that no other test uses: "prefix-7".
std::string unique(std::string_view prefix);

/// A client that speaks raw bytes to the broker.
class Peer {
 public:
  explicit Peer(Level level, std::uint16_t port = broker_port())
      : level_(level), connection_(port) {}

  Level level() const { return level_; }
  void send(std::string_view bytes) { connection_.send(bytes); }
  /// The next packet; type 0 when the broker has closed.
  wire::Received read() { return wire::read(level_, connection_.read_packet()); }
  wire::Received request(std::string_view bytes) {
    send(bytes);
    return read();
  }
  /// Whether the broker closes, after whatever else it sends.
  bool is_closed() { return connection_.is_closed_by_peer(); }
  /// Ends without DISCONNECT.
  void drop() { connection_.reset(); }
  /// DISCONNECT, and the broker has taken note of it.
  void disconnect(unsigned reason_code = 0, std::string_view properties = {});

  /// CONNECT and its CONNACK, which must accept.
  wire::Received connect(const wire::ConnectFields& fields);
  wire::Received connect(std::string_view client_id, bool clean = true) {
    return connect({.client_id = std::string(client_id), .clean = clean});
  }
  /// SUBSCRIBE for one filter and its SUBACK; the granted QoS or failure code.
  unsigned subscribe(const std::string& filter, unsigned options, std::string_view properties = {});
  /// QoS 1 PUBLISH and its PUBACK: afterwards the broker has routed it. The reason code (0
  /// in 3.1.1).
  unsigned publish(wire::PublishFields fields);
  /// Everything that the broker has to send now: what comes before the answers to PINGREQs. Nothing
  /// is acknowledged.
  std::vector<wire::Received> pending();
  bool is_alive() { return request(wire::pingreq()).type == 13; }

 private:
  Level level_;
  support::RawConnection connection_;
  unsigned next_packet_id_ = 1000;
};

/// A connected client with a fresh client id and session.
Peer connected(Level level, std::string_view client_id = unique("client"));
Peer connected(Level level, const wire::ConnectFields& fields);

/// A PUBLISH of QoS 3: no broker goes on after it.
std::string fatal_packet();

/// Returns once a second has passed by the broker's own clock.
void let_a_second_pass();

/// Sends the packet on a new connection after a CONNECT and checks that the broker ends that
/// connection: in 5.0 with a DISCONNECT of this reason code (0: any failure); somebody else's
/// broker may close without a word.
void check_ends_connection(Level level, std::string_view packet, unsigned reason_code = 0);

/// Subscribes to the filter on a new connection and checks that the broker refuses it: with a
/// failure code in SUBACK, or by ending the connection.
void check_refuses_filter(Level level, const std::string& filter);

/// Sends this CONNECT and checks that the broker refuses it: in 3.1.1 by closing without a CONNACK;
/// in 5.0 with a CONNACK of this reason code (0: any failure) before, unless it closes without a
/// word.
void check_refuses_malformed(Level level, std::string_view connect, unsigned reason_code = 0x81);

}  // namespace conformance
