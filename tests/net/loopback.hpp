#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "libmqtt/net/loop.hpp"
#include "libmqtt/net/stream.hpp"

namespace mqtt::net::test {

/// Runs the loop until `done()` holds. False (so that the test fails instead of hanging) when that
/// does not come true within a time that no machine needs.
template <class Done>
bool run_until(Loop& loop, Done done) {
  loop.context().restart();
  asio::steady_timer guard(loop.context());
  guard.expires_after(std::chrono::seconds(30));
  bool expired = false;
  guard.async_wait([&](std::error_code error) { expired = !error; });
  while (!done() && !expired) loop.context().run_one();
  guard.cancel();
  loop.context().poll();
  loop.context().restart();
  return !expired;
}

/// Runs what is ready now; returns how many handlers that were.
inline std::size_t poll(Loop& loop) {
  loop.context().restart();
  return loop.context().poll();
}

/// The far end of a connection: a plain socket, driven by the test itself.
class Socket {
 public:
  explicit Socket(int descriptor) : descriptor_(descriptor) {}
  Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Socket& operator=(Socket&&) = delete;
  ~Socket() { close(); }

  /// A blocking connect to a listening port of this machine.
  static Socket connect(std::uint16_t port, bool v6 = false);
  /// To a Unix socket.
  static Socket connect(const std::string& path);

  void send(std::string_view text) const;
  /// Takes what has arrived, without waiting; adds it to received(). True at the end of the stream.
  bool receive();
  /// The error that ended the stream, 0 for an orderly end.
  int error() const { return error_; }
  const std::string& received() const { return received_; }
  void half_close() const;
  void close();
  /// Closes with a reset instead of an orderly end.
  void reset();
  /// Small kernel buffers: the other end blocks soon.
  void shrink_buffers() const;
  int descriptor() const { return descriptor_; }
  int release() { return std::exchange(descriptor_, -1); }

 private:
  int descriptor_;
  int error_ = 0;
  std::string received_;
};

/// A connected pair: a Stream as the code under test uses it, and the plain far end.
struct Pair {
  std::unique_ptr<Stream> stream;
  Socket peer;
};
Pair make_pair(bool small_buffers = false);

/// A Stream on either end of a TCP connection whose kernel buffers are small ...
struct StreamPair {
  std::unique_ptr<Stream> accepted;
  std::unique_ptr<Stream> connected;
};
StreamPair make_stream_pair();
/// ... and of Unix sockets: what is written can be read at once, all of it.
StreamPair make_unix_pair();

}  // namespace mqtt::net::test
