#include "tools/mq-pub/deliveries.hpp"

#include <doctest/doctest.h>

namespace {

TEST_CASE("what is delivered is sent; what is refused, rejected or still open is lost") {
  mq_pub::Deliveries deliveries;
  for (std::uint64_t token = 1; token <= 4; ++token) {
    deliveries.begin(token, {mqtt::Bytes::copy("t" + std::to_string(token)), 10 * token});
  }
  CHECK(deliveries.open() == 4);
  CHECK(deliveries.open_bytes() == 100);
  CHECK(deliveries.lost() == 4);
  CHECK(deliveries.end(2, true)->topic.view() == "t2");
  CHECK(deliveries.end(1, false)->topic.view() == "t1");
  deliveries.reject(1);
  CHECK(deliveries.sent() == 1);
  CHECK(deliveries.ended() == 3);
  CHECK(deliveries.open() == 2);
  CHECK(deliveries.open_bytes() == 70);
  CHECK(deliveries.lost() == 4);
}

TEST_CASE("an end that nobody waits for changes nothing") {
  mq_pub::Deliveries deliveries;
  CHECK(!deliveries.end(7, true));
  deliveries.begin(7, {mqtt::Bytes::copy("t"), 1});
  CHECK(deliveries.end(7, true));
  CHECK(!deliveries.end(7, true));
  CHECK(deliveries.sent() == 1);
}

}  // namespace
