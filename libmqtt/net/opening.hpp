#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace mqtt::net {

/// What a client and a server or a proxy say to each other before a connection is what it shall be:
/// bytes in, bytes out, and an outcome. No socket, no clock, bounded memory.
class Opening {
 public:
  /// Success, or why not, in words of one line that may be shown.
  using Result = std::expected<void, std::string>;

  virtual ~Opening() = default;
  /// What is to be sent now; mostly nothing.
  virtual std::string take_output() = 0;
  /// Takes the peer's bytes as far as they belong to the opening; returns how many that were.
  virtual std::size_t receive(std::string_view bytes) = 0;
  /// Nothing until it is over.
  const std::optional<Result>& result() const { return result_; }

 protected:
  void succeed() { result_ = Result(); }
  void fail(std::string why) { result_ = std::unexpected(std::move(why)); }

 private:
  std::optional<Result> result_;
};

}  // namespace mqtt::net
