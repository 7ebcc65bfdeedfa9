#pragma once

#include <memory>
#include <string>
#include <vector>

#include "libmqtt/net/asio.hpp"

namespace mqtt::net {

/// One look-up of a host name, in a thread of its own that nobody ever waits for: the system's
/// resolver cannot be interrupted and may block for longer than the program wants to live (Asio's
/// own resolver is joined when the io_context dies).
class Lookup {
 public:
  explicit Lookup(asio::io_context& context) : done_(context) {}

  /// Waits for the addresses of `host`, IPv6 and IPv4, in the order to be tried; a literal needs no
  /// thread. Errors: host_not_found, host_not_found_try_again, others of the system;
  /// operation_aborted after cancel().
  Awaitable<std::error_code> run(std::string host, std::vector<asio::ip::address>& addresses);
  void cancel();

 private:
  struct Question;
  asio::posix::stream_descriptor done_;
};

}  // namespace mqtt::net
