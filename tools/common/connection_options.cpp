#include "tools/common/connection_options.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <utility>

#include "tools/common/secret_input.hpp"
#include "tools/common/terminal.hpp"

namespace cli {
namespace {

using mqtt::Bytes;
using mqtt::Version;

std::optional<std::uint32_t> session_expiry(const ConnectionOptions& options) {
  if (options.session_expiry) return options.session_expiry;
  // -c asks for a session that stays; in 5.0 clean start alone would let it end with the
  // connection.
  if (options.keep_session) return ConnectionOptions::kNeverExpires;
  return std::nullopt;
}

mqtt::Properties connect_properties(const ConnectionOptions& options) {
  using mqtt::PropertyPlace;
  mqtt::PropertiesBuilder builder = options.properties.builder(PropertyPlace::connect);
  const auto expiry = session_expiry(options);
  const bool is_given =
      options.properties.has(PropertyPlace::connect, mqtt::PropertyId::session_expiry_interval);
  if (expiry && !is_given && options.effective_version() == Version::v5_0) {
    builder.add(mqtt::property::session_expiry_interval, *expiry);
  }
  return builder.build();
}

std::string client_id(const ConnectionOptions& options) {
  if (options.client_id) return *options.client_id;
  if (options.id_prefix) return fmt::format("{}{}", *options.id_prefix, ::getpid());
  // 3.1 knows no empty client id; from 3.1.1 on the server gives one.
  if (options.effective_version() != Version::v3_1) return {};
  const auto ticks = std::chrono::steady_clock::now().time_since_epoch().count();
  return fmt::format("mq-{}-{:x}", ::getpid(), static_cast<std::uint32_t>(ticks));
}

mqtt::Will will(const ConnectionOptions& options) {
  return {
      .topic = Bytes::copy(*options.will.topic),
      .payload = Bytes::copy(options.will.payload.value_or("")),
      .properties = options.properties.build(mqtt::PropertyPlace::will),
      .qos = static_cast<mqtt::Qos>(options.will.qos),
      .retain = options.will.retain,
  };
}

mqtt::Connect connect_packet(const ConnectionOptions& options) {
  mqtt::Connect connect;
  connect.version = options.effective_version();
  connect.clean_start = !options.keep_session;
  connect.keep_alive = options.keep_alive;
  connect.client_id = Bytes::copy(client_id(options));
  if (options.username) connect.username = Bytes::copy(*options.username);
  if (options.password) connect.password = Bytes::copy(*options.password);
  if (options.will.topic) connect.will = will(options);
  connect.properties = connect_properties(options);
  return connect;
}

Complaint check_session(const ConnectionOptions& options) {
  if (options.client_id && options.id_prefix) return "-i and -I exclude each other";
  const bool is_v5 = options.effective_version() == Version::v5_0;
  if (!is_v5 && options.keep_session && !options.client_id) {
    return "-c: a session to come back to needs a client id (-i)";
  }
  if (options.session_expiry == ConnectionOptions::kNeverExpires && !options.client_id) {
    return "-x: a session that never expires needs a client id (-i)";
  }
  if (!is_v5 && options.password && !options.username) {
    return "-P: before MQTT 5.0 a password needs a user name (-u)";
  }
  return {};
}

Complaint check_will(const ConnectionOptions& options) {
  if (options.will.topic) return {};
  if (options.will.payload) return "--will-payload: needs --will-topic";
  if (options.will.retain) return "--will-retain: needs --will-topic";
  if (!options.properties.build(mqtt::PropertyPlace::will).empty()) {
    return "-D will: needs --will-topic";
  }
  return {};
}

Complaint settle_address(ConnectionOptions& options) {
  auto transport = settle(options.transport, options.address.scheme);
  if (!transport) return std::move(transport.error());
  options.address.scheme = transport->scheme;
  options.address.port = options.port.value_or(transport->default_port);
  options.tls = std::move(transport->tls);
  if (transport->scheme != mqtt::net::Address::Scheme::unix_socket) return {};
  if (!options.transport.unix_path.empty()) options.address.host = options.transport.unix_path;
  options.address.port = 0;
  return {};
}

/// Last of all, so that nobody types a password for a command line that is refused.
Complaint ask_password(ConnectionOptions& options) {
  const std::string user = options.username ? " for " + escaped(*options.username) : "";
  auto password = ask_secret("Password" + user);
  if (!password) return "-P: " + password.error();
  options.password = std::move(*password);
  return {};
}

}  // namespace

Version ConnectionOptions::effective_version() const {
  if (session_expiry || !properties.empty()) return Version::v5_0;
  return version.value_or(Version::v3_1_1);
}

Complaint check(ConnectionOptions& options) {
  if (Complaint complaint = check_session(options); !complaint.empty()) return complaint;
  if (Complaint complaint = check_will(options); !complaint.empty()) return complaint;
  if (Complaint complaint = settle_address(options); !complaint.empty()) return complaint;
  return options.asks_password ? ask_password(options) : Complaint{};
}

mqtt::client::ClientOptions client_options(const ConnectionOptions& options) {
  mqtt::client::ClientOptions client;
  client.address = options.address;
  client.dial.timeout = options.connect_timeout;
  client.dial.bind_address = options.bind_address;
  client.dial.tls = options.tls;
  client.dial.websocket = options.transport.websocket_options;
  client.dial.proxy = options.transport.proxy;
  client.connect_timeout = options.connect_timeout;
  client.session.connect = connect_packet(options);
  client.session.maximum_in_flight = options.maximum_in_flight;
  client.reconnect = options.reconnect;
  client.retries = options.retries;
  return client;
}

}  // namespace cli
