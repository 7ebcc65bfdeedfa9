#include "libmqtt/net/address.hpp"

#include <doctest/doctest.h>

#include <string>

using mqtt::net::Address;
using mqtt::net::parse_proxy_url;
using mqtt::net::parse_url;
using mqtt::net::ProxyAddress;
using mqtt::net::Url;
using Scheme = Address::Scheme;

namespace {
Address address_of(const char* text) {
  const auto url = parse_url(text);
  REQUIRE_MESSAGE(url.has_value(), text << ": " << (url ? "" : url.error()));
  return url->address;
}
std::string error_of(const char* text) {
  const auto url = parse_url(text);
  REQUIRE_MESSAGE(!url.has_value(), text);
  CHECK(url.error().find('\n') == std::string::npos);
  return url.error();
}
}  // namespace

TEST_CASE("each scheme brings its default port") {
  CHECK(address_of("mqtt://host") == Address{Scheme::mqtt, "host", 1883});
  CHECK(address_of("mqtts://host") == Address{Scheme::mqtts, "host", 8883});
  CHECK(address_of("ws://host") == Address{Scheme::ws, "host", 1883});
  CHECK(address_of("wss://host") == Address{Scheme::wss, "host", 8883});
  CHECK(address_of("MQTT://host") == Address{Scheme::mqtt, "host", 1883});
}

TEST_CASE("host, port, credentials and topic are taken apart and percent-decoded") {
  const auto url = parse_url("mqtt://J%C3%B6rg:p%40ss%3Aw%2Fd@broker.example:2883/Maison/%23");
  REQUIRE(url);
  CHECK(url->address == Address{Scheme::mqtt, "broker.example", 2883});
  CHECK(url->has_username);
  CHECK(url->username == "J\xC3\xB6rg");
  CHECK(url->has_password);
  CHECK(url->password == "p@ss:w/d");
  CHECK(url->topic == "Maison/#");
}

TEST_CASE("credentials may be partial or empty, which is not the same as absent") {
  auto url = parse_url("mqtt://user@h");
  REQUIRE(url);
  CHECK(url->has_username);
  CHECK_FALSE(url->has_password);
  url = parse_url("mqtt://user:@h");
  REQUIRE(url);
  CHECK(url->has_password);
  CHECK(url->password.empty());
  url = parse_url("mqtt://h");
  REQUIRE(url);
  CHECK_FALSE(url->has_username);
}

TEST_CASE("the last '@' ends the credentials, the first ':' the user name") {
  const auto url = parse_url("mqtt://u:p@ss:word@h");
  REQUIRE(url);
  CHECK(url->username == "u");
  CHECK(url->password == "p@ss:word");
  CHECK(url->address.host == "h");
}

TEST_CASE("the first '/' after the authority begins the topic, which keeps all the rest") {
  CHECK(parse_url("mqtt://h/a/b")->topic == "a/b");
  CHECK(parse_url("mqtt://h//a?b#c")->topic == "/a?b#c");
  CHECK(parse_url("mqtt://h/")->topic.empty());
  CHECK(parse_url("mqtt://h/a@b:c")->topic == "a@b:c");
}

TEST_CASE("IPv6 literals stand in brackets") {
  CHECK(address_of("mqtt://[::1]") == Address{Scheme::mqtt, "::1", 1883});
  CHECK(address_of("mqtt://u:p@[fe80::1%25eth0]:99/t") ==
        Address{Scheme::mqtt, "fe80::1%eth0", 99});
  CHECK(error_of("mqtt://[::1") == "'[' without ']' in '[::1'");
  CHECK(error_of("mqtt://[host]") == "'host' is not an IPv6 address");
  CHECK(error_of("mqtt://::1") == "an IPv6 address needs brackets: [::1]");
  CHECK(error_of("mqtt://[::1]x") == "'x' follows the host where ':PORT' could stand");
}

TEST_CASE("a Unix socket is a path") {
  CHECK(address_of("unix:/run/mqtt.sock") == Address{Scheme::unix_socket, "/run/mqtt.sock", 0});
  CHECK(address_of("unix:///run/a%20b") == Address{Scheme::unix_socket, "/run/a b", 0});
  CHECK(error_of("unix:") == "the path of the Unix socket is missing");
}

TEST_CASE("ports are whole numbers from 1 to 65535") {
  CHECK(address_of("mqtt://h:65535").port == 65535);
  for (const char* port :
       {"", "0", "65536", "-1", "+1", "1x", "0x10", " 1", "99999999999999999999"})
    CHECK(error_of((std::string("mqtt://h:") + port).c_str()) ==
          "port '" + std::string(port) + "' is not a number from 1 to 65535");
}

TEST_CASE("malformed escapes are errors that name the part, never the password") {
  CHECK(error_of("mqtt://h/%zz") ==
        "malformed escape '%zz' in the topic (a percent sign is written %25)");
  CHECK(error_of("mqtt://h/100%") ==
        "malformed escape '%' in the topic (a percent sign is written %25)");
  CHECK(error_of("mqtt://u%1@h") ==
        "malformed escape '%1' in the user name (a percent sign is written %25)");
  CHECK(error_of("mqtt://u:secret%+1@h").find("%+1") == std::string::npos);
}

TEST_CASE("what is not a URL of ours is refused") {
  for (const char* text : {"", "host", "mqtt:host", "mqtt:/h", "http://h", "://h", "mqtt"})
    CHECK(error_of(text) == "a URL begins with mqtt://, mqtts://, ws://, wss:// or unix:");
  CHECK(error_of("mqtt://") == "the host is missing");
  CHECK(error_of("mqtt:///topic") == "the host is missing");
  CHECK(error_of("mqtt://u:p@:1883") == "the host is missing");
}

TEST_CASE("addresses are shown as people write them") {
  CHECK(to_string(Address{Scheme::mqtt, "127.0.0.1", 1883}) == "127.0.0.1:1883");
  CHECK(to_string(Address{Scheme::mqtt, "::1", 1883}) == "[::1]:1883");
  CHECK(to_string(Address{Scheme::unix_socket, "/run/x", 0}) == "/run/x");
}

TEST_CASE("a proxy's URL: kind, credentials, default ports") {
  const auto socks = parse_proxy_url("socks5h://us%65r:p%40%3Aw@[::1]");
  REQUIRE(socks);
  CHECK(socks->kind == ProxyAddress::Kind::socks5);
  CHECK(socks->host == "::1");
  CHECK(socks->port == 1080);
  CHECK(socks->has_credentials);
  CHECK(socks->username == "user");
  CHECK(socks->password == "p@:w");
  const auto http = parse_proxy_url("HTTP://proxy.test:3128/");
  REQUIRE(http);
  CHECK(http->kind == ProxyAddress::Kind::http);
  CHECK(http->host == "proxy.test");
  CHECK(http->port == 3128);
  CHECK_FALSE(http->has_credentials);
  CHECK(parse_proxy_url("http://proxy")->port == 80);
}

TEST_CASE("a proxy's URL that cannot be used says why") {
  const auto error = [](std::string_view text) { return parse_proxy_url(text).error(); };
  CHECK(error("proxy:1080") == "a proxy begins with socks5h:// or http://");
  CHECK(error("socks5://proxy") == "a proxy begins with socks5h:// or http://");
  CHECK(error("https://proxy") == "a proxy begins with socks5h:// or http://");
  CHECK(error("http://") == "the host is missing");
  CHECK(error("http://proxy:0") == "port '0' is not a number from 1 to 65535");
  CHECK(error("http://proxy/path") == "a path follows the proxy's host");
  CHECK(error("socks5h://user@proxy") ==
        "SOCKS takes a user name and a password of 1 to 255 bytes");
  CHECK(error("http://a%3Ab:c@proxy") ==
        "a user name with a colon cannot be told to an HTTP proxy");
}
