#include "libmqtt/client/failure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "libmqtt/base/utf8.hpp"
#include "libmqtt/codec/encode.hpp"
#include "libmqtt/net/error_text.hpp"
#include "libmqtt/net/tls_error.hpp"

namespace mqtt::client {
namespace {
using Kind = Failure::Kind;

constexpr std::size_t kLongestText = 200;  ///< Of what a peer says, in bytes.
// First bytes of the packets that can answer CONNECT.
constexpr std::byte kConnack{0x20};
constexpr std::byte kDisconnect{0xE0};
constexpr std::byte kAuth{0xF0};

/// Whether the same CONNECT would get the same answer again.
bool is_lasting(ReasonCode code) {
  switch (code) {
    case ReasonCode::malformed_packet:
    case ReasonCode::protocol_error:
    case ReasonCode::unsupported_protocol_version:
    case ReasonCode::client_identifier_not_valid:
    case ReasonCode::bad_user_name_or_password:
    case ReasonCode::not_authorized:
    case ReasonCode::banned:
    case ReasonCode::bad_authentication_method:
    case ReasonCode::session_taken_over:
    case ReasonCode::topic_name_invalid:
    case ReasonCode::packet_too_large:
    case ReasonCode::payload_format_invalid:
    case ReasonCode::retain_not_supported:
    case ReasonCode::qos_not_supported:
    case ReasonCode::use_another_server:
    case ReasonCode::server_moved:
      return true;
    default:
      return false;
  }
}

/// A peer's text for a person: one line, without anything that a terminal would obey.
std::string printable(std::string_view text) {
  std::string shown;
  while (!text.empty() && shown.size() < kLongestText) {
    const std::size_t length = utf8_sequence_length(text);
    const bool is_c1 = length == 2 && text[0] == '\xC2' && text[1] < '\xA0';
    if (length == 0 || is_c1 || (length == 1 && (text[0] < ' ' || text[0] == '\x7F'))) {
      shown += '?';
    } else {
      shown += text.substr(0, length);
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return text.empty() ? shown : shown + "...";
}

/// "Not authorized (0x87)", with what the server adds in its own words.
std::string reason(ReasonCode code, const Properties& properties) {
  std::string text = fmt::format("{} (0x{:02X})", name(code), static_cast<unsigned>(code));
  if (const auto words = properties.find(property::reason_string))
    text += ": " + printable(words->view());
  if (const auto elsewhere = properties.find(property::server_reference))
    text += ", the server names " + printable(elsewhere->view());
  return text;
}
/// "not authorised (5)": before 5.0 a refusal has a return code of its own (3.1.1 §3.2.2.3).
std::string return_code_text(unsigned code) {
  constexpr std::array<std::string_view, 5> kTexts = {
      "unacceptable protocol version", "client identifier rejected", "server unavailable",
      "bad user name or password", "not authorised"};
  return fmt::format("{} ({})", kTexts[std::clamp(code, 1U, 5U) - 1], code);
}
}  // namespace

Failure dial_failure(const net::DialError& error) {
  const bool is_timeout = error.step == net::DialError::Step::timeout;
  return {is_timeout ? Kind::timeout : Kind::dial, ReasonCode::success, error.text, false};
}

Failure connack_timeout(const std::string& where, Duration timeout) {
  const double seconds = std::chrono::duration<double>(timeout).count();
  return {Kind::timeout, ReasonCode::success,
          fmt::format("{}: connected, but no CONNACK within {:g} s", where, seconds), false};
}

Failure refusal(const std::string& where, const Connack& connack, Version version) {
  const std::string why = version == Version::v5_0
                              ? reason(connack.reason_code, connack.properties)
                              : return_code_text(connack_return_code(connack.reason_code));
  return {Kind::refused, connack.reason_code, where + ": connection refused: " + why,
          is_lasting(connack.reason_code)};
}

Failure server_disconnect(const std::string& where, const Disconnect& disconnect) {
  return {Kind::server_disconnect, disconnect.reason_code,
          where + ": disconnected by the server: " +
              reason(disconnect.reason_code, disconnect.properties),
          is_lasting(disconnect.reason_code)};
}

std::optional<Failure> not_mqtt(const std::string& where, std::span<const std::byte> first) {
  if (first.empty()) return std::nullopt;
  if (first[0] == kConnack || first[0] == kDisconnect || first[0] == kAuth) return std::nullopt;
  const std::string_view text = as_text(first);
  const std::string_view what = text.starts_with("HTTP") ? "it answers in HTTP"
                                : text.starts_with("\x15\x03")
                                    ? "it answers in TLS"
                                    : "its first packet is not CONNACK";  // [MQTT-3.2.0-1]
  return Failure{Kind::protocol, ReasonCode::protocol_error,
                 where + ": the peer does not speak MQTT: " + std::string(what), true};
}

Failure session_failure(const std::string& where, const Error& error, bool was_online) {
  const std::string what(error.what);
  if (error.code == ReasonCode::keep_alive_timeout)
    return {Kind::connection_lost, error.code, where + ": connection lost: " + what, false};
  // A server that breaks MQTT once does so again, most of all with a message that it has kept.
  if (was_online) return {Kind::protocol, error.code, where + ": protocol error: " + what, true};
  return {Kind::protocol, error.code, where + ": the peer does not speak MQTT: " + what, true};
}

Failure connection_lost(const std::string& where, std::error_code reason, bool was_online) {
  const bool is_eof = reason == asio::error::eof;
  std::string text =
      where + (was_online ? is_eof ? ": connection closed by the server" : ": connection lost"
                          : ": connection closed before CONNACK");
  if (!is_eof) text += ": " + net::error_text(reason);
  // A TLS 1.3 server tells only after the client's handshake is over that it refuses it.
  const bool is_refused = !was_online && reason.category() == net::tls_category();
  return {is_refused ? Kind::dial : Kind::connection_lost, ReasonCode::success, std::move(text),
          false};
}

Failure taken_over(const std::string& where, std::string_view client_id) {
  return {Kind::server_disconnect, ReasonCode::session_taken_over,
          where +
              ": closed by the server soon after each of the last connections: another client "
              "seems to use the client id '" +
              printable(client_id) + "'",
          true};
}

}  // namespace mqtt::client
