#pragma once

#include <variant>

#include "libmqtt/base/error.hpp"
#include "libmqtt/codec/packet.hpp"

namespace mqtt {

/// What a server session tells the driver between it and the broker.
namespace server_event {
/// The first packet: answer, at once or later, with accept(), refuse() or an AUTH.
struct ConnectRequested {
  Connect connect;
};
/// To be routed; the topic alias is resolved. At QoS 1 and 2 answer with acknowledge().
struct Published {
  Publish publish;
};
struct SubscribeRequested {
  Subscribe subscribe;
};
struct UnsubscribeRequested {
  Unsubscribe unsubscribe;
};
/// While there is no session yet: a continuation of what began with CONNECT, to be answered like
/// that. On a live connection any AUTH.
struct AuthReceived {
  Auth auth;
};
/// The client's DISCONNECT: close after flushing.
struct Disconnected {
  Disconnect disconnect;
};
/// The client broke the protocol or fell silent; what it is to be told is in the output: flush,
/// close.
struct Failed {
  Error error;
};
}  // namespace server_event
using ServerEvent =
    std::variant<server_event::ConnectRequested, server_event::Published,
                 server_event::SubscribeRequested, server_event::UnsubscribeRequested,
                 server_event::AuthReceived, server_event::Disconnected, server_event::Failed>;

}  // namespace mqtt
