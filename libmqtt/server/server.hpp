#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "libmqtt/net/listen.hpp"
#include "libmqtt/net/loop.hpp"
#include "libmqtt/server/shard.hpp"

namespace mqtt::server {

struct ServerOptions {
  broker::BrokerOptions broker;
  /// Where to listen; when several have port 0 they share one free port.
  std::vector<net::ListenOptions> listeners;
};

/// A broker on real sockets: listeners, one shard, and an orderly end.
class Server final : private net::Listener::Handler {
 public:
  Server(net::Loop& loop, ServerOptions options, const Log& log);

  /// Opens every listener. The error is one line that names the address.
  std::expected<void, std::string> listen();
  /// "127.0.0.1:1883", one per open listener.
  std::vector<std::string> endpoints() const;
  /// Accepts no more, tells 5.0 clients that the server shuts down, and calls `done` once every
  /// connection has closed.
  void stop(std::function<void()> done);

 private:
  void on_stream(std::unique_ptr<net::Stream> stream) override;
  void on_accept_error(std::error_code error) override;
  std::expected<void, std::string> open_all(std::uint16_t shared_port);

  net::Loop& loop_;
  ServerOptions options_;
  const Log& log_;
  Shard shard_;
  std::vector<std::unique_ptr<net::Listener>> listeners_;
};

}  // namespace mqtt::server
