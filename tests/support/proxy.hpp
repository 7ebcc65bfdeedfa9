#pragma once

#include <poll.h>

#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "libmqtt/base/time.hpp"
#include "tests/support/descriptor.hpp"

namespace support {

/// Which way bytes go through a proxy: `up` is to the server, `down` to the client.
enum class Way : std::uint8_t { up, down };

/// What is done to the bytes on their way through a Proxy: everything that arrives is handed over,
/// and only what release() gives travels on, in the same direction of the same connection. The
/// proxy calls it from its own thread.
class Interference {
 public:
  enum class Cut : std::uint8_t { none, finish, reset };
  struct Released {
    std::string bytes;
    Cut cut = Cut::none;  ///< Of the whole connection, behind these bytes.
  };

  virtual ~Interference() = default;
  virtual void arrived(unsigned link, Way way, std::string_view bytes, mqtt::TimePoint now) = 0;
  virtual Released release(unsigned link, Way way, mqtt::TimePoint now) = 0;
  /// Whether nothing more is to be read for now, so that the sender feels the jam.
  virtual bool is_full(unsigned link, Way way) const = 0;
  /// Whether release() still has something for later.
  virtual bool is_empty(unsigned link, Way way) const = 0;
  /// When release() will have something, if nothing more arrives.
  virtual mqtt::TimePoint deadline(unsigned link, Way way) const = 0;
  virtual void closed(unsigned link) = 0;
};

/// A TCP relay on 127.0.0.1 in a thread of its own: what a test does to the network between clients
/// and a broker. Counts the bytes it passes on, both ways and over all connections.
class Proxy {
 public:
  /// `interference` outlives the proxy; without one everything passes.
  explicit Proxy(std::uint16_t target_port, Interference* interference = nullptr);
  ~Proxy();

  std::uint16_t port() const { return port_; }
  std::string port_text() const { return std::to_string(port_); }

  /// Resets (RST, both ways) every connection that there is; done when it returns.
  void reset_all();
  /// Resets every connection each time exactly so many bytes have been passed on; ascending.
  void reset_at(std::vector<std::uint64_t> milestones);

  std::uint64_t bytes() const;
  /// How often connections have been reset, milestones and calls together.
  unsigned resets() const;
  /// The interference has changed its mind: asks it again.
  void wake();

 private:
  /// One direction of one connection.
  struct Flow {
    std::string buffer;  ///< Read, and not yet written.
    bool has_ended = false;
    bool is_shut = false;
  };
  struct Link {
    unsigned number = 0;
    Descriptor client;
    Descriptor server;
    Flow up;    ///< To the server.
    Flow down;  ///< To the client.
    bool is_cut =
        false;  ///< What still comes is read and dropped, so that the end is an orderly one.
  };

  void relay();
  std::vector<pollfd> polled() const;
  mqtt::TimePoint deadline() const;
  bool reads(const Link& link, Way way) const;
  void accept_one();
  void serve(Link& link, short client_events, short server_events);
  void read(Link& link, Way way);
  void release(Link& link, Way way);
  void write(Link& link, Way way);
  void reset_links();
  static Flow& flow(Link& link, Way way) { return way == Way::up ? link.up : link.down; }

  mutable std::mutex mutex_;
  std::uint16_t target_port_;
  Interference* interference_;
  Descriptor listener_;
  std::uint16_t port_;
  Descriptor wake_;
  std::list<Link> links_;
  std::vector<std::uint64_t> milestones_;
  std::uint64_t bytes_ = 0;
  unsigned accepted_ = 0;
  unsigned resets_ = 0;
  bool is_reset_due_ = false;
  bool stops_ = false;
  std::thread thread_;
};

}  // namespace support
