#include "tools/mq-bench/crc32c.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstddef>

#include "libmqtt/base/bytes.hpp"

using mq_bench::crc32c;

TEST_CASE("crc32c gives the checksums of RFC 3720, appendix B.4") {
  std::array<std::byte, 32> bytes{};
  CHECK(crc32c(bytes) == 0x8A91'36AA);
  bytes.fill(std::byte{0xFF});
  CHECK(crc32c(bytes) == 0x62A8'AB43);
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i);
  CHECK(crc32c(bytes) == 0x46DD'794E);
  CHECK(crc32c(mqtt::as_bytes("123456789")) == 0xE306'9283);
  CHECK(crc32c({}) == 0);
}

TEST_CASE("crc32c of a text in pieces is that of the whole") {
  const std::string_view text = "the quick brown fox jumps over the lazy dog";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    CHECK(crc32c(mqtt::as_bytes(text.substr(cut)), crc32c(mqtt::as_bytes(text.substr(0, cut)))) ==
          crc32c(mqtt::as_bytes(text)));
  }
}
