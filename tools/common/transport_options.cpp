#include "tools/common/transport_options.hpp"

#include <array>
#include <string_view>
#include <utility>

namespace cli {
namespace {

using Scheme = mqtt::net::Address::Scheme;
using mqtt::net::TlsContext;

/// Flags that only change how TLS is spoken; the first one that is given.
std::string_view tls_detail(const mqtt::net::TlsClientOptions& tls) {
  if (!tls.certfile.empty()) return "--cert";
  if (!tls.keyfile.empty()) return "--key";
  if (tls.insecure) return "--insecure";
  if (!tls.ciphers.empty() || !tls.ciphersuites.empty()) return "--ciphers";
  if (!tls.alpn.empty()) return "--tls-alpn";
  if (!tls.server_name.empty()) return "--tls-server-name";
  if (!tls.keylog.empty()) return "--tls-keylog";
  if (!tls.psk_identity.empty()) return "--psk-identity";
  if (tls.minimum_version != mqtt::net::TlsClientOptions{}.minimum_version) return "--tls-version";
  return {};
}

bool names_trust(const mqtt::net::TlsClientOptions& tls) {
  return !tls.cafile.empty() || !tls.capath.empty() || !tls.psk.empty();
}

bool is_secure(const TransportOptions& options, Scheme url_scheme) {
  if (options.no_tls) return false;
  return url_scheme == Scheme::mqtts || url_scheme == Scheme::wss || options.use_os_certs ||
         options.is_tls_port || names_trust(options.tls);
}

/// A key that is shared stands in the place of all certificates.
Complaint check_psk(const mqtt::net::TlsClientOptions& tls) {
  if (tls.psk.empty() != tls.psk_identity.empty()) return "--psk and --psk-identity: both or none";
  if (tls.psk.empty()) return {};
  constexpr std::string_view kNeither = " exclude each other";
  if (!tls.cafile.empty()) return "--psk and --cafile" + std::string(kNeither);
  if (!tls.capath.empty()) return "--psk and --capath" + std::string(kNeither);
  if (!tls.certfile.empty()) return "--psk and --cert" + std::string(kNeither);
  return tls.insecure ? "--psk and --insecure" + std::string(kNeither) : "";
}

/// A way by a Unix socket leaves nothing else to say.
Complaint check_unix(const TransportOptions& options, bool is_tls) {
  constexpr std::string_view kNeither = " has no meaning for a Unix socket";
  if (options.websocket) return "--ws" + std::string(kNeither);
  if (options.proxy) return "--proxy" + std::string(kNeither);
  if (is_tls) return "TLS" + std::string(kNeither);
  return {};
}

/// The message names an option of libmqtt; the flag is often called otherwise.
Complaint as_flag(const std::string& error) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kFlags{{
      {"cafile ", "--cafile: "},
      {"capath ", "--capath: "},
      {"certfile ", "--cert: "},
      {"keyfile ", "--key: "},
      {"ciphers ", "--ciphers: "},
      {"ALPN ", "--tls-alpn: "},
      {"keylog ", "--tls-keylog: "},
      {"psk key: ", "--psk: "},
      {"psk identity: ", "--psk-identity: "},
  }};
  for (const auto& [name, flag] : kFlags)
    if (error.starts_with(name)) return std::string(flag) + error.substr(name.size());
  return error;
}

}  // namespace

std::expected<Transport, Complaint> settle(const TransportOptions& options, Scheme url_scheme) {
  const bool is_tls = is_secure(options, url_scheme);
  const std::string_view detail = options.no_tls ? std::string_view() : tls_detail(options.tls);
  if (!is_tls && !detail.empty())
    return std::unexpected(
        std::string(detail) +
        ": needs TLS: give --cafile, --capath, --tls-use-os-certs, --psk or -L mqtts:");
  if (options.tls.certfile.empty() != options.tls.keyfile.empty() && is_tls)
    return std::unexpected("--cert and --key: both or none");

  if (auto complaint = check_psk(options.tls); is_tls && !complaint.empty())
    return std::unexpected(std::move(complaint));

  Transport transport;
  if (!options.unix_path.empty() || url_scheme == Scheme::unix_socket) {
    if (auto complaint = check_unix(options, is_tls); !complaint.empty())
      return std::unexpected(std::move(complaint));
    transport.scheme = Scheme::unix_socket;
    return transport;
  }
  const bool is_ws = options.websocket || url_scheme == Scheme::ws || url_scheme == Scheme::wss;
  transport.scheme =
      is_ws ? (is_tls ? Scheme::wss : Scheme::ws) : (is_tls ? Scheme::mqtts : Scheme::mqtt);
  // The system's authorities alone leave the port, as they do in mosquitto's tools.
  transport.default_port = is_tls && names_trust(options.tls) ? 8883 : 1883;
  if (!is_tls) return transport;
  auto context = TlsContext::client(options.tls);
  if (!context) return std::unexpected(as_flag(context.error()));
  transport.tls = std::move(*context);
  return transport;
}

}  // namespace cli
