#pragma once

#include <string>
#include <vector>

#include "tools/common/setters.hpp"
#include "tools/mq-broker-lite/options.hpp"

namespace mq_broker_lite {

// Values that only listeners have. Each function gives what is wrong, or a setter that does.

/// "1883", "8883 192.0.2.1", "0 /run/mqtt.sock".
cli::Complaint read_listener(ListenerDraft& block, const std::string& value);
cli::Complaint read_port(ListenerDraft& door, const std::string& value);
cli::Complaint read_unix_path(ListenerDraft& door, const std::string& value);

/// "::1" for "[::1]", as a URL has it; anything else as it is.
std::string bare_address(const std::string& text);

cli::Setter set_protocol(mqtt::server::ListenerSettings::Protocol& target);
cli::Setter set_socket_domain(mqtt::net::ListenOptions::Family& target);
cli::Setter set_versions(std::vector<mqtt::Version>& target);
cli::Setter set_mount_point(std::string& target);
cli::Setter set_websockets_path(std::string& target);
cli::Setter set_proxy_protocol(bool& target);

}  // namespace mq_broker_lite
