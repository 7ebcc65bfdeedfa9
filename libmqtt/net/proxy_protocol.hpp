#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <system_error>

namespace mqtt::net {

/// What a PROXY header (version 1 or 2 of HAProxy's protocol) says of the client behind a proxy.
struct ProxyHeader {
  std::size_t size = 0;  ///< Bytes that the header takes.
  /// "192.0.2.5:6275", "[2001:db8::1]:6275", "unix:PATH" (escaped); empty: the proxy speaks for
  /// itself, or does not know.
  std::string source = {};
  bool has_tls = false;          ///< The client used TLS towards the proxy,
  bool has_certificate = false;  ///< showed a certificate, and the proxy found it good:
  std::string common_name = {};  ///< its CN. As sent: escape for a log.
};

enum class ProxyFault {
  no_header = 1,   ///< The connection begins with something else.
  too_long,        ///< More than kMaximumProxyHeader.
  malformed,       ///< Not what the protocol allows.
  no_tls,          ///< The listener wants a client that uses TLS, and it does not say so.
  no_certificate,  ///< The same of a certificate.
};
std::error_code make_error_code(ProxyFault fault);

/// Larger headers are refused: one with every field that proxies send has a few hundred bytes.
inline constexpr std::size_t kMaximumProxyHeader = 4096;

/// Reads the header that `bytes` begin with; nothing while there are too few of them.
std::expected<std::optional<ProxyHeader>, ProxyFault> parse_proxy_header(
    std::span<const std::byte> bytes);

}  // namespace mqtt::net

template <>
struct std::is_error_code_enum<mqtt::net::ProxyFault> : std::true_type {};
