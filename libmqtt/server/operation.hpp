#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "libmqtt/net/metrics_server.hpp"
#include "libmqtt/net/signal_watch.hpp"
#include "libmqtt/server/parent_watch.hpp"
#include "libmqtt/server/repeating_timer.hpp"
#include "libmqtt/server/server.hpp"
#include "libmqtt/server/service_notify.hpp"
#include "libmqtt/server/sys_topics.hpp"

namespace mqtt::server {

/// A server beside the rest of its machine: tells scripts and the service manager that it is ready,
/// shows its statistics ($SYS, /metrics, SIGUSR1), and asks for the end when nobody needs it any
/// more. Files that it wrote go with it.
class Operation {
 public:
  /// What can be found out before anything is opened; removes what an earlier run has left in the
  /// places of the ready and port files. The error is one line.
  static std::expected<void, std::string> prepare(const OperationSettings& settings);

  /// `parent`: getppid() as early as possible. `on_end` is called, once, when the server should
  /// stop in order.
  Operation(net::Loop& loop, Server& server, const Log& log, int parent,
            std::function<void()> on_end);
  ~Operation();
  Operation(const Operation&) = delete;
  Operation& operator=(const Operation&) = delete;

  /// Every listener is open: opens what else is to be opened and written, which may take the rights
  /// of root still. The error is one line.
  std::expected<void, std::string> open(const OperationSettings& settings);
  /// Clients are served from now on.
  void start();
  /// "http://127.0.0.1:9234/metrics", where there is one.
  std::optional<std::string> metrics_url() const;

  /// A reload begins, and ends; the end is told also when it failed.
  void reloading() const { notify_.reloading(); }
  void reloaded() const;
  /// The end begins.
  void stopping();
  /// A few lines about what has been and is, whatever the log's level.
  void log_statistics();

 private:
  std::expected<void, std::string> start_metrics();
  std::expected<void, std::string> write_files();
  void start_sys(Duration interval);
  void start_idle_watch(Duration patience);
  void start_watchdog();
  Statistics statistics();
  std::string endpoints_text(std::string_view separator) const;
  void end();

  net::Loop& loop_;
  Server& server_;
  const Log& log_;
  int parent_;
  std::function<void()> on_end_;
  OperationSettings settings_;
  ServiceNotify notify_;
  TimePoint started_;
  std::uint64_t heap_maximum_ = 0;
  std::unique_ptr<SysTopics> sys_;
  std::unique_ptr<net::MetricsServer> metrics_;
  std::unique_ptr<ParentWatch> parent_watch_;
  std::vector<std::unique_ptr<RepeatingTimer>> timers_;
  net::SignalWatch statistics_signal_;
  bool is_stopping_ = false;
};

}  // namespace mqtt::server
