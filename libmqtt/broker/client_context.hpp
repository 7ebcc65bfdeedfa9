#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libmqtt/codec/packet.hpp"

namespace mqtt::broker {

/// Names a set of access rules inside one broker: 0 is the server's, any other number a listener's
/// (per_listener_settings). Broker::replace_access() says what the rules are.
using AccessScope = std::uint16_t;

/// What one listener does differently from BrokerOptions; what is unset or empty is as there.
struct ListenerRules {
  /// Put before every topic and filter of its clients, taken off on the way out; with a '/' at its
  /// end, which is added where it lacks. A session belongs to the mount point that it began under:
  /// a client that comes back through another one begins anew.
  std::string mount_point = {};
  std::vector<Version> accepted_versions = {};
  std::optional<Qos> maximum_qos = {};
  std::optional<std::uint16_t> topic_alias_maximum = {};  ///< Aliases a client may set up.
  std::optional<std::uint16_t> outgoing_aliases = {};     ///< Aliases set up towards a client.
  std::optional<bool> allow_zero_length_client_id = {};
  std::optional<std::string> auto_id_prefix = {};
};

/// What a driver knows of a client besides its CONNECT.
struct ClientContext {
  std::string username = {};  ///< Authenticated; empty for an anonymous client.
  AccessScope access = 0;
  const ListenerRules* listener = nullptr;  ///< Outlives the call; nullptr: as BrokerOptions say.
  /// Method and data of an enhanced authentication that has succeeded, for the CONNACK. Empty:
  /// there was none, and a CONNECT that asks for a method is refused (0x8C).
  Properties authentication = {};
};

}  // namespace mqtt::broker
