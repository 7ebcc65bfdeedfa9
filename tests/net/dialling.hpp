#pragma once

#include <doctest/doctest.h>

#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "libmqtt/net/dial.hpp"
#include "tests/net/loopback.hpp"

namespace mqtt::net::test {

using DialResult = std::expected<std::unique_ptr<Stream>, DialError>;

/// Starts a dial whose result lands in `result`.
inline void start_dial(Loop& loop, Address address, DialOptions options,
                       std::optional<DialResult>& result) {
  const auto flow = [](Loop& on, Address to, DialOptions with,
                       std::optional<DialResult>& into) -> Awaitable<> {
    into = co_await dial(on, std::move(to), std::move(with));
  };
  asio::co_spawn(loop.context(), flow(loop, std::move(address), std::move(options), result),
                 asio::detached);
}

inline DialResult dial_once(Loop& loop, Address address, DialOptions options = {}) {
  std::optional<DialResult> result;
  start_dial(loop, std::move(address), std::move(options), result);
  REQUIRE(run_until(loop, [&] { return result.has_value(); }));
  return std::move(*result);
}

inline Address to(std::string host, std::uint16_t port) {
  return {Address::Scheme::mqtt, std::move(host), port};
}

}  // namespace mqtt::net::test
