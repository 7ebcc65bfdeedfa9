#include "tools/common/transport_rows.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <iterator>
#include <utility>

#include "tools/common/setters.hpp"

namespace cli {
namespace {

constexpr std::string_view kWay = "Way to the broker";
constexpr std::string_view kTls = "TLS";

Complaint set_path(std::string& target, const std::string& word) {
  if (word.empty()) return "the path is empty";
  target = word;
  return {};
}

Complaint set_ws_path(std::string& target, const std::string& word) {
  std::string complaint = mqtt::net::check_ws_path(word);
  if (complaint.empty()) target = word;
  return complaint;
}

Complaint add_ws_header(std::vector<std::string>& target, const std::string& word) {
  std::string complaint = mqtt::net::check_ws_header(word);
  if (complaint.empty()) target.push_back(word);
  return complaint;
}

Complaint set_proxy(std::optional<mqtt::net::ProxyAddress>& target, const std::string& word) {
  auto proxy = mqtt::net::parse_proxy_url(word);
  if (!proxy) return std::move(proxy.error());
  target = std::move(*proxy);
  return {};
}

/// OpenSSL keeps the suites of TLS 1.3, which all begin with TLS_, apart from all others.
Complaint set_ciphers(mqtt::net::TlsClientOptions& tls, std::string_view list) {
  tls.ciphers.clear();
  tls.ciphersuites.clear();
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(':'), list.size());
    const std::string_view cipher = list.substr(0, end);
    list.remove_prefix(std::min(end + 1, list.size()));
    std::string& target = cipher.starts_with("TLS_") ? tls.ciphersuites : tls.ciphers;
    if (!target.empty()) target += ':';
    target += cipher;
  }
  return tls.ciphers.empty() && tls.ciphersuites.empty() ? "the list is empty" : "";
}

Complaint add_alpn(std::vector<std::string>& target, const std::string& word) {
  if (word.empty() || word.size() > 255) return is_not(word, "protocol name of 1 to 255 bytes");
  target.push_back(word);
  return {};
}

/// Hexadecimal digits, as mosquitto's psk_file has them.
Complaint set_psk(std::string& target, std::string_view word) {
  const auto is_digit = [](unsigned char c) { return std::isxdigit(c) != 0; };
  if (word.empty() || word.size() % 2 != 0 || !std::ranges::all_of(word, is_digit)) {
    return "the key is not an even number of hexadecimal digits";
  }
  target.clear();
  for (std::size_t i = 0; i < word.size(); i += 2) {
    unsigned byte = 0;
    std::from_chars(word.data() + i, word.data() + i + 2, byte, 16);
    target += static_cast<char>(static_cast<unsigned char>(byte));
  }
  return {};
}

Complaint set_psk_identity(std::string& target, const std::string& word) {
  if (word.empty()) return "the identity is empty";
  target = word;
  return {};
}

std::vector<Option> way_rows(TransportOptions& options) {
  return {
      {.name = "unix",
       .value = "PATH",
       .group = kWay,
       .help = "connect to a Unix socket instead of a host and a port",
       .set = [&options](Words words) { return set_path(options.unix_path, words[0]); },
       .hint = Option::Hint::file},
      {.name = "ws",
       .group = kWay,
       .help = "speak MQTT over WebSocket",
       .set = set_flag(options.websocket)},
      {.name = "ws-path",
       .value = "PATH",
       .group = kWay,
       .help = "path that the WebSocket is asked for",
       .default_text = "/mqtt",
       .set = [&options](
                  Words words) { return set_ws_path(options.websocket_options.path, words[0]); }},
      {.name = "ws-header",
       .value = "FIELD",
       .group = kWay,
       .help = "header 'NAME: VALUE' added to the WebSocket's request; may be repeated",
       .set =
           [&options](Words words) {
             return add_ws_header(options.websocket_options.headers, words[0]);
           },
       .is_secret = true},
      {.name = "proxy",
       .value = "URL",
       .group = kWay,
       .help = "go through a proxy: socks5h://[USER[:PW]@]HOST[:PORT], or http:// the same way",
       .man = "The proxy looks up the broker's name. The default ports are 1080 for SOCKS and 80 "
              "for HTTP, which must allow CONNECT to the broker's port.",
       .set = [&options](Words words) { return set_proxy(options.proxy, words[0]); },
       .is_secret = true},
  };
}

std::vector<Option> trust_rows(TransportOptions& options) {
  return {
      {.name = "cafile",
       .value = "FILE",
       .group = kTls,
       .help = "speak TLS and trust the authorities in this file",
       .man = "PEM. Then, and with the next option, the default port is 8883.",
       .set = [&options](Words words) { return set_path(options.tls.cafile, words[0]); },
       .hint = Option::Hint::file},
      {.name = "capath",
       .value = "DIR",
       .group = kTls,
       .help = "speak TLS and trust the authorities in this directory",
       .man = "The directory is prepared by openssl rehash.",
       .set = [&options](Words words) { return set_path(options.tls.capath, words[0]); },
       .hint = Option::Hint::directory},
      {.name = "tls-use-os-certs",
       .group = kTls,
       .help = "speak TLS and trust the authorities that the system trusts",
       .man = "mqtts:// and wss:// URLs and -p 8883 do the same. The default port stays 1883.",
       .set = set_flag(options.use_os_certs)},
      {.name = "insecure",
       .group = kTls,
       .help = "do not check the broker's certificate at all: for tests only",
       .set = set_flag(options.tls.insecure)},
      {.name = "no-tls",
       .group = kTls,
       .help = "no TLS, whatever other options say",
       .set = set_flag(options.no_tls)},
      {.name = "tls-keylog",
       .value = "FILE",
       .group = kTls,
       .help = "append the secrets of TLS to this file, for a packet analyser",
       .man = "Whoever has the file can read what was sent. Its form is NSS's key log.",
       .set = [&options](Words words) { return set_path(options.tls.keylog, words[0]); },
       .hint = Option::Hint::file},
  };
}

std::vector<Option> psk_rows(mqtt::net::TlsClientOptions& tls) {
  return {
      {.name = "psk",
       .value = "KEY",
       .group = kTls,
       .help = "speak TLS with this key, shared with the broker, instead of certificates",
       .man = "In hexadecimal digits. It is blanked in the list of processes once the command line "
              "has been read; a configuration file keeps it from there altogether.",
       .set = [&tls](Words words) { return set_psk(tls.psk, words[0]); },
       .is_secret = true},
      {.name = "psk-identity",
       .value = "NAME",
       .group = kTls,
       .help = "which key of the broker's that is; needs --psk",
       .set = [&tls](Words words) { return set_psk_identity(tls.psk_identity, words[0]); }},
  };
}

std::vector<Option> detail_rows(TransportOptions& options) {
  using mqtt::net::TlsVersion;
  auto& tls = options.tls;
  return {
      {.name = "cert",
       .value = "FILE",
       .group = kTls,
       .help = "certificate to show to the broker; needs --key",
       .set = [&tls](Words words) { return set_path(tls.certfile, words[0]); },
       .hint = Option::Hint::file},
      {.name = "key",
       .value = "FILE",
       .group = kTls,
       .help = "private key of that certificate",
       .set = [&tls](Words words) { return set_path(tls.keyfile, words[0]); },
       .hint = Option::Hint::file},
      {.name = "keyform",
       .value = "FORM",
       .group = kTls,
       .help = "form of the private key: pem is the only one",
       .default_text = "pem",
       .set =
           [](Words words) {
             return words[0] == "pem" ? Complaint() : is_not(words[0], "form of key (pem)");
           },
       .choices = {"pem"}},
      {.name = "tls-version",
       .value = "VERSION",
       .group = kTls,
       .help = "oldest version of TLS to speak: tlsv1.2 or tlsv1.3",
       .default_text = "tlsv1.2",
       .set = set_choice(tls.minimum_version, "version of TLS (tlsv1.2, tlsv1.3)",
                         std::vector<std::pair<std::string_view, TlsVersion>>{
                             {"tlsv1.2", TlsVersion::v1_2}, {"tlsv1.3", TlsVersion::v1_3}}),
       .choices = {"tlsv1.2", "tlsv1.3"}},
      {.name = "ciphers",
       .value = "LIST",
       .group = kTls,
       .help = "ciphers to offer, as openssl ciphers writes them",
       .man = "Names that begin with TLS_ are suites of TLS 1.3.",
       .set = [&tls](Words words) { return set_ciphers(tls, words[0]); }},
      {.name = "tls-alpn",
       .value = "PROTOCOL",
       .group = kTls,
       .help = "protocol to offer by ALPN; may be repeated",
       .set = [&tls](Words words) { return add_alpn(tls.alpn, words[0]); }},
      {.name = "tls-server-name",
       .value = "NAME",
       .group = kTls,
       .help = "name to ask for (SNI) and to check the certificate against, instead of the host",
       .set = [&tls](Words words) { return set_path(tls.server_name, words[0]); },
       .hint = Option::Hint::host},
  };
}

}  // namespace

std::vector<Option> transport_rows(TransportOptions& options) {
  std::vector<Option> table = way_rows(options);
  for (auto rows : {trust_rows(options), psk_rows(options.tls), detail_rows(options)})
    table.insert(table.end(), rows.begin(), rows.end());
  return table;
}

}  // namespace cli
