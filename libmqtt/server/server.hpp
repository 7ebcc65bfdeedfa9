#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "libmqtt/net/loop.hpp"
#include "libmqtt/server/acceptor.hpp"
#include "libmqtt/server/settings.hpp"
#include "libmqtt/server/shard.hpp"
#include "libmqtt/server/statistics.hpp"
#include "libmqtt/server/sys_topics.hpp"

namespace mqtt::server {

/// A broker on real sockets: listeners, one shard, and an orderly end.
class Server final : private Acceptor::Handler {
 public:
  Server(net::Loop& loop, ServerSettings settings, const Log& log);

  /// Reads every file that the settings name: what --check-config wants to know. The error is one
  /// line that names the file and the reason.
  std::expected<void, std::string> load();
  /// load(), and opens every listener. The error is one line that names the address or the file,
  /// and the reason.
  std::expected<void, std::string> listen();
  /// Opens the store, if the settings name one, and gets the state back from it: before the loop
  /// runs, and as the user who owns the file. The error is one line that names the store.
  std::expected<void, std::string> open_store();
  /// Takes what may change while clients are connected (certificates, passwords, access rules,
  /// allow_anonymous) from new settings. All or nothing: the error is one line, and everything
  /// stays as it was. Open connections go on, whatever became of their user's password: access
  /// rules hold for them too, and whoever has to leave is removed there.
  std::expected<void, std::string> reload(const ServerSettings& settings);
  /// "127.0.0.1:1883", one per open listener.
  std::vector<std::string> endpoints() const;
  /// The ports of those that have one.
  std::vector<std::uint16_t> ports() const;
  /// Since when no client has been connected; nothing while one is.
  std::optional<TimePoint> idle_since() const { return shard_.idle_since(); }
  /// What broker and connections have counted.
  Statistics statistics() const;
  /// Retained messages of the server's own.
  void publish(const std::vector<SysMessage>& messages);
  /// Accepts no more, tells 5.0 clients that the server shuts down, and calls `done` once every
  /// connection has closed.
  void stop(std::function<void()> done);

 private:
  bool may_come_in(const net::Stream& stream, const ListenerSettings& settings) override;
  void on_connection(std::unique_ptr<net::Stream> stream,
                     std::shared_ptr<const ListenerSettings> settings) override;
  void on_accept_error(std::error_code error) override;
  std::expected<void, std::string> open_all();

  net::Loop& loop_;
  ServerSettings settings_;
  const Log& log_;
  Shard shard_;
  std::vector<std::unique_ptr<Acceptor>> acceptors_;
  TimePoint rest_told_ = TimePoint::min();  ///< When the log last heard that accepting rests.
};

}  // namespace mqtt::server
