#pragma once

#include <cstdint>
#include <variant>

#include "libmqtt/base/error.hpp"
#include "libmqtt/codec/packet.hpp"
#include "libmqtt/session/line.hpp"

namespace mqtt {

/// What a client session tells its owner.
namespace client_event {
/// CONNACK arrived; a failure code means the server closes now.
struct Connected {
  Connack connack;
};
/// An application message; topic aliases resolved. With manual acknowledgement a QoS 1 or 2 message
/// must be given back to ClientSession::acknowledge() with its packet id.
struct MessageReceived {
  Publish publish;
};
/// Only with manual acknowledgement: PUBREL came for a QoS 2 message that was acknowledged, and
/// PUBCOMP goes out: its handshake is complete, and ending the connection cannot bring it again.
struct MessageReleased {
  std::uint16_t packet_id = 0;
};
/// A message of publish() has come to its end: QoS 0 written to the transport to its last byte, QoS
/// 1 PUBACK, QoS 2 PUBCOMP (or PUBREC with a failure). `reason_code` is the server's (success
/// in 3.1.1).
struct PublishFinished {
  std::uint64_t token = 0;
  ReasonCode reason_code = ReasonCode::success;
  Bytes reason_string;
};
/// PUBREC came for a QoS 2 message of publish(): the server has it, PUBCOMP is still to come. Only
/// when asked for.
struct PublishReceived {
  std::uint64_t token = 0;
};
/// One reason code per request of the SUBSCRIBE, in order.
struct Subscribed {
  Suback suback;
};
/// In 5.0 one reason code per filter of the UNSUBSCRIBE, in order.
struct Unsubscribed {
  Unsuback unsuback;
};
/// The server's DISCONNECT (5.0): it closes now.
struct ServerDisconnected {
  Disconnect disconnect;
};
struct AuthReceived {
  Auth auth;
};
/// The peer broke the protocol or answers no more (keep_alive_timeout): write what is in output(),
/// close.
struct Failed {
  Error error;
};
}  // namespace client_event
using ClientEvent = std::variant<client_event::Connected, client_event::MessageReceived,
                                 client_event::PublishFinished, client_event::Subscribed,
                                 client_event::Unsubscribed, client_event::ServerDisconnected,
                                 client_event::AuthReceived, client_event::Failed,
                                 client_event::MessageReleased, client_event::PublishReceived>;
using ClientEvents = Line<ClientEvent>;

}  // namespace mqtt
