#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "libmqtt/net/address.hpp"
#include "libmqtt/net/opening.hpp"

namespace mqtt::net {

/// What is said to the proxy so that it connects to host and port: SOCKS 5 (RFC 1928, with a user
/// name by RFC 1929) or CONNECT of HTTP (RFC 9110 §9.3.6, with Basic authentication).
std::unique_ptr<Opening> proxy_opening(const ProxyAddress& proxy, const std::string& host,
                                       std::uint16_t port);

}  // namespace mqtt::net
