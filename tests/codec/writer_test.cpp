#include "libmqtt/codec/writer.hpp"

#include <doctest/doctest.h>

#include <array>

#include "tests/support/wire_vectors.hpp"

using namespace mqtt;
using mqtt::test::parse_wire;

namespace {

template <class Sink>
void put_everything(Sink& sink) {
  sink.byte(0x01);
  sink.two_byte(0x0203);
  sink.four_byte(0x04050607);
  for (const std::size_t value :
       {0U, 127U, 128U, 16'383U, 16'384U, 2'097'151U, 2'097'152U, kMaximumVariableByte}) {
    sink.variable_byte(value);
  }
  sink.bytes({});
  sink.bytes(as_bytes("raw"));
  sink.binary(as_bytes("text"));
  sink.binary({});
}

}  // namespace

TEST_CASE("fields are written in network byte order, and measured at the size they take") {
  const auto expected = parse_wire(
      "01 0203 04050607 00 7F 8001 FF7F 808001 FFFF7F 80808001 FFFFFF7F 'raw' ('text') ()");
  SizeCounter counter;
  put_everything(counter);
  CHECK(counter.size() == expected.size());
  std::array<std::byte, 64> room{};
  Writer writer(room.data());
  put_everything(writer);
  CHECK(static_cast<std::size_t>(writer.at() - room.data()) == expected.size());
  CHECK(as_text(std::span(room).first(expected.size())) == expected.view());
}
