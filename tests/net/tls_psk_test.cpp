#include "libmqtt/net/tls_psk.hpp"

#include <doctest/doctest.h>

#include <string>

#include "libmqtt/net/tls_context.hpp"

using namespace mqtt::net;

// Handshakes with a shared key are in tests/e2e/psk_test.cpp: no server here speaks them.

TEST_CASE("a key or an identity that TLS cannot carry is refused when it is loaded") {
  const auto error = [](std::string identity, std::string key) {
    const auto context =
        TlsContext::client({.psk = std::move(key), .psk_identity = std::move(identity)});
    return context ? "" : context.error();
  };
  CHECK(error("", "k") == "psk identity: 1 to 255 characters are allowed");
  CHECK(error(std::string(256, 'i'), "k") == "psk identity: 1 to 255 characters are allowed");
  CHECK(error(std::string("a\0b", 3), "k") == "psk identity: 1 to 255 characters are allowed");
  CHECK(error(std::string(255, 'i'), std::string(512, 'k')) == "");
  CHECK(error("i", std::string(1000, 'k')) == "psk key: 1 to 512 bytes are allowed");
}
