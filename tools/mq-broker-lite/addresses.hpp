#pragma once

#include <expected>
#include <string>
#include <vector>

#include "libmqtt/net/asio.hpp"
#include "tools/mq-broker-lite/options.hpp"

namespace mq_broker_lite {

/// The addresses that a listener means: what it names (a name is looked up, which may block), else
/// loopback or every address, of IPv4 and, where the machine has it, IPv6. The error says what is
/// wrong with the name.
std::expected<std::vector<asio::ip::address>, std::string> addresses_of(const ListenerDraft& draft);

}  // namespace mq_broker_lite
