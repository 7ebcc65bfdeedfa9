#pragma once

#include <expected>
#include <string>
#include <vector>

#include "tools/mq-broker-lite/options.hpp"

namespace mq_broker_lite {

/// The listeners of a configuration that has been read, one for each address: defaults filled in,
/// names looked up, and who may come in decided (settings.access.allow_anonymous is set). Refused,
/// with one line that names the place, is what lacks a certificate or what would let in anybody
/// from the network although nobody has said so.
std::expected<std::vector<mqtt::server::ListenerSettings>, std::string> complete_listeners(
    Options& options);

/// Whether only this machine can reach it: a loopback address, written as digits, or a Unix socket.
bool is_local(const mqtt::net::ListenOptions& socket);

}  // namespace mq_broker_lite
