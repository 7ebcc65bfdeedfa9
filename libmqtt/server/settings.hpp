#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libmqtt/broker/broker_options.hpp"
#include "libmqtt/net/listen.hpp"
#include "libmqtt/net/tls_options.hpp"
#include "libmqtt/server/log_settings.hpp"
#include "libmqtt/store/store.hpp"

namespace mqtt::server {

/// Who may come in, and what they may do: one of these for the whole server, or one a listener
/// (per_listener_settings).
struct AccessSettings {
  std::optional<bool> allow_anonymous;  ///< The configuration sets every listener's.
  std::string password_file;
  std::string acl_file;
};

/// Where and how clients connect, and what differs between the doors.
struct ListenerSettings {
  enum class Protocol : std::uint8_t { mqtt, websockets };

  std::uint16_t number = 0;  ///< Its place among the server's listeners; the server sets it.
  net::ListenOptions socket;
  /// Listeners of one block ("listener 0" on several addresses) whose port is 0 share one free
  /// port.
  std::uint32_t block = 0;
  Protocol protocol = Protocol::mqtt;
  std::optional<net::TlsServerOptions> tls;
  bool use_identity_as_username = false;        ///< The client certificate's CN.
  bool use_subject_as_username = false;         ///< Its whole subject, as RFC 2253 writes it.
  std::string websockets_path;                  ///< "/mqtt"; empty: any path will do.
  std::vector<std::string> websockets_origins;  ///< Origins let in; empty: any.
  bool proxy_protocol = false;  ///< A PROXY header, v1 or v2, begins each connection.
  bool proxy_protocol_v2_requires_tls = false;  ///< And says that the client used TLS.
  /// And that it showed the proxy a good certificate: require_certificate where `tls` is not set.
  bool proxy_protocol_v2_requires_certificate = false;
  /// allow_anonymous is set and in force; the files are unused unless per_listener_settings.
  AccessSettings access;
  std::optional<std::uint32_t> max_connections;
  broker::ListenerRules rules;  ///< Mount point, versions and limits of its own.
};

/// How the process lives beside its clients.
struct OperationSettings {
  std::string pid_file;
  std::string user;  ///< Whom root becomes before the first accept.
  std::string port_file;
  std::string ready_file;
  std::optional<int> ready_descriptor;
  std::optional<Duration> exit_after_idle;
  bool exit_with_parent = false;
  Duration sys_interval = Seconds(10);  ///< Between two updates of $SYS; zero: no $SYS.
  std::optional<net::ListenOptions> metrics;
  std::string version;  ///< What the broker calls itself in $SYS and /metrics.
};

/// Where the state of the broker lasts.
struct StoreSettings {
  std::string path;
  store::Sync sync = store::Sync::full;
};

/// Everything that a configuration says.
struct ServerSettings {
  broker::BrokerOptions broker;
  std::vector<ListenerSettings> listeners;
  bool per_listener_settings = false;
  AccessSettings access;  ///< Unless per_listener_settings.
  LogSettings log;
  OperationSettings operation;
  std::optional<StoreSettings> store;            ///< Without one nothing outlives the process.
  std::optional<std::uint32_t> max_connections;  ///< Over all listeners (global_max_connections).
};

}  // namespace mqtt::server
