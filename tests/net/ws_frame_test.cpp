#include "libmqtt/net/ws_frame.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "libmqtt/base/bytes.hpp"
#include "libmqtt/net/asio.hpp"
#include "libmqtt/net/ws_error.hpp"
#include "tests/net/ws_frames.hpp"

using namespace mqtt;
using namespace mqtt::net;
using namespace mqtt::net::test;

namespace {

/// Feeds a reader in pieces of this size, each in a buffer of its own that it is unframed in.
std::string read_all(WsFrameReader& reader, std::string_view bytes, std::size_t piece_size) {
  std::string data;
  while (!bytes.empty()) {
    std::string piece(bytes.substr(0, piece_size));
    bytes.remove_prefix(piece.size());
    const auto buffer = std::as_writable_bytes(std::span(piece));
    data += as_text(buffer.first(reader.read(buffer, buffer.data())));
  }
  return data;
}

/// The end that these bytes of a client bring about.
WsFrameReader::End end_of(std::string_view bytes) {
  WsFrameReader reader(WsRole::server);
  read_all(reader, bytes, bytes.size());
  REQUIRE(reader.end().has_value());
  return *reader.end();
}

}  // namespace

TEST_CASE("messages come out whole however they are cut, fragmented or pinged [MQTT-6.0.0-2]") {
  const std::string large(70'000, 'L');
  const std::string bytes = masked(kBinary, "ab") + masked(kBinaryBegins, "c") +
                            masked(kPing, "in between") + masked(kContinues, "") +
                            masked(kContinues, std::string(200, 'd')) +
                            masked(kContinuationEnds, "e") + masked(kPong, "unasked") +
                            masked(kBinary, large) + masked(kBinary, "") + masked(kBinary, "f");
  const std::string expected = "abc" + std::string(200, 'd') + "e" + large + "f";
  for (const std::size_t piece_size :
       {std::size_t{1}, std::size_t{7}, std::size_t{4096}, bytes.size()}) {
    CAPTURE(piece_size);
    WsFrameReader reader(WsRole::server);
    CHECK(read_all(reader, bytes, piece_size) == expected);
    CHECK(reader.take_ping() == "in between");
    CHECK_FALSE(reader.take_ping().has_value());
    CHECK_FALSE(reader.end().has_value());
  }
}

TEST_CASE("a server's frames are not masked") {
  WsFrameReader reader(WsRole::client);
  CHECK(read_all(reader, plain(kBinary, "ab") + plain(kBinary, "c"), 3) == "abc");
  CHECK_FALSE(reader.end().has_value());
  read_all(reader, masked(kBinary, "x"), 100);
  REQUIRE(reader.end().has_value());
  CHECK(reader.end()->error == WsError::protocol_error);
}

TEST_CASE("a data frame that is not binary ends the connection [MQTT-6.0.0-1]") {
  const auto end = end_of(masked(kText, "hello"));
  CHECK(end.error == WsError::not_binary);
  CHECK(end.answer == WsCloseCode::unsupported_data);
  CHECK(end_of(masked(0x01, "")).error == WsError::not_binary);
}

TEST_CASE("framing that RFC 6455 forbids ends the connection with 1002") {
  const std::vector<std::string> faults = {
      plain(kBinary, "x"),                                           // A client must mask.
      masked(0xC2, "x"),                                             // A reserved bit.
      masked(0x83, "x"),                                             // A reserved opcode ...
      masked(0x8B, "x"),                                             // ... of a control frame.
      masked(kContinuationEnds, "x"),                                // Nothing to go on with.
      masked(kBinaryBegins, "x") + masked(kBinary, "y"),             // A message in a message.
      masked(0x09, "x"),                                             // A fragmented ping.
      bytes_of({.first = kPing, .payload = std::string(126, 'x')}),  // A ping too long.
      bytes_of({.payload = "x", .length_code = 126}),                // Not the shortest length.
      bytes_of({.payload = std::string(300, 'x'), .length_code = 127}),
      std::string("\x82\xFF\x80", 3) + std::string(11, '\0'),  // A length with its top bit set.
      masked(kClose, "x"),                                     // Half a code.
      masked(kClose, "\x03\xED"),                              // 1005 is never sent.
      masked(kClose, std::string_view("\x00\x01", 2)),
  };
  for (const std::string& fault : faults) {
    CAPTURE(&fault - faults.data());
    const auto end = end_of(fault);
    CHECK(end.error == WsError::protocol_error);
    CHECK(end.answer == WsCloseCode::protocol_error);
  }
}

TEST_CASE("a Close is answered with its own code, and nothing is read after it") {
  CHECK(end_of(masked(kClose, "\x03\xE9going away")).error == asio::error::eof);
  CHECK(static_cast<unsigned>(end_of(masked(kClose, "\x03\xE9going away")).answer) == 1001);
  CHECK(end_of(masked(kClose, "")).answer == WsCloseCode::none);
  WsFrameReader reader(WsRole::server);
  const std::string bytes = masked(kBinary, "a") + masked(kClose, "") + masked(kBinary, "b");
  CHECK(read_all(reader, bytes, bytes.size()) == "a");
  CHECK(read_all(reader, masked(kBinary, "c"), 100).empty());
}

TEST_CASE("only the last of many pings is kept") {
  WsFrameReader reader(WsRole::server);
  std::string bytes;
  for (int i = 0; i < 1000; ++i) bytes += masked(kPing, std::to_string(i));
  CHECK(read_all(reader, bytes, 4096).empty());
  CHECK(reader.take_ping() == "999");
}

TEST_CASE("heads have the shortest length, and a mask is applied where the bytes stand") {
  const auto head = [](std::uint64_t size, bool is_masked) {
    std::string out;
    append_frame_head(out, WsOpcode::binary, size,
                      is_masked ? std::optional<WsMask>(WsMask{}) : std::nullopt);
    return out;
  };
  for (const unsigned size : {0U, 125U, 126U, 65'535U, 65'536U}) {
    const std::string payload(size, '\0');
    CHECK(head(size, false) + payload == plain(kBinary, payload));
    CHECK(head(size, true).size() == head(size, false).size() + 4);
    CHECK((static_cast<unsigned char>(head(size, true)[1]) & 0x80U) != 0);
  }
  const WsMask mask{std::byte{1}, std::byte{2}, std::byte{3}, std::byte{4}};
  const std::string text = "abcdefg";
  std::string at_once(text.size(), '\0');
  std::string in_two(text.size(), '\0');
  copy_masked(as_bytes(text), mask, 0, std::as_writable_bytes(std::span(at_once)).data());
  copy_masked(as_bytes(text).first(3), mask, 0, std::as_writable_bytes(std::span(in_two)).data());
  copy_masked(as_bytes(text).subspan(3), mask, 3,
              std::as_writable_bytes(std::span(in_two)).data() + 3);
  CHECK(at_once == in_two);
  CHECK(at_once.substr(0, 2) == std::string("\x60\x60"));
}
