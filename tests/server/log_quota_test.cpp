#include "libmqtt/server/log_quota.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace mqtt;
using mqtt::server::log_quota_key;
using mqtt::server::LogQuota;

namespace {

const TimePoint kStart{std::chrono::hours(1)};

std::uint64_t admitted(LogQuota& quota, std::string_view peer, std::uint64_t lines, TimePoint now) {
  std::uint64_t count = 0;
  for (std::uint64_t i = 0; i < lines; ++i) count += quota.admit(peer, now) ? 1U : 0U;
  return count;
}

}  // namespace

TEST_CASE("a peer gets its burst at once and then its rate, and others are not concerned") {
  LogQuota quota;
  CHECK(admitted(quota, "192.0.2.1:1", 1000, kStart) == LogQuota::kBurst);
  CHECK(admitted(quota, "192.0.2.1:2", 10, kStart) == 0);
  CHECK(admitted(quota, "192.0.2.2:1", 10, kStart) == 10);
  CHECK(admitted(quota, "192.0.2.1:3", 1000, kStart + Seconds(3)) == 3 * LogQuota::kLinesPerSecond);
  CHECK(admitted(quota, "192.0.2.1:3", 1000, kStart + Seconds(3600)) == LogQuota::kBurst);
}

TEST_CASE("what was left out is told once, also while it goes on") {
  LogQuota quota;
  admitted(quota, "192.0.2.1:1", LogQuota::kBurst + 7, kStart);
  CHECK(quota.take_suppressed(kStart + Seconds(1)).empty());
  admitted(quota, "192.0.2.1:1", 10 + 5, kStart + Seconds(1));
  const auto taken = quota.take_suppressed(kStart + LogQuota::kSummaryAfter);
  REQUIRE(taken.size() == 1);
  CHECK(taken[0].peer == "192.0.2.1");
  CHECK(taken[0].lines == 12);
  CHECK(quota.take_suppressed(kStart + Seconds(100)).empty());
}

TEST_CASE("an IPv6 peer is its /64, whatever addresses it makes up in there") {
  CHECK(log_quota_key("[2001:db8:1:2:3::9]:50123") == "2001:db8:1:2::/64");
  CHECK(log_quota_key("[2001:db8:1:2:ffff::1]:1") == "2001:db8:1:2::/64");
  CHECK(log_quota_key("[::1]:1") == "::/64");
  CHECK(log_quota_key("127.0.0.1:50123") == "127.0.0.1");
  CHECK(log_quota_key("/run/mq.sock") == "/run/mq.sock");
}

TEST_CASE("many addresses do not grow the table: they share what is left, and room comes again") {
  LogQuota quota;
  for (std::size_t i = 0; i < 100 * LogQuota::kMaximumPeers; ++i)
    quota.admit("10.0.0." + std::to_string(i), kStart);
  CHECK(quota.peers() <= LogQuota::kMaximumPeers + 1);
  CHECK(admitted(quota, "203.0.113.1", 10, kStart) == 0);
  CHECK(admitted(quota, "203.0.113.1", 10, kStart + Seconds(60)) == 10);
}
