#include "libmqtt/net/proxy_protocol.hpp"

#include <doctest/doctest.h>

#include <string>

#include "libmqtt/base/bytes.hpp"
#include "libmqtt/net/proxy_stream.hpp"
#include "tests/net/line_stream.hpp"

using namespace mqtt;
using namespace mqtt::net;
using mqtt::net::test::Line;
using mqtt::net::test::LineStream;
using std::string_literals::operator""s;

namespace {

const std::string kSignature = "\r\n\r\n\0\r\nQUIT\n"s;

std::string two_octets(std::size_t number) {
  return {static_cast<char>(number >> 8U), static_cast<char>(number & 0xffU)};
}

/// A version 2 header: command and family bytes, then what follows the length.
std::string version_2(char command, char family, const std::string& rest) {
  return kSignature + command + family + two_octets(rest.size()) + rest;
}
std::string field(char type, const std::string& value) {
  return type + two_octets(value.size()) + value;
}

constexpr char kLocal = 0x20;
constexpr char kProxy = 0x21;
constexpr char kTcp4 = 0x11;
const std::string kAddresses4 = "\xc0\0\2\5\x0a\0\0\1\x18\x83\x07\x5b"s;

/// PP2_TYPE_SSL with a CN.
std::string tls_field(char client, char verify, const std::string& name) {
  return field(0x20, client + "\0\0\0"s + verify + field(0x22, name));
}

/// What is made of the whole of `text`; checks that every shorter beginning only waits for more.
ProxyHeader read(const std::string& text) {
  for (std::size_t size = 0; size < text.size(); ++size) {
    CAPTURE(size);
    const auto parsed = parse_proxy_header(as_bytes(std::string_view(text).substr(0, size)));
    REQUIRE(parsed.has_value());
    REQUIRE_FALSE(parsed->has_value());
  }
  const auto parsed = parse_proxy_header(as_bytes(text + "behind"));
  REQUIRE(parsed.has_value());
  REQUIRE(parsed->has_value());
  CHECK((*parsed)->size == text.size());
  return **parsed;
}

ProxyFault fault(const std::string& text) {
  const auto parsed = parse_proxy_header(as_bytes(text));
  REQUIRE_FALSE(parsed.has_value());
  return parsed.error();
}

}  // namespace

TEST_CASE("version 1 names the client, IPv4 and IPv6") {
  CHECK(read("PROXY TCP4 192.0.2.5 10.0.0.1 6275 1883\r\n").source == "192.0.2.5:6275");
  CHECK(read("PROXY TCP6 2001:DB8:0::1 ::1 65535 1883\r\n").source == "[2001:db8::1]:65535");
}

TEST_CASE("version 1: an unknown client leaves the connection's own address") {
  CHECK(read("PROXY UNKNOWN\r\n").source.empty());
  CHECK(read("PROXY UNKNOWN ffff:f...f:ffff ffff::f 65535 65535\r\n").source.empty());
}

TEST_CASE("version 1: what is malformed is refused") {
  for (const char* line : {
           "PROXY \r\n",
           "PROXY TCP4\r\n",
           "PROXY TCP5 192.0.2.5 10.0.0.1 6275 1883\r\n",
           "PROXY TCP4 192.0.2.5 10.0.0.1 6275\r\n",
           "PROXY TCP4 192.0.2.5 10.0.0.1 6275 1883 9\r\n",
           "PROXY TCP4  192.0.2.5 10.0.0.1 6275 1883\r\n",
           "PROXY TCP4 192.0.2.5 10.0.0.1 6275 1883 \r\n",
           "PROXY TCP4 192.0.2.256 10.0.0.1 6275 1883\r\n",
           "PROXY TCP4 192.0.2.5 nonsense 6275 1883\r\n",
           "PROXY TCP4 ::1 ::1 6275 1883\r\n",
           "PROXY TCP6 192.0.2.5 10.0.0.1 6275 1883\r\n",
           "PROXY TCP4 192.0.2.5 10.0.0.1 65536 1883\r\n",
           "PROXY TCP4 192.0.2.5 10.0.0.1 -1 1883\r\n",
           "PROXY TCP4 192.0.2.5 10.0.0.1 06275 1883\r\n",
           "PROXY TCP4 192.0.2.5 10.0.0.1 6275 \r\n",
           "PROXY UNKNOWNS\r\n",
       }) {
    CAPTURE(line);
    CHECK(fault(line) == ProxyFault::malformed);
  }
}

TEST_CASE("version 1: a line without an end is refused once it has 107 bytes") {
  const std::string long_line = "PROXY UNKNOWN " + std::string(200, 'x');
  CHECK(parse_proxy_header(as_bytes(long_line.substr(0, 106))).has_value());
  CHECK(fault(long_line.substr(0, 107)) == ProxyFault::too_long);
  CHECK(fault(long_line + "\r\n") == ProxyFault::too_long);
}

TEST_CASE("version 2 names the client: IPv4, IPv6, Unix sockets") {
  CHECK(read(version_2(kProxy, kTcp4, kAddresses4)).source == "192.0.2.5:6275");
  const std::string loopback = std::string(15, '\0') + '\1';
  CHECK(read(version_2(kProxy, 0x21, loopback + loopback + "\x18\x83\x07\x5b"s)).source ==
        "[::1]:6275");
  const std::string path = "/run/a\x1b" + std::string(101, '\0');
  CHECK(read(version_2(kProxy, 0x31, path + path)).source == "unix:/run/a\\x1b");
}

TEST_CASE("version 2: LOCAL and an unknown family leave the connection's own address") {
  CHECK(read(version_2(kLocal, 0, "")).source.empty());
  CHECK(read(version_2(kLocal, kTcp4, "any bytes are skipped")).source.empty());
  CHECK(read(version_2(kProxy, 0, "any bytes are skipped")).source.empty());
}

TEST_CASE("version 2: what is malformed is refused") {
  CHECK(fault(version_2(0x11, kTcp4, kAddresses4)) == ProxyFault::malformed);   // version 1
  CHECK(fault(version_2(0x22, kTcp4, kAddresses4)) == ProxyFault::malformed);   // command 2
  CHECK(fault(version_2(kProxy, 0x12, kAddresses4)) == ProxyFault::malformed);  // UDP
  CHECK(fault(version_2(kProxy, 0x41, kAddresses4)) == ProxyFault::malformed);
  CHECK(fault(version_2(kProxy, kTcp4, kAddresses4.substr(1))) == ProxyFault::malformed);
  CHECK(fault(version_2(kProxy, 0x21, kAddresses4)) == ProxyFault::malformed);
  CHECK(fault(version_2(kProxy, 0x31, kAddresses4)) == ProxyFault::malformed);
}

TEST_CASE("version 2: fields that do not fill the header exactly are refused") {
  const auto with = [](const std::string& fields) {
    return version_2(kProxy, kTcp4, kAddresses4 + fields);
  };
  CHECK(read(with(field(4, "noop") + field(5, ""))).source == "192.0.2.5:6275");
  CHECK(fault(with("\4")) == ProxyFault::malformed);
  CHECK(fault(with("\4\0"s)) == ProxyFault::malformed);
  CHECK(fault(with("\4\0\1"s)) == ProxyFault::malformed);
  CHECK(fault(with("\4\xff\xff")) == ProxyFault::malformed);
  CHECK(fault(with(field(0x20, "\1\0\0\0"s))) == ProxyFault::malformed);
  CHECK(fault(with(field(0x20, "\1\0\0\0\0\x22"s))) == ProxyFault::malformed);
}

TEST_CASE("version 2: a header that announces more than 4096 bytes is refused at once") {
  const std::string head = kSignature + kProxy + kTcp4;
  CHECK(fault(head + two_octets(4081)) == ProxyFault::too_long);
  CHECK(parse_proxy_header(as_bytes(head + two_octets(4080))).has_value());
}

TEST_CASE("version 2 tells of the client's TLS and certificate") {
  const auto with = [](const std::string& fields) {
    return read(version_2(kProxy, kTcp4, kAddresses4 + fields));
  };
  CHECK_FALSE(with("").has_tls);
  const ProxyHeader good = with(tls_field(1 | 2, 0, "lamp"));
  CHECK(good.has_tls);
  CHECK(good.has_certificate);
  CHECK(good.common_name == "lamp");
  CHECK(with(tls_field(1 | 4, 0, "resumed")).common_name == "resumed");
  const ProxyHeader unverified = with(tls_field(1 | 2, 1, "lamp"));
  CHECK(unverified.has_tls);
  CHECK_FALSE(unverified.has_certificate);
  CHECK(unverified.common_name.empty());
  CHECK_FALSE(with(tls_field(1, 0, "lamp")).has_certificate);
  CHECK_FALSE(with(tls_field(0, 0, "lamp")).has_tls);
  CHECK(with(tls_field(1 | 2, 0, "la\0mp"s)).common_name.empty());
}

TEST_CASE("anything else is no header, from its first byte on") {
  CHECK(fault("\x10") == ProxyFault::no_header);
  CHECK(fault("PROXIMITY") == ProxyFault::no_header);
  CHECK(fault("\r\n\r\nGET") == ProxyFault::no_header);
}

TEST_CASE("a stream behind a proxy: the client's address, its bytes, and its certificate") {
  Line up;
  Line down;
  SUBCASE("whole") {}
  SUBCASE("byte by byte") { up.chunk = 1; }
  ProxyStream stream(std::make_unique<LineStream>(up, down), ProxyRules{true, true});
  std::array<std::byte, 4> buffer;
  CHECK(stream.peer() == "line");
  CHECK(stream.try_read(buffer).error == asio::error::would_block);
  up.bytes = version_2(kProxy, kTcp4, kAddresses4 + tls_field(3, 0, "lamp")) + "CONNECT";
  std::string read;
  for (;;) {
    const auto [count, error] = stream.try_read(buffer);
    if (error) break;
    read += as_text(std::span(buffer).first(count));
    CHECK(stream.has_input() == (up.chunk > 1 && read.size() < 7));
  }
  CHECK(read == "CONNECT");
  CHECK(stream.peer() == "192.0.2.5:6275");
  REQUIRE(stream.peer_certificate());
  CHECK(stream.peer_certificate()->common_name == "lamp");
  up.ended = true;
  CHECK(stream.try_read(buffer).error == asio::error::eof);
}

TEST_CASE("a stream without a good header, or one that lacks what is wanted, ends") {
  Line up;
  Line down;
  std::array<std::byte, 100> buffer;
  const auto error_of = [&](const std::string& bytes, ProxyRules rules) {
    up.bytes = bytes;
    ProxyStream stream(std::make_unique<LineStream>(up, down), rules);
    const std::error_code error = stream.try_read(buffer).error;
    CHECK(stream.try_read(buffer).error == error);
    return error;
  };
  const std::string line = "PROXY TCP4 192.0.2.5 10.0.0.1 6275 1883\r\n";
  CHECK(error_of("\x10\x0c", {}) == ProxyFault::no_header);
  CHECK(error_of("PROXY \r\n", {}) == ProxyFault::malformed);
  CHECK(error_of(line, {.requires_tls = true}) == ProxyFault::no_tls);
  CHECK(error_of(version_2(kLocal, 0, ""), {.requires_tls = true}) == ProxyFault::no_tls);
  const auto shown = version_2(kProxy, kTcp4, kAddresses4 + tls_field(1, 0, ""));
  CHECK(error_of(shown, {true, true}) == ProxyFault::no_certificate);
  CHECK(error_of(shown, {.requires_tls = true}) == asio::error::would_block);
  CHECK(make_error_code(ProxyFault::no_tls).message() == "PROXY: the client does not use TLS");
}
