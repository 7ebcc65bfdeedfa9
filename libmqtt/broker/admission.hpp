#pragma once

#include <optional>
#include <string_view>

#include "libmqtt/broker/broker_options.hpp"

namespace mqtt::broker {

/// Why a well-formed CONNECT is refused, if it is. `client_id` is the client's own or, when it
/// brought none, the one made up for it.
std::optional<ReasonCode> refusal_of(const Connect& connect, std::string_view client_id,
                                     const BrokerOptions& options);

/// What the CONNACK that accepts it tells of the server: its limits, the client's Keep Alive where
/// the server shortens it, the client's id where the server made it up. Never more: no Response
/// Information [MQTT-3.1.2-28], no Reason String [MQTT-3.2.2-19], no User Property
/// [MQTT-3.2.2-20]. Empty in 3.x.
Properties announcement_for(const Connect& connect, std::string_view client_id,
                            const BrokerOptions& options);

}  // namespace mqtt::broker
