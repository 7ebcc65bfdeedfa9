#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

#include "libmqtt/base/error.hpp"
#include "libmqtt/base/time.hpp"
#include "libmqtt/codec/packet.hpp"
#include "libmqtt/net/dial.hpp"

namespace mqtt::client {

/// Why a connection attempt or a connection ended, in a form that exit codes and messages come
/// from.
struct Failure {
  enum class Kind {
    dial,               ///< Look-up, connect: the text says which.
    timeout,            ///< No connection or no CONNACK within connect_timeout.
    refused,            ///< CONNACK with a failure code.
    server_disconnect,  ///< The server sent DISCONNECT, or the session was taken over (0x8E).
    connection_lost,    ///< EOF or I/O error, keep-alive included.
    protocol,           ///< The peer broke MQTT, or does not speak it.
  } kind{};
  ReasonCode reason_code = ReasonCode::success;  ///< Of refused, server_disconnect, protocol.
  std::string text;  ///< One line, naming host and port; safe to be shown.
  /// Whether trying again can help: false for refusals that stay (bad credentials, not authorized,
  /// unsupported version, client id …) and for a session that was taken over.
  bool is_permanent = false;
};

// How each of them comes about; `where` is host and port.
Failure dial_failure(const net::DialError& error);
Failure connack_timeout(const std::string& where, Duration timeout);
Failure refusal(const std::string& where, const Connack& connack, Version version);
Failure server_disconnect(const std::string& where, const Disconnect& disconnect);
/// The first bytes of a connection, if they cannot begin an answer to CONNECT: known before the
/// frame that they seem to announce is complete.
std::optional<Failure> not_mqtt(const std::string& where, std::span<const std::byte> first);
/// The session found a fault of the peer, or its silence; `was_online`: after CONNACK.
Failure session_failure(const std::string& where, const Error& error, bool was_online);
Failure connection_lost(const std::string& where, std::error_code reason, bool was_online);
/// A 3.x server does not say so, but the way it closes connections tells.
Failure taken_over(const std::string& where, std::string_view client_id);

}  // namespace mqtt::client
