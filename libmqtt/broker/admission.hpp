#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "libmqtt/broker/broker_options.hpp"
#include "libmqtt/broker/statistics.hpp"

namespace mqtt::broker {

/// What a connection by this listener (nullptr: by one without rules of its own) is limited to.
ServerLimits limits_of(const BrokerOptions& options, const ListenerRules* listener);

/// Why a CONNECT is refused, and where that is counted.
struct Refusal {
  ReasonCode reason_code;
  std::uint64_t Refusals::*counter;
};

/// Why a well-formed CONNECT is refused, if it is. `client_id` is the client's own or, when it
/// brought none, the one made up for it.
std::optional<Refusal> refusal_of(const Connect& connect, std::string_view client_id,
                                  const ClientContext& context, const BrokerOptions& options);

/// Seconds that the client's session is kept after its connection's end: as it asks for, as far as
/// that is allowed.
std::uint32_t expiry_interval_of(const Connect& connect, const BrokerOptions& options);
std::uint32_t allowed_expiry(std::uint32_t seconds, const BrokerOptions& options);

/// What the CONNACK that accepts it tells of the server: its limits, the client's Keep Alive where
/// the server shortens it, the client's id where the server made it up. Never more: no Response
/// Information [MQTT-3.1.2-28], no Reason String [MQTT-3.2.2-19], no User Property
/// [MQTT-3.2.2-20]. Empty in 3.x.
Properties announcement_for(const Connect& connect, std::string_view client_id,
                            const ClientContext& context, const BrokerOptions& options);

}  // namespace mqtt::broker
