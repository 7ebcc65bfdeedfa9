#pragma once

#include <poll.h>

#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/descriptor.hpp"

namespace support {

/// A TCP relay on 127.0.0.1 in a thread of its own: what a test does to the network between clients
/// and a broker. Counts the bytes it passes on, both ways and over all connections.
class Proxy {
 public:
  explicit Proxy(std::uint16_t target_port);
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

 private:
  /// One direction of one connection.
  struct Flow {
    std::string buffer;  ///< Read, and not yet written.
    bool has_ended = false;
    bool is_shut = false;
  };
  struct Link {
    Descriptor client;
    Descriptor server;
    Flow up;    ///< To the server.
    Flow down;  ///< To the client.
  };

  void relay();
  std::vector<pollfd> polled() const;
  void accept_one();
  void serve(Link& link, short client_events, short server_events);
  void read(Flow& flow, const Descriptor& from);
  void write(Flow& flow, const Descriptor& to);
  void reset_links();
  void wake();

  mutable std::mutex mutex_;
  std::uint16_t target_port_;
  Descriptor listener_;
  std::uint16_t port_;
  Descriptor wake_;
  std::list<Link> links_;
  std::vector<std::uint64_t> milestones_;
  std::uint64_t bytes_ = 0;
  unsigned resets_ = 0;
  bool is_reset_due_ = false;
  bool stops_ = false;
  std::thread thread_;
};

}  // namespace support
