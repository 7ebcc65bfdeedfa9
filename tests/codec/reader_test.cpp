#include "libmqtt/codec/reader.hpp"

#include <doctest/doctest.h>

#include "tests/support/wire_vectors.hpp"

using namespace mqtt;
using mqtt::test::parse_wire;

TEST_CASE("fields are read in network byte order") {
  const auto bytes = parse_wire("01 0203 04050607 FFFFFF7F ('text') (00FF) 'rest'");
  Reader reader(bytes.span());
  CHECK(reader.byte() == 0x01);
  CHECK(reader.two_byte() == 0x0203);
  CHECK(reader.four_byte() == 0x04050607);
  CHECK(reader.variable_byte() == 268'435'455);
  CHECK(reader.text().view() == "text");
  CHECK(reader.binary() == parse_wire("00FF"));
  CHECK_FALSE(reader.at_end());
  CHECK(reader.rest().view() == "rest");
  CHECK(reader.at_end());
  CHECK_FALSE(reader.finish());
}

TEST_CASE("after a failure every read yields zeros and the first failure stays") {
  const auto bytes = parse_wire("01 ('ab')");
  Reader reader(bytes.span());
  reader.byte();
  reader.fail(ReasonCode::protocol_error, "first");
  CHECK(reader.failed());
  CHECK(reader.at_end());
  CHECK(reader.byte() == 0);
  CHECK(reader.two_byte() == 0);
  CHECK(reader.four_byte() == 0);
  CHECK(reader.variable_byte() == 0);
  CHECK(reader.text().empty());
  CHECK(reader.binary().empty());
  CHECK(reader.rest().empty());
  REQUIRE(reader.finish());
  CHECK(reader.finish()->code == ReasonCode::protocol_error);
  CHECK(reader.finish()->what == "first");
}

TEST_CASE("reading past the end fails at once and yields nothing of the field") {
  for (const auto notation : {"", "00", "00 05 'abcd'"}) {
    const auto bytes = parse_wire(notation);
    Reader reader(bytes.span());
    CHECK(reader.text().empty());
    REQUIRE(reader.finish());
    CHECK(reader.finish()->code == ReasonCode::malformed_packet);
  }
  const auto three = parse_wire("010203");
  Reader reader(three.span());
  reader.four_byte();
  CHECK(reader.failed());
}

TEST_CASE("bytes left over are a failure") {
  const auto bytes = parse_wire("01 02");
  Reader reader(bytes.span());
  reader.byte();
  REQUIRE(reader.finish());
  CHECK(reader.finish()->code == ReasonCode::malformed_packet);
}

TEST_CASE("variable byte integers are 1 to 4 bytes and minimal [MQTT-1.5.5-1]") {
  const auto read = [](std::string_view notation) -> std::optional<std::uint32_t> {
    const auto bytes = parse_wire(notation);
    Reader reader(bytes.span());
    const auto value = reader.variable_byte();
    if (reader.finish()) return std::nullopt;
    return value;
  };
  CHECK(read("00") == 0);
  CHECK(read("7F") == 127);
  CHECK(read("8001") == 128);
  CHECK(read("FF7F") == 16'383);
  CHECK(read("808001") == 16'384);
  CHECK(read("80808001") == 2'097'152);
  for (const auto notation : {"", "80", "8000", "FF00", "80808000", "8080808001", "FFFFFFFF"}) {
    CAPTURE(notation);
    CHECK_FALSE(read(notation));
  }
}

TEST_CASE("text is UTF-8, binary is anything [MQTT-1.5.4-1]") {
  const auto bytes = parse_wire("(FF)");
  CHECK(Reader(bytes.span()).binary().size() == 1);
  Reader reader(bytes.span());
  CHECK(reader.text().empty());
  CHECK(reader.failed());
}

TEST_CASE("what is kept shares one copy, which outlives the input") {
  Bytes bytes = parse_wire("('a') ('b') 'c'");
  Reader reader(bytes.span());
  const auto a = reader.text();
  const auto b = reader.binary();
  const auto c = reader.rest();
  bytes = Bytes();
  CHECK(b.data() == a.data() + 3);
  CHECK(c.data() == a.data() + 4);
  CHECK(a.view() == "a");
  CHECK(b.view() == "b");
  CHECK(c.view() == "c");
}
