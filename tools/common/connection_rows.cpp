#include "tools/common/connection_rows.hpp"

#include <fmt/format.h>

#include <iterator>
#include <utility>

#include "libmqtt/base/utf8.hpp"
#include "libmqtt/net/address.hpp"
#include "tools/common/secret_input.hpp"
#include "tools/common/setters.hpp"
#include "tools/common/terminal.hpp"
#include "tools/common/transport_rows.hpp"

namespace cli {
namespace {

using mqtt::Version;

constexpr std::string_view kBroker = "Broker";
constexpr std::string_view kSession = "Session";
constexpr std::string_view kWill = "Will";
constexpr std::string_view kRetry = "Reconnecting";

/// A text that goes into a packet as a UTF-8 string.
Setter set_utf8(std::optional<std::string>& target) {
  return [&target](Words words) -> Complaint {
    if (words[0].size() > 65'535) return quoted(words[0]) + " is longer than 65,535 bytes";
    if (!mqtt::is_valid_utf8(words[0])) return quoted(words[0]) + " is not valid UTF-8";
    target = words[0];
    return {};
  };
}

Complaint set_host(std::string& target, std::string_view word) {
  if (word.starts_with('[') && word.ends_with(']')) word = word.substr(1, word.size() - 2);
  if (word.empty()) return "the host name is empty";
  const std::size_t colon = word.find(':');
  if (colon != std::string_view::npos && colon == word.rfind(':')) {
    return fmt::format("{} is a host and a port: the port is given by -p", quoted(word));
  }
  target = word;
  return {};
}

Complaint set_port(ConnectionOptions& options, std::string_view word) {
  constexpr std::uint64_t kTlsPort = 8883;
  const auto port = parse_number(word, {"port", 1, 65'535});
  if (port) {
    options.port = static_cast<std::uint16_t>(*port);
    options.transport.is_tls_port = *port == kTlsPort;
    return {};
  }
  const bool is_number = word.find_first_not_of("0123456789") == std::string_view::npos;
  return port.error() + (is_number ? "" : "; a password is given by -P");
}

Complaint set_url(ConnectionOptions& options, std::string_view word) {
  auto url = mqtt::net::parse_url(word);
  if (!url) return url.error();
  options.address = url->address;
  options.port = url->address.port;
  options.transport.is_tls_port = false;
  if (url->has_username) options.username = url->username;
  if (url->has_password) {
    options.password = url->password;
    options.asks_password = false;
  }
  options.url_topic = url->topic;
  return {};
}

Complaint set_password(ConnectionOptions& options, const std::string& word) {
  options.asks_password = word == "-";
  options.password = word;
  return {};
}

Complaint set_password_file(ConnectionOptions& options, const std::string& path) {
  auto password = read_secret_file(path);
  if (!password) return std::move(password.error());
  options.asks_password = false;
  options.password = std::move(*password);
  return {};
}

Complaint set_session_expiry(std::optional<std::uint32_t>& target, std::string_view word) {
  if (word == "-1" || word == "∞") {
    target = ConnectionOptions::kNeverExpires;
    return {};
  }
  const auto seconds =
      parse_number(word, {"session expiry in seconds", 0, ConnectionOptions::kNeverExpires});
  if (!seconds) return seconds.error() + ", -1 or ∞ for never";
  target = static_cast<std::uint32_t>(*seconds);
  return {};
}

Complaint set_will_topic(std::optional<std::string>& target, const std::string& word) {
  Complaint complaint = check_topic_word(word);
  if (complaint.empty()) target = word;
  return complaint;
}

std::vector<Option> address_rows(ConnectionOptions& options) {
  return {
      {.name = "host",
       .letter = 'h',
       .value = "HOST",
       .group = kBroker,
       .help = "name or address of the broker",
       .default_text = "localhost",
       .set = [&options](Words words) { return set_host(options.address.host, words[0]); },
       .hint = Option::Hint::host},
      {.name = "port",
       .letter = 'p',
       .value = "PORT",
       .group = kBroker,
       .help = "TCP port of the broker",
       .man = "8883 with mqtts:// and wss://, --cafile, --capath and --psk. -p 8883 asks for TLS "
              "by itself.",
       .default_text = "1883",
       .set = [&options](Words words) { return set_port(options, words[0]); }},
      {.name = "url",
       .letter = 'L',
       .value = "URL",
       .group = kBroker,
       .help = "broker, credentials and topic in one: mqtt://[USER[:PW]@]HOST[:PORT][/TOPIC]",
       .man =
           "mqtts:// is the same over TLS, ws:// over WebSocket, wss:// over both; unix:PATH is a "
           "Unix socket. User, password and topic are percent-decoded; an IPv6 address stands in "
           "brackets. The path of a WebSocket is not part of it: see --ws-path.",
       .set = [&options](Words words) { return set_url(options, words[0]); },
       .is_secret = true},
      {.name = "bind-address",
       .letter = 'A',
       .value = "ADDRESS",
       .group = kBroker,
       .help = "local address to connect from",
       .set = set_text(options.bind_address)},
  };
}

std::vector<Option> login_rows(ConnectionOptions& options) {
  return {
      {.name = "username",
       .letter = 'u',
       .value = "NAME",
       .group = kBroker,
       .help = "user name",
       .set = set_utf8(options.username)},
      {.name = "pw",
       .letter = 'P',
       .value = "PASSWORD",
       .group = kBroker,
       .help = "password",
       .man = "- asks for it on the terminal. It is blanked in the list of processes once the "
              "command line has been read.",
       .set = [&options](Words words) { return set_password(options, words[0]); },
       .is_secret = true},
      {.name = "password-file",
       .value = "FILE",
       .group = kBroker,
       .help = "the password is what this file holds, without the line end",
       .set = [&options](Words words) { return set_password_file(options, words[0]); },
       .hint = Option::Hint::file},
  };
}

std::vector<Option> protocol_rows(ConnectionOptions& options) {
  std::vector<std::pair<std::string_view, Version>> versions = {
      {"31", Version::v3_1},         {"3.1", Version::v3_1},     {"mqttv31", Version::v3_1},
      {"311", Version::v3_1_1},      {"3.1.1", Version::v3_1_1}, {"4", Version::v3_1_1},
      {"mqttv311", Version::v3_1_1}, {"5", Version::v5_0},       {"5.0", Version::v5_0},
      {"mqttv5", Version::v5_0}};
  return {
      {.name = "protocol-version",
       .letter = 'V',
       .value = "VERSION",
       .group = kBroker,
       .help = "MQTT version: 3.1, 3.1.1 or 5",
       .man = "Also written 31, 311, 4, 5.0, mqttv31, mqttv311, mqttv5. -x and -D imply 5.",
       .default_text = "3.1.1",
       .set = set_choice(options.version, "protocol version (3.1, 3.1.1, 5)", std::move(versions)),
       .choices = {"3.1", "3.1.1", "5"}},
      {.name = "keepalive",
       .letter = 'k',
       .value = "SECONDS",
       .group = kBroker,
       .help = "keep-alive interval",
       .default_text = "60",
       .set = set_number(options.keep_alive, {"keep-alive in seconds", 5, 65'535})},
      {.name = "connect-timeout",
       .value = "SECONDS",
       .group = kBroker,
       .help = "longest wait for a connection, from the look-up to CONNACK",
       .default_text = "30",
       .set = set_seconds(options.connect_timeout)},
      {.name = "nodelay",
       .group = kBroker,
       .help = "send small packets at once (TCP_NODELAY): always so, taken for mosquitto's sake",
       .set = [](Words) { return Complaint(); }},
  };
}

std::vector<Option> identity_rows(ConnectionOptions& options) {
  return {
      {.name = "id",
       .letter = 'i',
       .value = "ID",
       .group = kSession,
       .help = "client id; without one the broker chooses",
       .set = set_utf8(options.client_id)},
      {.name = "id-prefix",
       .letter = 'I',
       .value = "PREFIX",
       .group = kSession,
       .help = "make the client id of PREFIX and the process id",
       .set = set_utf8(options.id_prefix)},
  };
}

}  // namespace

std::vector<Option> broker_rows(ConnectionOptions& options) {
  std::vector<Option> table = address_rows(options);
  append(table, login_rows(options));
  append(table, protocol_rows(options));
  append(table, transport_rows(options.transport));
  return table;
}

std::vector<Option> session_rows(ConnectionOptions& options) {
  std::vector<Option> table = identity_rows(options);
  append(table,
         {
             {.name = "disable-clean-session",
              .letter = 'c',
              .group = kSession,
              .help = "keep the session on the broker and resume it; before MQTT 5.0 needs -i",
              .man = "In MQTT 5.0 the session then never expires unless -x says when.",
              .set = set_flag(options.keep_session)},
             {.name = "session-expiry",
              .letter = 'x',
              .value = "SECONDS",
              .group = kSession,
              .help = "how long the broker keeps the session afterwards; implies -V 5",
              .man = "-1 and the sign for infinity mean for ever, which needs -i.",
              .set =
                  [&options](Words words) {
                    return set_session_expiry(options.session_expiry, words[0]);
                  }},
             {.name = "max-inflight",
              .letter = 'M',
              .value = "COUNT",
              .group = kSession,
              .help = "most QoS 1 and 2 messages under way at a time",
              .default_text = "20",
              .set = set_number(options.maximum_in_flight, {"number of messages", 1, 65'535})},
             property_row(options.properties),
         });
  return table;
}

std::vector<Option> will_rows(ConnectionOptions& options) {
  return {
      {.name = "will-topic",
       .value = "TOPIC",
       .group = kWill,
       .help = "the broker publishes to this topic when the connection breaks",
       .set = [&options](Words words) { return set_will_topic(options.will.topic, words[0]); }},
      {.name = "will-payload",
       .value = "TEXT",
       .group = kWill,
       .help = "payload of the will; empty without this",
       .set = set_text(options.will.payload)},
      {.name = "will-qos",
       .value = "QOS",
       .group = kWill,
       .help = "QoS of the will",
       .default_text = "0",
       .set = set_number(options.will.qos, {"QoS", 0, 2}),
       .choices = {"0", "1", "2"}},
      {.name = "will-retain",
       .group = kWill,
       .help = "the will is retained",
       .set = set_flag(options.will.retain)},
  };
}

std::vector<Option> retry_rows(ConnectionOptions& options) {
  return {
      {.name = "retry",
       .value = "COUNT",
       .group = kRetry,
       .help = "give up after this many attempts in a row to get a lost connection back",
       .man = "The pauses between attempts grow from 1 to 60 seconds.",
       .default_text = "for ever",
       .set = set_number(options.retries, {"number of attempts", 1, 1'000'000})},
      {.name = "no-retry",
       .group = kRetry,
       .help = "end when the connection is lost",
       .set = set_flag(options.reconnect, false)},
  };
}

void append(std::vector<Option>& table, std::vector<Option> rows) {
  table.insert(table.end(), std::make_move_iterator(rows.begin()),
               std::make_move_iterator(rows.end()));
}

}  // namespace cli
