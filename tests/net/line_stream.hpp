#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "libmqtt/base/bytes.hpp"
#include "libmqtt/net/asio.hpp"
#include "libmqtt/net/stream.hpp"

namespace mqtt::net::test {

/// One direction of a connection, in memory.
struct Line {
  std::string bytes = {};
  std::size_t room = 1'000'000;   ///< How many bytes may lie on it.
  std::size_t chunk = 1'000'000;  ///< How many one call moves.
  bool ended = false;
  bool broken = false;
};

/// One end of a pair of lines.
class LineStream final : public Stream {
 public:
  LineStream(Line& in, Line& out) : in_(in), out_(out) {}
  int handle() const override { return -1; }
  Transfer try_read(std::span<std::byte> buffer) override {
    if (in_.broken) return {0, asio::error::connection_reset};
    if (in_.bytes.empty())
      return {0, in_.ended ? std::error_code(asio::error::eof) : asio::error::would_block};
    const std::size_t count = std::min({in_.bytes.size(), buffer.size(), in_.chunk});
    std::ranges::copy(as_bytes(std::string_view(in_.bytes).substr(0, count)), buffer.begin());
    in_.bytes.erase(0, count);
    return {count, {}};
  }
  Transfer try_write(std::span<const std::span<const std::byte>> pieces) override {
    if (out_.broken) return {0, asio::error::broken_pipe};
    std::size_t total = 0;
    for (const auto& piece : pieces) {
      const std::size_t free = out_.room - std::min(out_.room, out_.bytes.size());
      const std::size_t count = std::min({piece.size(), free, out_.chunk - total});
      out_.bytes += as_text(piece.first(count));
      total += count;
      if (count < piece.size()) break;
    }
    if (total == 0 && !pieces.empty()) return {0, asio::error::would_block};
    return {total, {}};
  }
  void shutdown_send() override { out_.ended = true; }
  void close() override {}
  const std::string& peer() const override { return peer_; }

 private:
  Line& in_;
  Line& out_;
  std::string peer_ = "line";
};

}  // namespace mqtt::net::test
