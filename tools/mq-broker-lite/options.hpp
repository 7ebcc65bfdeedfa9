#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "libmqtt/server/settings.hpp"
#include "tools/common/option.hpp"
#include "tools/mq-broker-lite/key.hpp"

namespace mq_broker_lite {

/// A listener as a configuration describes it, before addresses are filled in and TLS is judged.
struct ListenerDraft {
  enum class Tls { with_certificate, always, never };

  ListenerDraft() { settings.socket.address.clear(); }

  std::string place;                  ///< "house.conf:12", "--tls-port": begins complaints.
  std::string first_key;              ///< The place of the first key that belongs to it.
  std::optional<std::uint16_t> port;  ///< 0: any free port.
  bool is_local = false;              ///< Without an address it means loopback, not every address.
  Tls tls_use = Tls::with_certificate;
  mqtt::net::TlsServerOptions tls;
  mqtt::server::ListenerSettings settings;  ///< But for socket.port and tls.
};

/// What the keys are read into, first from the file and then from the command line.
struct Options {
  enum class Source { file, command_line };

  // Only on the command line.
  std::string config_file;
  bool check_config = false;
  bool ignore_unknown_keys = false;

  std::string store;  ///< Else persistence says whether there is one, and where.
  mqtt::store::Sync store_sync = mqtt::store::Sync::full;
  bool persistence = false;
  std::string persistence_file = "mq-broker-lite.store";
  std::string persistence_location;

  std::vector<std::string> include_dirs;   ///< Of the command line; read behind the file.
  mqtt::server::ServerSettings settings;   ///< But for the listeners.
  ListenerDraft defaults;                  ///< What stands before the first `listener`.
  std::vector<ListenerDraft> blocks;       ///< One a `listener`.
  std::vector<ListenerDraft> doors;        ///< -p, --unix, --tls-port: with the defaults' rest.
  std::optional<std::size_t> block;        ///< Which of `blocks` per-listener keys belong to.
  std::string place = "the command line";  ///< Where the key being read stands.
  Source source = Source::command_line;
  bool opens_default = false;  ///< A file names the default listener's port or address.
  bool nodelay = true;         ///< Of every listener.
  bool has_security = false;   ///< An access key was met: per_listener_settings comes too late.
  bool is_open_by_default = false;    ///< Decided: anonymous clients of this machine come in.
  std::vector<std::string> warnings;  ///< For the start; each one line.
  /// What files said of the keys that a reload does not change, by key; one line a time.
  std::map<std::string, std::string> fixed;

  ListenerDraft& current() { return block ? blocks[*block] : defaults; }
  /// Where access keys go.
  mqtt::server::AccessSettings& access() {
    return settings.per_listener_settings ? current().settings.access : settings.access;
  }
};

/// The rows of the table; their setters write into `options`, which must outlive them.
std::vector<Key> keys(Options& options);

/// mq-broker-lite with all its options: the keys and what stands only on a command line.
cli::Tool describe(Options& options);

}  // namespace mq_broker_lite
