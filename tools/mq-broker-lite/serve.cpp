#include "tools/mq-broker-lite/serve.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <random>
#include <utility>

#include "libmqtt/net/stop_signal.hpp"
#include "libmqtt/server/operation.hpp"
#include "libmqtt/server/whole_file.hpp"
#include "tools/common/parse.hpp"
#include "tools/mq-broker-lite/privileges.hpp"

namespace mq_broker_lite {
namespace {

using mqtt::server::Log;
using mqtt::server::Operation;
using mqtt::server::Server;
using Outcome = std::expected<void, std::string>;

std::uint64_t random_seed() {
  std::random_device device;
  return (std::uint64_t{device()} << 32U) | device();
}

/// " (WebSocket, TLS)"; nothing for plain MQTT.
std::string_view transport(const mqtt::server::ListenerSettings& listener) {
  using enum mqtt::server::ListenerSettings::Protocol;
  if (listener.protocol == websockets) return listener.tls ? " (WebSocket, TLS)" : " (WebSocket)";
  return listener.tls ? " (TLS)" : "";
}

/// One run of the broker, from the opened listeners to the end.
class Run {
 public:
  Run(const Invocation& invocation, Configuration configuration)
      : words_(invocation.words),
        running_(std::move(configuration)),
        log_(running_.settings.log),
        server_(loop_, running_.settings, log_),
        operation_(loop_, server_, log_, invocation.parent, [this] { stop(); }),
        ends_(loop_, [this](int) { on_stop_signal(); }),
        reloads_(loop_, {SIGHUP}, [this](int) { reload(); }) {}
  ~Run();

  /// Everything that can go wrong; the error is one line.
  Outcome start();
  void go_on() { loop_.run(); }

 private:
  Outcome write_pid_file();
  void announce() const;
  void on_stop_signal();
  void stop();
  void reload();
  Outcome take(Configuration& read);

  cli::Words words_;
  Configuration running_;
  mqtt::net::Loop loop_;
  Log log_;
  Server server_;
  Operation operation_;
  bool wrote_pid_file_ = false;
  bool is_stopping_ = false;
  bool has_heard_stop_ = false;
  // From the beginning: whoever reads that it listens may send a signal at once.
  const mqtt::net::StopSignal ends_;
  const mqtt::net::SignalWatch reloads_;
};

Run::~Run() {
  if (wrote_pid_file_) mqtt::server::remove_whole_file(running_.settings.operation.pid_file);
}

Outcome Run::start() {
  for (const std::string& warning : running_.warnings) log_.warning("{}", warning);
  const auto user = user_to_become(running_.settings);
  if (!user) return std::unexpected(user.error());
  const mqtt::server::OperationSettings& settings = running_.settings.operation;
  if (Outcome prepared = Operation::prepare(settings); !prepared) return prepared;
  if (Outcome opened = server_.listen(); !opened) return opened;
  if (Outcome written = write_pid_file(); !written) return written;
  if (Outcome opened = operation_.open(settings); !opened) return opened;
  // Everything that may need root is open, and nobody has been let in yet.
  if (*user)
    if (Outcome outcome = become(**user); !outcome) return outcome;
  if (Outcome opened = server_.open_store(); !opened) return opened;
  announce();
  operation_.start();
  return {};
}

Outcome Run::write_pid_file() {
  const std::string& path = running_.settings.operation.pid_file;
  if (path.empty()) return {};
  Outcome written = mqtt::server::write_whole_file(path, fmt::format("{}\n", ::getpid()));
  wrote_pid_file_ = written.has_value();
  if (!written) return std::unexpected("pid_file: " + written.error());
  return written;
}

/// A line for each address, for people and for scripts that wait for it; and who may come in, where
/// nobody has said so.
void Run::announce() const {
  const auto& listeners = running_.settings.listeners;
  const std::vector<std::string> endpoints = server_.endpoints();
  for (std::size_t i = 0; i < endpoints.size(); ++i)
    fmt::print("mq-broker-lite: listening on {}{}\n", endpoints[i], transport(listeners[i]));
  if (running_.is_open_by_default)
    fmt::print("mq-broker-lite: anonymous clients of this machine are let in\n");
  if (const auto url = operation_.metrics_url())
    fmt::print("mq-broker-lite: metrics on {}\n", *url);
  std::fflush(stdout);
}

/// The first signal ends in order, a second one at once.
void Run::on_stop_signal() {
  if (std::exchange(has_heard_stop_, true)) return loop_.stop();
  stop();
}

void Run::stop() {
  if (std::exchange(is_stopping_, true)) return;
  operation_.stopping();
  server_.stop([this] { loop_.stop(); });
}

/// All or nothing: everything is read before anything is changed.
void Run::reload() {
  if (is_stopping_) return;
  operation_.reloading();
  auto read = load(words_);
  const Outcome taken = read ? take(*read) : std::unexpected(read.error());
  if (!taken) {
    log_.reopen();  // A file that was moved away is another matter than the configuration.
    log_.error("reload: {}: everything stays as it was", taken.error());
  }
  operation_.reloaded();
}

Outcome Run::take(Configuration& read) {
  read.settings.broker.seed = running_.settings.broker.seed;
  if (Outcome outcome = server_.reload(read.settings); !outcome) return outcome;
  log_.configure(read.settings.log);
  for (const std::string& warning : read.warnings) log_.warning("{}", warning);
  if (const std::string keys = changed_for_restart(running_, read); !keys.empty())
    log_.warning("reload: {}: changed, and in force after a restart only", keys);
  log_.notice("reload: passwords, access rules, certificates and log settings are read again");
  return {};
}

/// As many connections as the system allows: the lower limit is for the sake of select().
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

int serve(const cli::Tool& tool, const Invocation& invocation, Configuration configuration) {
  raise_descriptor_limit();
  configuration.settings.broker.seed = random_seed();
  configuration.settings.operation.version = "mq-broker-lite version " MQ_TOOLS_VERSION;
  Run run(invocation, std::move(configuration));
  if (const Outcome started = run.start(); !started) return cli::usage_error(tool, started.error());
  run.go_on();
  return 0;
}

int check(const cli::Tool& tool, const Configuration& configuration) {
  for (const std::string& warning : configuration.warnings) cli::complain(tool, warning);
  mqtt::net::Loop loop;
  const Log log(Log::Level::error);  // No file of the real one's is touched.
  Server server(loop, configuration.settings, log);
  const auto user = user_to_become(configuration.settings);
  const Outcome loaded = user ? server.load() : std::unexpected(user.error());
  if (!loaded) return cli::usage_error(tool, loaded.error());
  fmt::print("mq-broker-lite: the configuration is in order\n");
  return 0;
}

}  // namespace mq_broker_lite
