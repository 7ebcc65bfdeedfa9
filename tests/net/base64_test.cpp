#include "libmqtt/net/base64.hpp"

#include <doctest/doctest.h>

using namespace mqtt::net;

TEST_CASE("the examples of RFC 4648 §10") {
  CHECK(base64("").empty());
  CHECK(base64("f") == "Zg==");
  CHECK(base64("fo") == "Zm8=");
  CHECK(base64("foo") == "Zm9v");
  CHECK(base64("foobar") == "Zm9vYmFy");
}

TEST_CASE("what stands for how many bytes") {
  CHECK(is_base64_of("dGhlIHNhbXBsZSBub25jZQ==", 16));
  CHECK_FALSE(is_base64_of("dGhlIHNhbXBsZSBub25jZQ==", 15));
  CHECK_FALSE(is_base64_of("dGhlIHNhbXBsZSBub25jZR==", 16));  // Bits that no encoder sets.
  CHECK_FALSE(is_base64_of("dGhlIHNhbXBsZSBub25j====", 16));
  CHECK_FALSE(is_base64_of("dGhlIHNhbXBsZSBub25jZ-==", 16));
  CHECK_FALSE(is_base64_of("", 16));
  CHECK(is_base64_of("", 0));
}
