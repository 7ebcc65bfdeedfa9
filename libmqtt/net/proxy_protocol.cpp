#include "libmqtt/net/proxy_protocol.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <string_view>

#include "libmqtt/base/bytes.hpp"
#include "libmqtt/base/escape.hpp"
#include "libmqtt/base/utf8.hpp"

namespace mqtt::net {
namespace {

using Parsed = std::expected<std::optional<ProxyHeader>, ProxyFault>;
using std::string_view_literals::operator""sv;

constexpr std::string_view kStart1 = "PROXY ";
constexpr std::string_view kStart2 = "\r\n\r\n\0\r\nQUIT\n"sv;
constexpr std::size_t kLongestLine = 107;  ///< Version 1, with CRLF.
constexpr std::size_t kFixedPart = 16;     ///< Version 2, before the addresses.
constexpr std::size_t kUnixPath = 108;

constexpr std::unexpected<ProxyFault> kMalformed(ProxyFault::malformed);

class ProxyCategory final : public std::error_category {
 public:
  const char* name() const noexcept override { return "proxy"; }
  std::string message(int value) const override {
    switch (static_cast<ProxyFault>(value)) {
      case ProxyFault::no_header:
        return "PROXY: the connection does not begin with a header";
      case ProxyFault::too_long:
        return "PROXY: the header is too long";
      case ProxyFault::malformed:
        return "PROXY: the header is malformed";
      case ProxyFault::no_tls:
        return "PROXY: the client does not use TLS";
      case ProxyFault::no_certificate:
        return "PROXY: the client showed no good certificate";
    }
    return "PROXY: error " + std::to_string(value);
  }
};

/// Whether `text` is how `start` begins, or the other way round.
bool may_begin_with(std::string_view text, std::string_view start) {
  const std::size_t size = std::min(text.size(), start.size());
  return text.substr(0, size) == start.substr(0, size);
}

/// Takes what stands before the next space off `text`; that and the space must be there.
std::optional<std::string_view> take_field(std::string_view& text) {
  const std::size_t end = text.find(' ');
  if (end == 0 || end == std::string_view::npos) return std::nullopt;
  const std::string_view field = text.substr(0, end);
  text.remove_prefix(end + 1);
  return field;
}

/// The address as inet_ntop writes it; empty when it is none.
std::string normal_address(std::string_view text, int family) {
  std::array<unsigned char, sizeof(in6_addr)> binary{};
  std::array<char, INET6_ADDRSTRLEN> normal{};
  if (::inet_pton(family, std::string(text).c_str(), binary.data()) != 1) return {};
  ::inet_ntop(family, binary.data(), normal.data(), normal.size());
  return normal.data();
}

bool is_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc{} && end == text.data() + text.size() &&
         (text.size() == 1 || text[0] != '0');
}

/// "TCP4 SOURCE DESTINATION PORT PORT".
Parsed parse_line(std::string_view line, std::size_t size) {
  ProxyHeader header{.size = size};
  if (line == "UNKNOWN" || line.starts_with("UNKNOWN ")) return header;
  const auto kind = take_field(line);
  const auto source = take_field(line);
  const auto destination = take_field(line);
  const auto source_port = take_field(line);
  if (!kind || !source || !destination || !source_port) return kMalformed;
  if (*kind != "TCP4" && *kind != "TCP6") return kMalformed;
  const int family = *kind == "TCP4" ? AF_INET : AF_INET6;
  const std::string address = normal_address(*source, family);
  if (address.empty() || normal_address(*destination, family).empty()) return kMalformed;
  if (!is_port(*source_port) || !is_port(line)) return kMalformed;
  header.source = (family == AF_INET ? address : "[" + address + "]") + ":";
  header.source += *source_port;
  return header;
}

Parsed parse_version_1(std::string_view text) {
  const std::size_t end = text.substr(0, kLongestLine).find("\r\n");
  if (end != std::string_view::npos)
    return parse_line(text.substr(0, end).substr(kStart1.size()), end + 2);
  if (text.size() >= kLongestLine) return std::unexpected(ProxyFault::too_long);
  return std::nullopt;
}

unsigned octet(std::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text[at]);
}
unsigned number(std::string_view text, std::size_t at) {
  return octet(text, at) << 8U | octet(text, at + 1);
}

/// Calls take(type, value) for each field; false when they do not fill `text` exactly.
template <class Take>
bool for_each_field(std::string_view text, Take take) {
  constexpr std::size_t kHead = 3;
  while (!text.empty()) {
    if (text.size() < kHead) return false;
    const std::size_t size = number(text, 1);
    if (size > text.size() - kHead) return false;
    take(octet(text, 0), text.substr(kHead, size));
    text.remove_prefix(kHead + size);
  }
  return true;
}

/// PP2_TYPE_SSL: a bit field, the result of the proxy's verification (0: good), and fields.
bool read_tls(std::string_view value, ProxyHeader& header) {
  constexpr std::size_t kHead = 5;
  constexpr unsigned kUsesTls = 1;
  constexpr unsigned kShowedCertificate = 2 | 4;  // On this connection, or in its session before.
  constexpr unsigned kCommonName = 0x22;
  if (value.size() < kHead) return false;
  const unsigned client = octet(value, 0);
  header.has_tls = (client & kUsesTls) != 0;
  header.has_certificate = (client & kShowedCertificate) != 0 && value.substr(1, 4) == "\0\0\0\0"sv;
  return for_each_field(value.substr(kHead), [&](unsigned type, std::string_view name) {
    if (type == kCommonName && header.has_certificate && is_valid_utf8(name))
      header.common_name = name;
  });
}

bool read_fields(std::string_view text, ProxyHeader& header) {
  constexpr unsigned kTls = 0x20;
  bool is_good = true;
  const bool is_whole = for_each_field(text, [&](unsigned type, std::string_view value) {
    if (type == kTls && !read_tls(value, header)) is_good = false;
  });
  return is_whole && is_good;
}

std::string binary_address(std::string_view address, int family, unsigned port) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(family, address.data(), text.data(), text.size());
  const std::string host = family == AF_INET ? text.data() : "[" + std::string(text.data()) + "]";
  return host + ":" + std::to_string(port);
}

/// Reads the addresses that `text` begins with and returns their size; nothing when they are none
/// of a stream.
std::optional<std::size_t> read_source(unsigned family, std::string_view text,
                                       std::string& source) {
  constexpr unsigned kUnknown = 0x00;
  constexpr unsigned kTcp4 = 0x11;
  constexpr unsigned kTcp6 = 0x21;
  constexpr unsigned kUnix = 0x31;
  if (family == kUnknown) return text.size();
  if (family == kTcp4 && text.size() >= 12) {
    source = binary_address(text, AF_INET, number(text, 8));
    return 12;
  }
  if (family == kTcp6 && text.size() >= 36) {
    source = binary_address(text, AF_INET6, number(text, 32));
    return 36;
  }
  if (family == kUnix && text.size() >= 2 * kUnixPath) {
    const std::string_view path = text.substr(0, kUnixPath);
    source = "unix:" + escaped(path.substr(0, path.find('\0')));
    return 2 * kUnixPath;
  }
  return std::nullopt;
}

Parsed parse_version_2(std::string_view text) {
  if (text.size() < kFixedPart) return std::nullopt;
  const unsigned command = octet(text, 12);
  const std::size_t size = kFixedPart + number(text, 14);
  constexpr unsigned kLocal = 0x20;
  constexpr unsigned kProxy = 0x21;
  if (command != kLocal && command != kProxy) return kMalformed;
  if (size > kMaximumProxyHeader) return std::unexpected(ProxyFault::too_long);
  if (text.size() < size) return std::nullopt;
  ProxyHeader header{.size = size};
  if (command == kLocal) return header;
  const std::string_view rest = text.substr(kFixedPart, size - kFixedPart);
  const auto addresses = read_source(octet(text, 13), rest, header.source);
  if (!addresses || !read_fields(rest.substr(*addresses), header)) return kMalformed;
  return header;
}

}  // namespace

std::error_code make_error_code(ProxyFault fault) {
  static const ProxyCategory kCategory;
  return {static_cast<int>(fault), kCategory};
}

std::expected<std::optional<ProxyHeader>, ProxyFault> parse_proxy_header(
    std::span<const std::byte> bytes) {
  const std::string_view text = as_text(bytes);
  if (text.empty()) return std::nullopt;
  if (may_begin_with(text, kStart1)) {
    if (text.size() < kStart1.size()) return std::nullopt;
    return parse_version_1(text);
  }
  if (!may_begin_with(text, kStart2)) return std::unexpected(ProxyFault::no_header);
  return parse_version_2(text);
}

}  // namespace mqtt::net
