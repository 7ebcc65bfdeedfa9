#pragma once

#include <expected>
#include <memory>
#include <stop_token>
#include <string>
#include <system_error>

#include "libmqtt/net/address.hpp"
#include "libmqtt/net/loop.hpp"
#include "libmqtt/net/stream.hpp"

namespace mqtt::net {

struct DialError {
  /// What failed, for exit codes and texts.
  enum class Step { resolve, connect, timeout } step{};
  std::error_code error;
  /// One line that names host and port: "connect 127.0.0.1:1883: connection refused",
  /// "lookup nosuchhost: host not found".
  std::string text;
};

struct DialOptions {
  Duration timeout = Seconds(30);  ///< Bounds name look-up and connect together.
  std::string bind_address = {};   ///< Local source address, a literal; empty = any.
  bool nodelay = true;             ///< TCP_NODELAY.
  std::stop_token cancel = {};  ///< Ends the dial with operation_aborted; from the loop's thread.
};

/// Connects to an address: every address of the name is tried in order (IPv6 and IPv4) until one
/// answers. One that stays silent uses up no more than its share of the time, so that the next one
/// gets its chance.
Awaitable<std::expected<std::unique_ptr<Stream>, DialError>> dial(Loop& loop, Address address,
                                                                  DialOptions options);

}  // namespace mqtt::net
