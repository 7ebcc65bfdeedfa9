#include "libmqtt/server/log_quota.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <utility>

namespace mqtt::server {

std::string log_quota_key(std::string_view peer) {
  if (!peer.starts_with('[')) return std::string(peer.substr(0, peer.rfind(':')));
  const std::string address(peer.substr(1, peer.find(']') - 1));
  std::array<unsigned char, 16> bytes{};
  if (inet_pton(AF_INET6, address.c_str(), bytes.data()) != 1) return address;
  std::fill(bytes.begin() + 8, bytes.end(), static_cast<unsigned char>(0));
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(AF_INET6, bytes.data(), text.data(), text.size());
  return std::string(text.data()) + "/64";
}

LogQuota::Bucket& LogQuota::bucket_of(std::string_view peer, TimePoint now) {
  std::string key = log_quota_key(peer);
  if (const auto found = buckets_.find(key); found != buckets_.end()) return found->second;
  if (buckets_.size() >= kMaximumPeers)
    std::erase_if(buckets_, [&](const auto& entry) {
      return entry.second.full_at <= now && entry.second.suppressed == 0;
    });
  if (buckets_.size() >= kMaximumPeers) key = "others";
  return buckets_.try_emplace(std::move(key), Bucket{now}).first->second;
}

bool LogQuota::admit(std::string_view peer, TimePoint now) {
  Bucket& bucket = bucket_of(peer, now);
  const TimePoint full_at = std::max(bucket.full_at, now) + kLine;
  if (full_at - now > kBurst * kLine) {
    if (bucket.suppressed++ == 0) bucket.suppressed_since = now;
    has_suppressed_ = true;
    return false;
  }
  bucket.full_at = full_at;
  return true;
}

std::vector<LogQuota::Suppressed> LogQuota::take_suppressed(TimePoint now) {
  std::vector<Suppressed> taken;
  if (!has_suppressed_) return taken;
  has_suppressed_ = false;
  for (auto& [peer, bucket] : buckets_) {
    if (bucket.suppressed == 0) continue;
    if (now - bucket.suppressed_since < kSummaryAfter) {
      has_suppressed_ = true;
    } else {
      taken.push_back({peer, std::exchange(bucket.suppressed, 0)});
    }
  }
  return taken;
}

}  // namespace mqtt::server
