#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "libmqtt/client/client.hpp"
#include "tools/common/option.hpp"
#include "tools/common/property_options.hpp"
#include "tools/common/transport_options.hpp"

namespace cli {

/// What the flags shared by the client tools are read into.
struct ConnectionOptions {
  /// The session expiry (5.0 §3.1.2.11.2) of a session that never expires.
  static constexpr std::uint32_t kNeverExpires = 0xFFFF'FFFF;

  struct Will {
    std::optional<std::string> topic;
    std::optional<std::string> payload;
    std::uint8_t qos = 0;
    bool retain = false;
  };

  mqtt::net::Address address;         ///< Settled by check(): scheme and port too.
  std::optional<std::uint16_t> port;  ///< As -p and -L say.
  TransportOptions transport;
  std::optional<mqtt::net::TlsContext> tls;  ///< Loaded by check().
  std::string bind_address;
  std::string url_topic;  ///< The topic of -L; empty when it has none.
  std::optional<std::string> username;
  std::optional<std::string> password;
  bool asks_password = false;  ///< -P -: check() asks for it.
  std::optional<mqtt::Version> version;
  std::uint16_t keep_alive = 60;
  mqtt::Duration connect_timeout = mqtt::Seconds(30);

  std::optional<std::string> client_id;
  std::optional<std::string> id_prefix;
  bool keep_session = false;
  std::optional<std::uint32_t> session_expiry;
  std::uint16_t maximum_in_flight = 20;
  PropertyOptions properties;
  Will will;

  bool reconnect = true;
  std::optional<unsigned> retries;

  /// 3.1.1 unless -V says otherwise; -x and -D imply 5.0 over any -V, as they always have.
  mqtt::Version effective_version() const;
};

/// What is wrong with these options together; empty when nothing is. Settles the address and loads
/// what the TLS options name; for -P - asks for the password.
Complaint check(ConnectionOptions& options);

/// Checked options as the client wants them.
mqtt::client::ClientOptions client_options(const ConnectionOptions& options);

}  // namespace cli
