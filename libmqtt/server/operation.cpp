#include "libmqtt/server/operation.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <utility>

#include "libmqtt/server/metrics_text.hpp"
#include "libmqtt/server/process_usage.hpp"
#include "libmqtt/server/whole_file.hpp"

namespace mqtt::server {
namespace {

bool is_writable(int descriptor) {
  const int flags = ::fcntl(descriptor, F_GETFL);
  return flags >= 0 && (flags & O_ACCMODE) != O_RDONLY;
}

/// One line, as s6 and others wait for. A descriptor of ours alone is closed: its end says the
/// same.
void tell_descriptor(int descriptor) {
  constexpr std::string_view kLine = "ready\n";
  pollfd polled{descriptor, POLLOUT, 0};
  if (::poll(&polled, 1, 0) == 1) [[maybe_unused]]
    const auto count = ::write(descriptor, kLine.data(), kLine.size());
  if (descriptor > STDERR_FILENO) ::close(descriptor);
}

}  // namespace

std::expected<void, std::string> Operation::prepare(const OperationSettings& settings) {
  if (settings.ready_descriptor && !is_writable(*settings.ready_descriptor))
    return std::unexpected(
        fmt::format("ready-fd {}: not open for writing", *settings.ready_descriptor));
  for (const std::string* path : {&settings.ready_file, &settings.port_file})
    if (!path->empty()) remove_whole_file(*path);
  return {};
}

Operation::Operation(net::Loop& loop, Server& server, const Log& log, int parent,
                     std::function<void()> on_end)
    : loop_(loop),
      server_(server),
      log_(log),
      parent_(parent),
      on_end_(std::move(on_end)),
      notify_(ServiceNotify::from_environment()),
      started_(loop.now()),
      statistics_signal_(loop, {SIGUSR1}, [this](int) { log_statistics(); }) {}

Operation::~Operation() { stopping(); }

std::expected<void, std::string> Operation::open(const OperationSettings& settings) {
  settings_ = settings;
  if (auto opened = start_metrics(); !opened) return opened;
  return write_files();
}

void Operation::start() {
  if (settings_.sys_interval > Duration::zero()) start_sys(settings_.sys_interval);
  if (settings_.exit_after_idle) start_idle_watch(*settings_.exit_after_idle);
  if (settings_.exit_with_parent)
    parent_watch_ = std::make_unique<ParentWatch>(loop_, parent_, [this] { end(); });
  if (notify_.watchdog_interval()) start_watchdog();
  if (settings_.ready_descriptor) tell_descriptor(*settings_.ready_descriptor);
  reloaded();
}

/// The port file first: whoever sees the ready file may read it.
std::expected<void, std::string> Operation::write_files() {
  std::vector<std::uint16_t> ports = server_.ports();
  std::string text;
  for (auto port = ports.begin(); port != ports.end(); ++port)
    if (std::find(ports.begin(), port, *port) == port) text += fmt::format("{}\n", *port);
  if (!settings_.port_file.empty())
    if (auto written = write_whole_file(settings_.port_file, text); !written) return written;
  if (!settings_.ready_file.empty())
    return write_whole_file(settings_.ready_file, endpoints_text("\n") + "\n");
  return {};
}

std::string Operation::endpoints_text(std::string_view separator) const {
  return fmt::format("{}", fmt::join(server_.endpoints(), separator));
}

void Operation::reloaded() const { notify_.ready("Listening on " + endpoints_text(", ")); }

void Operation::stopping() {
  if (std::exchange(is_stopping_, true)) return;
  notify_.stopping();
  timers_.clear();
  for (const std::string* path : {&settings_.ready_file, &settings_.port_file})
    if (!path->empty()) remove_whole_file(*path);
}

void Operation::end() {
  if (!is_stopping_) std::exchange(on_end_, [] {})();
}

// Statistics.

Statistics Operation::statistics() {
  Statistics statistics = server_.statistics();
  statistics.process = read_process_usage(heap_maximum_);
  heap_maximum_ = statistics.process.heap_maximum;
  statistics.log = log_.statistics();
  statistics.uptime_seconds = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::seconds>(loop_.now() - started_).count());
  return statistics;
}

std::expected<void, std::string> Operation::start_metrics() {
  if (!settings_.metrics) return {};
  auto opened = net::MetricsServer::open(
      loop_, *settings_.metrics, [this] { return metrics_text(statistics(), settings_.version); });
  if (!opened) return std::unexpected("metrics: " + opened.error());
  metrics_ = std::move(*opened);
  return {};
}

std::optional<std::string> Operation::metrics_url() const {
  if (!metrics_) return std::nullopt;
  return "http://" + metrics_->endpoint() + "/metrics";
}

void Operation::start_sys(Duration interval) {
  sys_ = std::make_unique<SysTopics>(settings_.version, started_);
  const auto update = [this, interval] {
    server_.publish(sys_->update(statistics(), loop_.now()));
    return interval;
  };
  update();
  timers_.push_back(std::make_unique<RepeatingTimer>(loop_, interval, update));
}

void Operation::log_statistics() {
  const Statistics s = statistics();
  const Traffic& traffic = s.broker.traffic;
  log_.always(
      "statistics: up {} s, {} clients connected (at most {}), {} sessions kept, {} expired",
      s.uptime_seconds, s.broker.clients_connected, s.broker.clients_maximum,
      s.broker.clients_disconnected, s.broker.clients_expired);
  log_.always("statistics: {} connections open, {} accepted, {} CONNECTs accepted, {} over a limit",
              s.connections.open, s.connections.accepted, s.broker.connects,
              s.connections.over_listener_limit + s.connections.over_global_limit);
  log_.always("statistics: received {} packets of {} bytes, {} PUBLISH; sent {} of {} bytes, {}",
              traffic.packets_received, traffic.bytes_received, traffic.publishes_received,
              traffic.packets_sent, traffic.bytes_sent, traffic.publishes_sent);
  log_.always("statistics: {} subscriptions, {} retained, {} queued, {} in flight, {} dropped",
              s.broker.subscriptions, s.broker.retained_messages, s.broker.queued_messages,
              s.broker.in_flight_messages, s.broker.dropped);
  log_.always("statistics: {} bytes of heap, {} resident, {} descriptors, {} ms of processor time",
              s.process.heap_bytes, s.process.resident_bytes, s.process.open_descriptors,
              s.process.cpu_milliseconds);
}

// The end.

void Operation::start_idle_watch(Duration patience) {
  timers_.push_back(
      std::make_unique<RepeatingTimer>(loop_, patience, [this, patience]() -> Duration {
        const auto since = server_.idle_since();
        if (!since) return patience;
        const Duration left = *since + patience - loop_.now();
        if (left > Duration::zero()) return left;
        log_.notice("nobody was connected for {} s: the end",
                    std::chrono::duration<double>(patience).count());
        end();
        return patience;
      }));
}

void Operation::start_watchdog() {
  const auto alive = [this] {
    notify_.alive();
    return *notify_.watchdog_interval();
  };
  alive();
  timers_.push_back(std::make_unique<RepeatingTimer>(loop_, *notify_.watchdog_interval(), alive));
}

}  // namespace mqtt::server
