#pragma once

#include <cstdint>
#include <system_error>

namespace mqtt::net {

/// What ends a WebSocket connection besides the transport's own errors.
enum class WsError : std::uint8_t {
  handshake_refused = 1,  ///< By us: the client has our HTTP answer.
  not_binary,             ///< A data frame that is not binary.
  protocol_error,         ///< Framing that RFC 6455 forbids.
};

std::error_code make_error_code(WsError error);

}  // namespace mqtt::net

template <>
struct std::is_error_code_enum<mqtt::net::WsError> : std::true_type {};
