#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "libmqtt/net/listen.hpp"
#include "libmqtt/net/tls_context.hpp"
#include "libmqtt/server/settings.hpp"

namespace mqtt::server {

/// One door of the server: a listener on each address that its settings mean, and what stands
/// between their sockets and MQTT (a PROXY header, TLS, WebSocket).
class Acceptor final : private net::Listener::Handler {
 public:
  class Handler {
   public:
    virtual ~Handler() = default;
    /// Somebody knocks: whether to let them in. Who may not is closed at once.
    virtual bool may_come_in(const net::Stream& stream, const ListenerSettings& settings) = 0;
    /// A client has come; nothing of what it says was read yet. The settings live as long as
    /// anybody holds them.
    virtual void on_connection(std::unique_ptr<net::Stream> stream,
                               std::shared_ptr<const ListenerSettings> settings) = 0;
    /// Accepting rests for a moment (no descriptors, no memory): for the log.
    virtual void on_accept_error(std::error_code error) = 0;
  };
  using Tls = std::optional<net::TlsContext>;

  /// The certificates that such a listener wants. The error is one line that names listener, file
  /// and reason.
  static std::expected<Tls, std::string> load_tls(const ListenerSettings& settings);

  Acceptor(std::shared_ptr<const ListenerSettings> settings, Tls tls, Handler& handler)
      : settings_(std::move(settings)), tls_(std::move(tls)), handler_(handler) {}

  /// Binds and listens. Where the settings say port 0: on `shared_port`, or any that is free when
  /// that is 0 too, which it then becomes.
  std::expected<void, std::string> open(net::Loop& loop, std::uint16_t& shared_port);
  void close() { listeners_.clear(); }
  /// From the next connection on.
  void replace_tls(Tls tls) { tls_ = std::move(tls); }

  const ListenerSettings& settings() const { return *settings_; }
  const std::vector<std::unique_ptr<net::Listener>>& listeners() const { return listeners_; }

 private:
  void on_stream(std::unique_ptr<net::Stream> stream) override;
  void on_accept_error(std::error_code error) override { handler_.on_accept_error(error); }

  std::shared_ptr<const ListenerSettings> settings_;
  Tls tls_;
  Handler& handler_;
  std::vector<std::unique_ptr<net::Listener>> listeners_;
};

}  // namespace mqtt::server
