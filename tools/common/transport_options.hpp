#pragma once

#include <optional>
#include <string>

#include "libmqtt/net/address.hpp"
#include "libmqtt/net/dial.hpp"
#include "tools/common/option.hpp"

namespace cli {

/// What the flags say about the way to the broker, besides host and port.
struct TransportOptions {
  std::string unix_path;  ///< Instead of host and port.
  bool websocket = false;
  mqtt::net::WsClientOptions websocket_options;
  std::optional<mqtt::net::ProxyAddress> proxy;
  mqtt::net::TlsClientOptions tls;
  bool use_os_certs = false;
  bool is_tls_port = false;  ///< -p 8883, which by itself asks for TLS.
  bool no_tls = false;
};

/// A way that has been settled.
struct Transport {
  mqtt::net::Address::Scheme scheme = mqtt::net::Address::Scheme::mqtt;
  std::uint16_t default_port = 1883;
  std::optional<mqtt::net::TlsContext> tls;  ///< With its files loaded.
};

/// Puts the flags and the scheme of -L together; the complaint names the flag.
std::expected<Transport, Complaint> settle(const TransportOptions& options,
                                           mqtt::net::Address::Scheme url_scheme);

}  // namespace cli
