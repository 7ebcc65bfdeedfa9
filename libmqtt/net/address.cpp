#include "libmqtt/net/address.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "libmqtt/net/http_head.hpp"

namespace mqtt::net {
namespace {
using Scheme = Address::Scheme;
using Failure = std::unexpected<std::string>;

struct SchemeRule {
  std::string_view name;
  Scheme scheme;
  std::uint16_t port;
};
constexpr std::array<SchemeRule, 4> kSchemes{{{"mqtt", Scheme::mqtt, 1883},
                                              {"mqtts", Scheme::mqtts, 8883},
                                              {"ws", Scheme::ws, 1883},
                                              {"wss", Scheme::wss, 8883}}};

std::string quoted(std::string_view text) { return "'" + std::string(text) + "'"; }

std::expected<std::string, std::string> percent_decode(std::string_view part,
                                                       std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    const std::string_view digits = text.substr(i + 1, 2);
    unsigned value = 0;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    if (error != std::errc() || digits.size() != 2 || end != digits.data() + 2)
      return Failure("malformed escape " + quoted(text.substr(i, 3)) + " in the " +
                     std::string(part) + " (a percent sign is written %25)");
    decoded += static_cast<char>(value);
    i += 2;
  }
  return decoded;
}

/// Cuts `text` at the first `separator`; what follows it, or nothing when there is none.
std::optional<std::string_view> cut(std::string_view& text, char separator) {
  const std::size_t at = text.find(separator);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view rest = text.substr(at + 1);
  text = text.substr(0, at);
  return rest;
}

std::expected<std::uint16_t, std::string> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0)
    return Failure("port " + quoted(text) + " is not a number from 1 to 65535");
  return port;
}

bool is_ipv6_literal(const std::string& host) {
  in6_addr ignored;
  return inet_pton(AF_INET6, host.substr(0, host.find('%')).c_str(), &ignored) == 1;
}

/// `[v6]` with its brackets taken off, or a name; `rest` becomes what follows it.
std::expected<std::string, std::string> parse_host(std::string_view text, std::string_view& rest) {
  const bool bracketed = text.starts_with('[');
  const std::size_t end = bracketed ? text.find(']') : std::min(text.find(':'), text.size());
  if (end == std::string_view::npos) return Failure("'[' without ']' in " + quoted(text));
  auto host = percent_decode("host", text.substr(bracketed ? 1 : 0, end - (bracketed ? 1 : 0)));
  if (!host) return host;
  rest = text.substr(bracketed ? end + 1 : end);
  if (bracketed && !is_ipv6_literal(*host))
    return Failure(quoted(*host) + " is not an IPv6 address");
  if (!bracketed && std::ranges::count(rest, ':') > 1)
    return Failure("an IPv6 address needs brackets: [" + std::string(text) + "]");
  if (host->empty()) return Failure("the host is missing");
  return host;
}

std::expected<void, std::string> parse_host_and_port(std::string_view text, Address& address) {
  std::string_view rest;
  auto host = parse_host(text, rest);
  if (!host) return Failure(std::move(host.error()));
  address.host = std::move(*host);
  if (rest.empty()) return {};
  if (!rest.starts_with(':'))
    return Failure(quoted(rest) + " follows the host where ':PORT' could stand");
  const auto port = parse_port(rest.substr(1));
  if (!port) return Failure(port.error());
  address.port = *port;
  return {};
}

std::expected<void, std::string> parse_credentials(std::string_view text, Url& url) {
  const auto password_text = cut(text, ':');
  auto username = percent_decode("user name", text);
  if (!username) return Failure(std::move(username.error()));
  url.username = std::move(*username);
  url.has_username = true;
  if (!password_text) return {};
  auto password = percent_decode("password", *password_text);
  if (!password) return Failure("malformed escape in the password (a percent sign is written %25)");
  url.password = std::move(*password);
  url.has_password = true;
  return {};
}

/// `[user[:password]@]host[:port]`
std::expected<void, std::string> parse_authority(std::string_view authority, Url& url) {
  // The last '@': a host cannot contain one, but people put them into passwords unescaped.
  if (const std::size_t at = authority.rfind('@'); at != std::string_view::npos) {
    const auto read = parse_credentials(authority.substr(0, at), url);
    if (!read) return read;
    authority.remove_prefix(at + 1);
  }
  return parse_host_and_port(authority, url.address);
}

std::expected<Url, std::string> parse_unix(std::string_view path) {
  if (path.starts_with("///")) path.remove_prefix(2);  // unix:///run/x: an empty authority.
  auto decoded = percent_decode("path", path);
  if (!decoded) return Failure(std::move(decoded.error()));
  if (decoded->empty()) return Failure("the path of the Unix socket is missing");
  Url url;
  url.address = {Scheme::unix_socket, std::move(*decoded), 0};
  return url;
}
}  // namespace

std::expected<Url, std::string> parse_url(std::string_view text) {
  const std::size_t colon = text.find(':');
  const std::string_view scheme = text.substr(0, std::min(colon, text.size()));
  // Schemes do not distinguish upper and lower case (RFC 3986 §3.1).
  if (colon != std::string_view::npos && equal_ignoring_case(scheme, "unix"))
    return parse_unix(text.substr(colon + 1));
  const auto rule = std::ranges::find_if(
      kSchemes, [&](const SchemeRule& known) { return equal_ignoring_case(known.name, scheme); });
  if (rule == kSchemes.end() || !text.substr(scheme.size()).starts_with("://"))
    return Failure("a URL begins with mqtt://, mqtts://, ws://, wss:// or unix:");
  std::string_view authority = text.substr(scheme.size() + 3);
  const auto topic_text = cut(authority, '/');

  Url url;
  url.address.scheme = rule->scheme;
  url.address.port = rule->port;
  const auto read = parse_authority(authority, url);
  if (!read) return Failure(read.error());
  auto topic = percent_decode("topic", topic_text.value_or(std::string_view()));
  if (!topic) return Failure(std::move(topic.error()));
  url.topic = std::move(*topic);
  return url;
}

std::expected<ProxyAddress, std::string> parse_proxy_url(std::string_view text) {
  constexpr std::string_view kSocks = "socks5h://";
  constexpr std::string_view kHttp = "http://";
  constexpr std::size_t kLongestSocksText = 255;
  const auto begins = [&](std::string_view scheme) {
    return equal_ignoring_case(text.substr(0, scheme.size()), scheme);
  };
  ProxyAddress proxy;
  proxy.kind = begins(kHttp) ? ProxyAddress::Kind::http : ProxyAddress::Kind::socks5;
  const bool is_socks = proxy.kind == ProxyAddress::Kind::socks5;
  if (is_socks && !begins(kSocks)) return Failure("a proxy begins with socks5h:// or http://");
  text.remove_prefix(is_socks ? kSocks.size() : kHttp.size());
  if (text.ends_with('/')) text.remove_suffix(1);
  if (text.substr(text.rfind('@') + 1).find('/') != std::string_view::npos)
    return Failure("a path follows the proxy's host");

  Url url;
  url.address.port = is_socks ? 1080 : 80;
  const auto read = parse_authority(text, url);
  if (!read) return Failure(read.error());
  proxy.host = std::move(url.address.host);
  proxy.port = url.address.port;
  proxy.has_credentials = url.has_username;
  proxy.username = std::move(url.username);
  proxy.password = std::move(url.password);
  const auto fits = [](const std::string& part) {
    return !part.empty() && part.size() <= kLongestSocksText;
  };
  if (is_socks && proxy.has_credentials && !(fits(proxy.username) && fits(proxy.password)))
    return Failure("SOCKS takes a user name and a password of 1 to 255 bytes");
  if (!is_socks && proxy.username.find(':') != std::string::npos)
    return Failure("a user name with a colon cannot be told to an HTTP proxy");
  return proxy;
}

std::string to_string(const Address& address) {
  if (address.scheme == Scheme::unix_socket) return address.host;
  const std::string port = ":" + std::to_string(address.port);
  const bool is_v6 = address.host.find(':') != std::string::npos;
  return (is_v6 ? "[" + address.host + "]" : address.host) + port;
}

}  // namespace mqtt::net
