#pragma once

#include "libmqtt/net/asio.hpp"
#include "libmqtt/net/stream.hpp"

namespace mqtt::net {

/// Waits in a coroutine until a stream can go on: for handshakes, before a Pump takes over.
class Ready {
 public:
  explicit Ready(asio::io_context& context) : descriptor_(context) {}

  /// Until handle() is readable or, when it wants_write(), writable. operation_aborted after
  /// cancel(); the stream must not close meanwhile.
  Awaitable<std::error_code> wait(const Stream& stream);
  void cancel();

 private:
  asio::posix::stream_descriptor descriptor_;
};

}  // namespace mqtt::net
