#include "libmqtt/store/row.hpp"

#include <doctest/doctest.h>

#include "tests/store/changes.hpp"

using namespace mqtt;
using namespace mqtt::store;
using namespace mqtt::store::test;
using std::chrono::milliseconds;

TEST_CASE("times are stored by the wall clock, and come back by the clock of another life") {
  const auto stored = to_wall(kNow.monotonic + Seconds(60), kNow);
  CHECK(stored == (kNow.wall + Seconds(60)).time_since_epoch().count());
  const ClockReading later = after_restart(Seconds(20));
  CHECK(from_wall(stored, later) == later.monotonic + Seconds(40));
  CHECK(from_wall(to_wall(kNow.monotonic - Seconds(5), kNow), later) ==
        later.monotonic - Seconds(25));
  CHECK(to_wall(kNow.monotonic + std::chrono::nanoseconds(1), kNow) ==
        to_wall(kNow.monotonic + milliseconds(1), kNow));
}

TEST_CASE("never stays never, and what lies beyond the clock's reach becomes it") {
  CHECK(from_wall(to_wall(kNever, kNow), after_restart(Seconds(1))) == kNever);
  CHECK(from_wall(INT64_MAX - 1, kNow) == kNever);
  CHECK(from_wall(0, kNow) < kNow.monotonic);
}

TEST_CASE("a session's record cut short anywhere, or with something behind it, is refused") {
  change::SessionRecord record;
  record.client_id = Bytes::copy("client");
  record.username = "user";
  record.will = Will{.topic = Bytes::copy("t"), .payload = Bytes::copy("p")};
  auto row = encode_session(record, kNow);
  CHECK(decode_session(row, kNow).has_value());
  for (std::size_t size = 0; size < row.size(); ++size)
    CHECK_FALSE(decode_session(std::span(row).first(size), kNow).has_value());
  row.push_back(std::byte{0});
  CHECK_FALSE(decode_session(row, kNow).has_value());
}

TEST_CASE("columns that no encoder writes are refused") {
  for (const std::int64_t column : {-1L, 3L, 3L << 4, 1L << 40})
    CHECK_FALSE(decode_options(column));
  for (const std::int64_t column : {-1L, 3L, 7L, 8L}) CHECK_FALSE(decode_flags(column));
  const change::Queued place = std::get<change::Queued>(queued(1, 2, 3));
  const std::int64_t column = encode_sent({1, 2, 10, OutgoingFlights::Stage::pubrel_sent});
  CHECK(decode_sent(column, place).has_value());
  for (int bit = 0; bit < 63; ++bit) CHECK_FALSE(decode_sent(column ^ (1L << bit), place));
  CHECK_FALSE(decode_sent(column, std::get<change::Queued>(queued(1, 3, 3))));
  change::Queued other = place;
  CHECK_FALSE(decode_extras(as_bytes(std::string_view("\0\0\0\5abc", 7)), other));
}
