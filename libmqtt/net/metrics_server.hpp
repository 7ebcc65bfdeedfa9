#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "libmqtt/net/listen.hpp"
#include "libmqtt/net/loop.hpp"

namespace mqtt::net {

/// Prometheus' text exposition format.
inline constexpr std::string_view kMetricsContentType = "text/plain; version=0.0.4; charset=utf-8";

/// A very small HTTP/1.1 server (RFC 9112) that knows one page: GET or HEAD /metrics. Each
/// connection gets one answer, in kTimeLimit from its beginning; at most kMaximumConnections are
/// served at a time, so that idle or slow ones hold little. Bodies of requests are not read.
class MetricsServer final : private Listener::Handler {
 public:
  static constexpr Duration kTimeLimit = Seconds(5);
  static constexpr std::size_t kMaximumConnections = 16;
  using Page = std::function<std::string()>;

  /// `page` makes the answer, in Prometheus' format. The error is one line that names the address.
  static std::expected<std::unique_ptr<MetricsServer>, std::string> open(
      Loop& loop, const ListenOptions& options, Page page, Duration time_limit = kTimeLimit);
  ~MetricsServer() override;

  /// "127.0.0.1:9234".
  std::string endpoint() const { return listener_->local_endpoint(); }

 private:
  class Exchange;
  MetricsServer(Loop& loop, Page page, Duration time_limit);
  void on_stream(std::unique_ptr<Stream> stream) override;
  void on_accept_error(std::error_code) override {}

  Loop& loop_;
  Page page_;
  Duration time_limit_;
  std::uint64_t last_id_ = 0;
  std::unordered_map<std::uint64_t, std::unique_ptr<Exchange>> exchanges_;
  std::unique_ptr<Listener> listener_;
};

}  // namespace mqtt::net
