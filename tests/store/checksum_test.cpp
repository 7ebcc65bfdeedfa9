#include "libmqtt/store/checksum.hpp"

#include <doctest/doctest.h>

#include <string>

#include "libmqtt/base/bytes.hpp"

using namespace mqtt;
using mqtt::store::Checksum, mqtt::store::checksum_of;

TEST_CASE("the checksum is what stores hold that were written earlier") {
  CHECK(Checksum().value() == 0x8523'61E5'C133'C7F8);
  CHECK(checksum_of(1, as_bytes("nine bytes")) == 4666701927154920619);
}

TEST_CASE("every flipped bit is found") {
  const std::string text = "a payload of no round length";
  const auto sum = checksum_of(7, as_bytes(text));
  for (std::size_t bit = 0; bit < text.size() * 8; ++bit) {
    std::string flipped = text;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    CHECK(checksum_of(7, as_bytes(flipped)) != sum);
  }
  for (int bit = 0; bit < 31; ++bit) CHECK(checksum_of(7 ^ (1 << bit), as_bytes(text)) != sum);
}

TEST_CASE("bytes that move from one field to its neighbour are found") {
  CHECK(checksum_of(as_bytes("ab"), as_bytes("c")) != checksum_of(as_bytes("a"), as_bytes("bc")));
  CHECK(checksum_of(as_bytes("a"), as_bytes("")) != checksum_of(as_bytes(""), as_bytes("a")));
  CHECK(checksum_of(as_bytes("a")) != checksum_of(as_bytes(std::string_view("a\0", 2))));
}
