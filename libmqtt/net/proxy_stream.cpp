#include "libmqtt/net/proxy_stream.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace mqtt::net {

Stream::Transfer ProxyStream::try_read(std::span<std::byte> buffer) {
  if (failed_) return {0, failed_};
  if (!has_header_)
    if (const auto error = read_header()) return {0, error};
  if (early_.empty()) return transport_->try_read(buffer);
  const std::size_t count = std::min(early_.size(), buffer.size());
  const auto end = early_.begin() + static_cast<std::ptrdiff_t>(count);
  std::copy(early_.begin(), end, buffer.begin());
  early_.erase(early_.begin(), end);
  if (early_.empty()) early_ = {};  // With its memory.
  return {count, {}};
}

std::error_code ProxyStream::read_header() {
  std::array<std::byte, kMaximumProxyHeader> buffer;  // Not cleared: only what is read is used.
  while (!has_header_) {
    const auto [count, error] = transport_->try_read(buffer);
    if (error) return error;
    early_.insert(early_.end(), buffer.begin(),
                  buffer.begin() + static_cast<std::ptrdiff_t>(count));
    auto parsed = parse_proxy_header(early_);
    if (!parsed) return failed_ = parsed.error();
    if (!*parsed) continue;
    header_ = std::move(**parsed);
    has_header_ = true;
    early_.erase(early_.begin(), early_.begin() + static_cast<std::ptrdiff_t>(header_.size));
    early_.shrink_to_fit();
  }
  return failed_ = judge();
}

/// A proxy that speaks for itself has no client to vouch for.
std::error_code ProxyStream::judge() {
  if (rules_.requires_tls && !header_.has_tls) return ProxyFault::no_tls;
  if (rules_.requires_certificate && !header_.has_certificate) return ProxyFault::no_certificate;
  return {};
}

std::optional<PeerCertificate> ProxyStream::peer_certificate() const {
  if (!header_.has_certificate) return std::nullopt;
  return PeerCertificate{header_.common_name, {}};
}

}  // namespace mqtt::net
