#include "libmqtt/net/socks5.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using namespace mqtt::net;
using namespace std::string_view_literals;

namespace {

Socks5Opening to_name() { return {"broker.test", 1883, std::nullopt}; }
Socks5Opening with_login() { return {"broker.test", 1883, {{"user", "secret"}}}; }

std::string outcome(const Opening& opening) {
  if (!opening.result()) return "waits";
  return *opening.result() ? "connected" : opening.result()->error();
}

/// What comes of answers, one after the other; what was to be sent is dropped.
std::string outcome(Socks5Opening opening, std::initializer_list<std::string_view> answers) {
  for (const std::string_view answer : answers) {
    opening.take_output();
    opening.receive(answer);
  }
  return outcome(opening);
}

constexpr std::string_view kNoLogin = "\5\0"sv;
constexpr std::string_view kConnected = "\5\0\0\1\0\0\0\0\0\0"sv;

}  // namespace

TEST_CASE("a name goes to the proxy as it is (RFC 1928 §4)") {
  Socks5Opening opening = to_name();
  CHECK(opening.take_output() == "\5\1\0"sv);
  CHECK(opening.receive(kNoLogin) == 2);
  CHECK(opening.take_output() ==
        "\5\1\0\3\x0B"
        "broker.test\x07\x5B"sv);
  CHECK(outcome(opening) == "waits");
  CHECK(opening.receive(std::string(kConnected) + "more") == kConnected.size());
  CHECK(outcome(opening) == "connected");
}

TEST_CASE("literals go in binary") {
  Socks5Opening v4("192.0.2.1", 80, std::nullopt);
  v4.receive(kNoLogin);
  CHECK(v4.take_output() == "\5\1\0\1\xC0\x00\x02\x01\x00\x50"sv);
  Socks5Opening v6("::1", 80, std::nullopt);
  v6.receive(kNoLogin);
  CHECK(v6.take_output() == "\5\1\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\x50"sv);
}

TEST_CASE("user name and password are told when the proxy asks for them (RFC 1929)") {
  Socks5Opening opening = with_login();
  CHECK(opening.take_output() == "\5\2\0\2"sv);
  opening.receive("\5\2");
  CHECK(opening.take_output() == "\1\4user\6secret");
  opening.receive("\1\0"sv);
  CHECK(opening.take_output().starts_with("\5\1\0\3"sv));

  Socks5Opening unasked = with_login();
  unasked.take_output();
  unasked.receive(kNoLogin);
  CHECK(unasked.take_output().starts_with("\5\1\0\3"sv));
}

TEST_CASE("answers may come byte by byte, with any type of address") {
  for (const std::string_view reply :
       {kConnected, "\5\0\0\3\4name\0\0"sv, "\5\0\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"sv}) {
    Socks5Opening opening = to_name();
    for (const char c : std::string(kNoLogin) + std::string(reply)) {
      CHECK(outcome(opening) == "waits");
      CHECK(opening.receive({&c, 1}) == 1);
    }
    CHECK(outcome(opening) == "connected");
    CHECK(opening.receive("x") == 0);
  }
}

TEST_CASE("each refusal has its words") {
  CHECK(outcome(to_name(), {"\5\xFF"}) == "the proxy asks for a user name and a password");
  CHECK(outcome(with_login(), {"\5\xFF"}) == "the proxy does not take user name and password");
  CHECK(outcome(to_name(), {"\5\2"}) ==
        "the proxy chose a method of authentication that was not offered");
  CHECK(outcome(with_login(), {"\5\2", "\1\1"}) ==
        "the proxy refuses the user name or the password");
  CHECK(outcome(to_name(), {kNoLogin, "\5\2\0\1\0\0\0\0\0\0"sv}) ==
        "not allowed by the proxy's rules");
  CHECK(outcome(to_name(), {kNoLogin, "\5\5\0\1\0\0\0\0\0\0"sv}) == "connection refused");
  CHECK(outcome(to_name(), {kNoLogin, "\5\x63\0\1\0\0\0\0\0\0"sv}) ==
        "the proxy gives the unknown code 99");
  for (const std::string_view other : {"HTTP/1.1 400 Bad Request"sv, "\4\0"sv, "\x20\x02"sv})
    CHECK(outcome(to_name(), {other}) == "the proxy does not speak SOCKS 5");
  CHECK(outcome(to_name(), {kNoLogin, "\5\0\0\7\0\0\0\0\0\0"sv}) ==
        "the proxy does not speak SOCKS 5");
  CHECK(outcome(with_login(), {"\5\2", "\5\0"sv}) == "the proxy does not speak SOCKS 5");
}

TEST_CASE("a name that no request can hold is refused before anything is sent") {
  const Socks5Opening opening(std::string(256, 'x'), 1883, std::nullopt);
  CHECK(outcome(opening) == "the host's name is longer than SOCKS allows");
}
