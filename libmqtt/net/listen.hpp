#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <system_error>

#include "libmqtt/net/asio.hpp"
#include "libmqtt/net/loop.hpp"
#include "libmqtt/net/stream.hpp"

namespace mqtt::net {

struct ListenOptions {
  std::string unix_path = {};  ///< A Unix socket instead of an address and a port.
  std::string address =
      "127.0.0.1";            ///< A literal, IPv4 or IPv6 (without brackets); "::" is IPv6 only.
  std::uint16_t port = 1883;  ///< 0: any free port.
  bool nodelay = true;        ///< TCP_NODELAY on what is accepted.
  friend bool operator==(const ListenOptions&, const ListenOptions&) = default;
};

/// "127.0.0.1:1883", "[::1]:1883", or the path of a Unix socket: for messages.
std::string to_string(const ListenOptions& options);

/// A TCP socket that accepts connections on a Loop until it is destroyed. When descriptors or
/// memory run out it rests for a moment and goes on; who waits in the backlog is served then.
class Listener {
 public:
  class Handler {
   public:
    virtual ~Handler() = default;
    /// A connection came. The listener may be destroyed in it.
    virtual void on_stream(std::unique_ptr<Stream> stream) = 0;
    /// Accepting rests for a moment (no descriptors, no memory): for the log.
    virtual void on_accept_error(std::error_code error) = 0;
  };

  /// Binds and listens. The error is one line: "listen 127.0.0.1:1883: address already in use".
  static std::expected<std::unique_ptr<Listener>, std::string> open(Loop& loop,
                                                                    const ListenOptions& options,
                                                                    Handler& handler);
  ~Listener();

  /// The address and port that it is bound to: "127.0.0.1:1883", "[::]:1883".
  std::string local_endpoint() const;
  std::uint16_t port() const;

 private:
  struct State;
  explicit Listener(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
};

}  // namespace mqtt::net
