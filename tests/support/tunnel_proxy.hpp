#pragma once

#include <cstdint>
#include <list>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/descriptor.hpp"

namespace support {

/// A SOCKS 5 or HTTP CONNECT proxy on 127.0.0.1, in threads of its own. It knows every name: they
/// are all 127.0.0.1. A port where nobody listens is answered as refused.
class TunnelProxy {
 public:
  enum class Kind { socks5, http };
  struct Login {
    std::string username;
    std::string password;
  };

  /// `login`: what clients must say; empty: nothing.
  explicit TunnelProxy(Kind kind, Login login = {});
  ~TunnelProxy();

  std::uint16_t port() const { return port_; }
  /// As --proxy takes it; with the login that it asks for.
  std::string url() const;
  /// What clients asked for so far: "broker.test:1883".
  std::vector<std::string> targets() const;

 private:
  struct Link {
    Descriptor client;
    Descriptor server;
    std::thread thread;
  };

  void accept_all();
  void serve(Link& link);
  /// The server's side of the opening; the port to connect to, or 0.
  std::uint16_t open_socks(const Link& link);
  std::uint16_t open_http(const Link& link);
  bool check_socks_login(const Link& link) const;
  void note(const std::string& target);
  void answer(const Link& link, bool is_connected) const;
  static void relay(const Link& link);

  Kind kind_;
  Login login_;
  Descriptor listener_;
  std::uint16_t port_;
  mutable std::mutex mutex_;
  std::vector<std::string> targets_;
  std::list<Link> links_;
  bool stops_ = false;
  std::thread thread_;
};

}  // namespace support
