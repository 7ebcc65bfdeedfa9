#include "tools/mq-broker-lite/key_groups.hpp"
#include "tools/mq-broker-lite/key_setters.hpp"
#include "tools/mq-broker-lite/listener_value.hpp"

namespace mq_broker_lite {
namespace {

using mqtt::broker::ListenerRules;
using mqtt::net::ListenOptions;
using mqtt::server::ListenerSettings;
using Syntax = Key::Syntax;

constexpr std::string_view kListeners = "Listeners";

/// A listener of its own beside the blocks; what it does not say is as in the default listener.
template <class Read>
cli::Setter add_door(Options& options, Read read) {
  return [&options, read](cli::Words words) -> cli::Complaint {
    ListenerDraft door;
    door.place = options.place;
    door.is_local = true;
    if (cli::Complaint complaint = read(door, words[0]); !complaint.empty()) return complaint;
    options.doors.push_back(std::move(door));
    return {};
  };
}

cli::Setter add_protocol_door(Options& options, ListenerSettings::Protocol protocol,
                              ListenerDraft::Tls tls) {
  return add_door(options, [protocol, tls](ListenerDraft& door, const std::string& word) {
    door.settings.protocol = protocol;
    door.tls_use = tls;
    return read_port(door, word);
  });
}

/// On the command line each -p is a listener; in a file `port` is the default listener's.
cli::Setter set_port(Options& options) {
  return [&options](cli::Words words) -> cli::Complaint {
    if (options.source == Options::Source::command_line) return add_door(options, read_port)(words);
    options.defaults.place = options.place;
    options.opens_default = true;
    return read_port(options.defaults, words[0]);
  };
}

cli::Setter set_bind_address(Options& options) {
  return [&options](cli::Words words) -> cli::Complaint {
    options.defaults.place = options.place;
    options.defaults.settings.socket.address = bare_address(words[0]);
    options.opens_default |= options.source == Options::Source::file;
    return {};
  };
}

cli::Setter add_block(Options& options) {
  return [&options](cli::Words words) -> cli::Complaint {
    ListenerDraft block;
    block.place = options.place;
    if (cli::Complaint complaint = read_listener(block, words[0]); !complaint.empty())
      return complaint;
    options.blocks.push_back(std::move(block));
    options.block = options.blocks.size() - 1;
    return {};
  };
}

std::vector<Key> default_listener_keys(Options& options) {
  return {
      {.option = {.name = "port",
                  .letter = 'p',
                  .value = "PORT",
                  .group = kListeners,
                  .help = "listen on this port; 0 takes any free one",
                  .man = "On the command line it may be given several times, and means the "
                         "loopback addresses unless --bind-address says otherwise. In a file it is "
                         "the port of the default listener, on every address. The real port is in "
                         "the line printed at the start.",
                  .default_text = "1883",
                  .set = set_port(options)}},
      {.option = {.name = "bind-address",
                  .letter = 'b',
                  .value = "ADDR",
                  .group = kListeners,
                  .help = "address of the default listener and of ports on the command line",
                  .man = "An IPv4 or IPv6 address, or a name that is looked up once, at the start.",
                  .set = set_bind_address(options),
                  .hint = cli::Option::Hint::host},
       .syntax = Syntax::line},
      {.option = {.name = "listener",
                  .value = "\"PORT [ADDR]\"",
                  .group = kListeners,
                  .help = "begin a listener, to which the per-listener options behind it belong",
                  .man = "PORT and, unless it listens on every address, an IPv4 or IPv6 address or "
                         "a name; PORT 0 takes any free one. 0 and a path is a Unix socket. One "
                         "word on the command line: --listener \"8883 192.0.2.1\".",
                  .set = add_block(options)},
       .syntax = Syntax::list},
  };
}

std::vector<Key> door_keys(Options& options) {
  using enum ListenerSettings::Protocol;
  using Tls = ListenerDraft::Tls;
  return {
      {.option = {.name = "unix",
                  .value = "PATH",
                  .group = kListeners,
                  .help = "listen on this Unix socket",
                  .set = add_door(options,
                                  [](ListenerDraft& door, const std::string& word) {
                                    door.tls_use = ListenerDraft::Tls::never;
                                    return read_unix_path(door, word);
                                  }),
                  .hint = cli::Option::Hint::file},
       .syntax = Syntax::list},
      {.option = {.name = "tls-port",
                  .value = "PORT",
                  .group = kListeners,
                  .help = "listen with TLS on this port",
                  .man = "With the certificate that --certfile and --keyfile give; --port is plain "
                         "then.",
                  .set = add_protocol_door(options, mqtt, Tls::always)},
       .syntax = Syntax::words},
      {.option = {.name = "ws-port",
                  .value = "PORT",
                  .group = kListeners,
                  .help = "listen for WebSocket on this port",
                  .set = add_protocol_door(options, websockets, Tls::never)},
       .syntax = Syntax::words},
      {.option = {.name = "wss-port",
                  .value = "PORT",
                  .group = kListeners,
                  .help = "listen for WebSocket over TLS on this port",
                  .set = add_protocol_door(options, websockets, Tls::always)},
       .syntax = Syntax::words},
  };
}

std::vector<Key> behaviour_keys(Options& options) {
  return {
      {.option = {.name = "protocol",
                  .value = "PROTOCOL",
                  .group = kListeners,
                  .help = "what a listener speaks: mqtt or websockets",
                  .default_text = "mqtt",
                  .set = in_listener(options, &ListenerSettings::protocol, set_protocol),
                  .choices = {"mqtt", "websockets"}},
       .scope = Key::Scope::listener},
      {.option = {.name = "socket-domain",
                  .value = "DOMAIN",
                  .group = kListeners,
                  .help = "only ipv4 or ipv6 addresses, for a name or a listener that has none",
                  .set = in_listener(options, &ListenOptions::family, set_socket_domain),
                  .choices = {"ipv4", "ipv6"}},
       .scope = Key::Scope::listener},
      {.option = {.name = "bind-interface",
                  .value = "NAME",
                  .group = kListeners,
                  .help = "take only connections that come in by this network interface",
                  .set = in_listener(options, &ListenOptions::interface, kSetText)},
       .syntax = Syntax::line,
       .scope = Key::Scope::listener},
      {.option = {.name = "accept-protocol-versions",
                  .value = "LIST",
                  .group = kListeners,
                  .help = "MQTT versions that a listener takes, with commas between",
                  .man = "3 is MQTT 3.1, 4 is 3.1.1, 5 is 5.0.",
                  .default_text = "3,4,5",
                  .set = in_listener(options, &ListenerRules::accepted_versions, set_versions)},
       .syntax = Syntax::line,
       .scope = Key::Scope::listener},
      {.option = {.name = "mount-point",
                  .value = "PREFIX",
                  .group = kListeners,
                  .help = "put before every topic of a listener's clients",
                  .man = "They don't see it: it is taken off what they receive.",
                  .set = in_listener(options, &ListenerRules::mount_point, set_mount_point)},
       .syntax = Syntax::line,
       .scope = Key::Scope::listener},
  };
}

std::vector<Key> transport_keys(Options& options) {
  const auto add_origin = [](std::vector<std::string>& target) { return cli::add_text(target); };
  return {
      {.option = {.name = "websockets-origin",
                  .value = "ORIGIN",
                  .group = kListeners,
                  .help = "let only pages of this origin connect; may be given several times",
                  .set = in_listener(options, &ListenerSettings::websockets_origins, add_origin)},
       .syntax = Syntax::list,
       .scope = Key::Scope::listener},
      {.option = {.name = "websockets-path",
                  .value = "PATH",
                  .group = kListeners,
                  .help = "take WebSocket connections for this path only",
                  .set = in_listener(options, &ListenerSettings::websockets_path,
                                     set_websockets_path)},
       .syntax = Syntax::line,
       .scope = Key::Scope::listener},
      {.option = {.name = "enable-proxy-protocol",
                  .value = "VERSION",
                  .group = kListeners,
                  .help = "a PROXY header begins each connection and says where it comes from",
                  .man = "1 or 2; either takes both versions. A connection without the header is "
                         "refused.",
                  .set =
                      in_listener(options, &ListenerSettings::proxy_protocol, set_proxy_protocol),
                  .choices = {"1", "2"}},
       .scope = Key::Scope::listener},
      yes_no_key(
          {.option = {.name = "proxy-protocol-v2-require-tls",
                      .group = kListeners,
                      .help = "refuse whom the PROXY header does not say to use TLS",
                      .default_text = "false",
                      .set = in_listener(options, &ListenerSettings::proxy_protocol_v2_requires_tls,
                                         kSetYesNo)},
           .scope = Key::Scope::listener}),
      yes_no_key({.option = {.name = "set-tcp-nodelay",
                             .group = kListeners,
                             .help = "send small packets at once",
                             .default_text = "true",
                             .set = set_yes_no(options.nodelay)}}),
  };
}

}  // namespace

std::vector<Key> listener_keys(Options& options) {
  std::vector<Key> rows = default_listener_keys(options);
  append(rows, door_keys(options));
  append(rows, behaviour_keys(options));
  append(rows, transport_keys(options));
  return rows;
}

}  // namespace mq_broker_lite
