#include "libmqtt/net/proxy.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using namespace mqtt::net;

namespace {

ProxyAddress http(std::string username = {}, std::string password = {}) {
  const bool has_credentials = !username.empty();
  return {ProxyAddress::Kind::http, "proxy",        8080, std::move(username),
          std::move(password),      has_credentials};
}

std::string outcome(std::string_view answer) {
  const auto opening = proxy_opening(http(), "broker", 1883);
  opening->receive(answer);
  if (!opening->result()) return "waits";
  return *opening->result() ? "connected" : opening->result()->error();
}

}  // namespace

TEST_CASE("CONNECT names host and port, and the user when there is one") {
  CHECK(proxy_opening(http(), "broker", 1883)->take_output() ==
        "CONNECT broker:1883 HTTP/1.1\r\nHost: broker:1883\r\n\r\n");
  CHECK(proxy_opening(http("Aladdin", "open sesame"), "::1", 1)->take_output() ==
        "CONNECT [::1]:1 HTTP/1.1\r\nHost: [::1]:1\r\n"
        "Proxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n");
}

TEST_CASE("what an HTTP proxy's answer means") {
  CHECK(outcome("HTTP/1.1 200 OK\r\nX: y\r\n\r\n") == "connected");
  CHECK(outcome("HTTP/1.0 200\r\n\r\n") == "connected");
  CHECK(outcome("HTTP/1.1 200 OK\r\n") == "waits");
  CHECK(outcome("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n") ==
        "HTTP 407 Proxy Authentication Required");
  CHECK(outcome("HTTP/1.1 101 Huh\r\n\r\n") == "HTTP 101 Huh");
  CHECK(outcome("\x05\xFF") == "the proxy does not speak HTTP");
  CHECK(outcome("HTTP/9\r\n\r\n") == "the proxy does not speak HTTP");
  CHECK(outcome("HTTP/1.1 200 OK\r\n" + std::string(9000, 'x')) ==
        "the head of the proxy's answer is too large");
}

TEST_CASE("what follows the answer is not taken") {
  const auto opening = proxy_opening(http(), "broker", 1883);
  CHECK(opening->receive("HTTP/1.1 200 OK\r\n\r\n\x20\x02") == 19);
}

TEST_CASE("a SOCKS proxy gets SOCKS") {
  const ProxyAddress proxy{ProxyAddress::Kind::socks5, "proxy", 1080, "u", "p", true};
  CHECK(proxy_opening(proxy, "broker", 1883)->take_output() == std::string_view("\5\2\0\2", 4));
}
