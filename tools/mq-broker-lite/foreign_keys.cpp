#include "tools/mq-broker-lite/foreign_keys.hpp"

#include <algorithm>
#include <array>

namespace mq_broker_lite {
namespace {

constexpr std::string_view kPlugin = "plugins are not available: use password_file and acl_file";
constexpr std::string_view kPsk = "TLS with pre-shared keys is not available: use certificates";
constexpr std::string_view kEngine = "OpenSSL engines are not available: keyfile is a PEM file";
constexpr std::string_view kBridge = "bridges are not available in this version";
constexpr std::string_view kGone = "has had no effect since mosquitto 2.0";

constexpr std::array<ForeignKey, 39> kKeys = {{
    {"plugin", kPlugin},
    {"plugin_load", kPlugin},
    {"plugin_use", kPlugin},
    {"global_plugin", kPlugin},
    {"plugin_opt_*", kPlugin},
    {"auth_plugin", kPlugin},
    {"auth_plugin_deny_special_chars", kPlugin},
    {"auth_opt_*", kPlugin},
    {"enable_control_api", kPlugin},
    {"psk_file", kPsk},
    {"psk_hint", kPsk},
    {"tls_engine", kEngine},
    {"tls_engine_kpass_sha1", kEngine},
    {"tls_keyform", kEngine},
    {"http_dir", "files are not served over HTTP: use a web server"},
    {"http_api", "there is no HTTP interface but /metrics: use metrics_port"},
    {"use_username_as_clientid", "client ids are what clients say they are"},
    {"memory_limit", "there is no limit for the heap: use memory_per_client and the queue limits"},
    {"log_facility", "lines for syslog go to the facility daemon"},
    {"websockets_headers_size", "an HTTP request may have 8 KiB", false},
    {"websockets_log_level", "WebSocket has no log of its own: use log_type", false},
    {"allow_duplicate_messages", kGone, false},
    {"retry_interval", kGone, false},
    {"store_clean_interval", kGone, false},
    {"max_log_entries", kGone, false},
    {"addresses", kBridge},
    {"clientid", kBridge},
    {"username", kBridge},
    {"password", kBridge},
    {"local_username", kBridge},
    {"local_password", kBridge},
    {"idle_timeout", kBridge},
    {"threshold", kBridge},
    {"notifications_local_only", kBridge},
    {"bridge_bind_address", kBridge},
    {"bridge_identity", kBridge},
    {"bridge_psk", kBridge},
    {"bridge_require_ocsp", kBridge},
    {"bridge_tls_version", kBridge},
}};

}  // namespace

std::span<const ForeignKey> foreign_keys() { return kKeys; }

std::optional<ForeignKey> find_foreign_key(std::string_view name) {
  const auto found = std::ranges::find_if(kKeys, [name](const ForeignKey& key) {
    if (key.name.ends_with('*')) return name.starts_with(key.name.substr(0, key.name.size() - 1));
    return key.name == name;
  });
  if (found == kKeys.end()) return std::nullopt;
  return *found;
}

}  // namespace mq_broker_lite
