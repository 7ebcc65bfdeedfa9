#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace mqtt::net {

/// Where a broker is.
struct Address {
  enum class Scheme { mqtt, mqtts, ws, wss, unix_socket };
  Scheme scheme = Scheme::mqtt;
  std::string host =
      "localhost";  ///< Name or literal, IPv6 without brackets; the path for a Unix socket.
  std::uint16_t port = 1883;
  friend bool operator==(const Address&, const Address&) = default;
};

/// An Address with what an mq-pub / mq-sub -L URL also carries; all percent-decoded (RFC 3986
/// §2.1).
struct Url {
  Address address;
  std::string username;
  std::string password;
  bool has_username = false;
  bool has_password = false;
  std::string topic;  ///< What follows the first `/` after the authority; may be empty.
};

/// Reads `mqtt|mqtts|ws|wss://[user[:password]@]host[:port][/topic]` and `unix:PATH`. Default ports
/// 1883, 8883, and the same over WebSocket, as mosquitto's tools have them. The error is one line for a person: what is wrong with which part.
std::expected<Url, std::string> parse_url(std::string_view text);

/// A proxy that connects to a broker for us. It looks up the broker's name itself.
struct ProxyAddress {
  enum class Kind : std::uint8_t { socks5, http };
  Kind kind = Kind::socks5;
  std::string host = {};
  std::uint16_t port = 0;
  std::string username = {};
  std::string password = {};
  bool has_credentials = false;
};

/// Reads `socks5h|http://[user[:password]@]host[:port]`; default ports 1080 and 80.
std::expected<ProxyAddress, std::string> parse_proxy_url(std::string_view text);

/// "127.0.0.1:1883", "[::1]:1883", or the path of a Unix socket: for messages.
std::string to_string(const Address& address);

}  // namespace mqtt::net
