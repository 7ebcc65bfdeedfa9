#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "libmqtt/base/time.hpp"

namespace mqtt::server {

/// How many lines the log takes because of one peer: a token bucket per address, of kBurst lines
/// that fill up with kLinesPerSecond; an IPv6 peer is its /64. The table is bounded: when many
/// addresses come at once, those that find no room share one bucket.
class LogQuota {
 public:
  static constexpr std::uint64_t kBurst = 100;
  static constexpr std::uint64_t kLinesPerSecond = 10;
  static constexpr std::size_t kMaximumPeers = 1024;
  static constexpr Duration kSummaryAfter = Seconds(10);

  struct Suppressed {
    std::string peer;
    std::uint64_t lines = 0;
  };

  /// Whether a line about `peer` ("127.0.0.1:50123") may be written now.
  bool admit(std::string_view peer, TimePoint now);
  /// The peers that lost lines, the first of them kSummaryAfter ago or longer; each once.
  std::vector<Suppressed> take_suppressed(TimePoint now);
  std::size_t peers() const { return buckets_.size(); }

 private:
  static constexpr Duration kLine =
      Duration(Seconds(1)) / kLinesPerSecond;  ///< What one line costs.
  struct Bucket {
    TimePoint full_at;  ///< When all of kBurst will be there again.
    std::uint64_t suppressed = 0;
    TimePoint suppressed_since = {};
  };
  Bucket& bucket_of(std::string_view peer, TimePoint now);

  std::unordered_map<std::string, Bucket> buckets_;
  bool has_suppressed_ = false;
};

/// "192.0.2.7" of "192.0.2.7:50123", "2001:db8:1:2::/64" of "[2001:db8:1:2::9]:50123"; what is
/// neither stays as it is.
std::string log_quota_key(std::string_view peer);

}  // namespace mqtt::server
