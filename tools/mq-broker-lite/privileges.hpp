#pragma once

#include <expected>
#include <optional>
#include <string>

#include "libmqtt/server/settings.hpp"

namespace mq_broker_lite {

/// The user that the process is to become: the one that the settings name, or, for root on a
/// listener that can be reached from the network, mosquitto or nobody. Nothing: it stays who it is,
/// which is so for everybody but root. The error names a user that does not exist.
std::expected<std::optional<std::string>, std::string> user_to_become(
    const mqtt::server::ServerSettings& settings);

/// Becomes that user, with its groups, for good. The error is one line.
std::expected<void, std::string> become(const std::string& user);

}  // namespace mq_broker_lite
