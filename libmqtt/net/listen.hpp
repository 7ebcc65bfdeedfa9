#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "libmqtt/net/asio.hpp"
#include "libmqtt/net/loop.hpp"
#include "libmqtt/net/stream.hpp"

namespace mqtt::net {

struct ListenOptions {
  enum class Family : std::uint8_t { any, ipv4, ipv6 };

  std::string unix_path = {};  ///< A Unix socket instead of an address and a port.
  /// IPv4 or IPv6 (without brackets; "fe80::1%eth0"), or a name; "::" is IPv6 only, empty is every
  /// address that there is.
  std::string address = "127.0.0.1";
  std::uint16_t port = 1883;    ///< 0: any free port.
  Family family = Family::any;  ///< Which of a name's addresses, or of all there are.
  std::string interface = {};   ///< Only what comes in by this network interface.
  bool nodelay = true;          ///< TCP_NODELAY on what is accepted.
  friend bool operator==(const ListenOptions&, const ListenOptions&) = default;
};

/// "127.0.0.1:1883", "[::1]:1883", "all addresses, port 1883", or the path of a Unix socket: for
/// messages.
std::string to_string(const ListenOptions& options);

/// One for each address that the options mean: what the name stands for, or 0.0.0.0 and, where the
/// machine has IPv6, "::". Asks the system's resolver, and waits. The error is one line.
std::expected<std::vector<ListenOptions>, std::string> each_address(const ListenOptions& options);

/// A socket that accepts connections on a Loop until it is destroyed. When descriptors or memory
/// run out it rests for a moment and goes on; who waits in the backlog is served then.
///
/// The file of a Unix socket that nobody listens on any more is replaced; one that somebody listens
/// on, and a file that is no socket, are left alone and refused. It is removed at the end, unless
/// somebody else's stands there by then.
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

  /// Binds to one literal address or path, and listens. The error is one line: "listen
  /// 127.0.0.1:1883: address already in use".
  static std::expected<std::unique_ptr<Listener>, std::string> open(Loop& loop,
                                                                    const ListenOptions& options,
                                                                    Handler& handler);
  ~Listener();

  /// What it is bound to: "127.0.0.1:1883", "[::]:1883", "/run/mqtt.sock".
  std::string local_endpoint() const;
  /// 0 for a Unix socket.
  std::uint16_t port() const;

 private:
  struct State;
  explicit Listener(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
};

}  // namespace mqtt::net
