#include <cstdio>
#include <memory>
#include <random>

#include "libmqtt/net/stop_signal.hpp"
#include "libmqtt/server/server.hpp"
#include "tools/common/parse.hpp"
#include "tools/mq-broker-lite/options.hpp"

namespace {

using mqtt::server::Log;
using mqtt::server::Server;

/// The loopback addresses that this machine has: IPv6 may be off.
std::vector<mqtt::server::ListenerSettings> loopback_listeners(mqtt::net::Loop& loop,
                                                               std::uint16_t port) {
  struct Ignore final : mqtt::net::Listener::Handler {
    void on_stream(std::unique_ptr<mqtt::net::Stream>) override {}
    void on_accept_error(std::error_code) override {}
  } ignore;
  std::vector<mqtt::server::ListenerSettings> listeners(1);
  listeners.front().socket = {.address = "127.0.0.1", .port = port};
  if (mqtt::net::Listener::open(loop, {.address = "::1", .port = 0}, ignore)) {
    listeners.push_back(listeners.front());
    listeners.back().socket.address = "::1";
  }
  return listeners;
}

std::uint64_t random_seed() {
  std::random_device device;
  return (std::uint64_t{device()} << 32U) | device();
}

int serve(const cli::Tool& tool, mq_broker_lite::Options& options) {
  mqtt::net::Loop loop;
  const Log log(options.verbose ? Log::Level::detail : Log::Level::warning);
  mqtt::server::ServerSettings settings;
  settings.broker = options.broker;
  settings.broker.seed = random_seed();
  settings.listeners = loopback_listeners(loop, options.port);
  Server server(loop, std::move(settings), log);
  mqtt::net::StopSignal stop(loop, [&, stopping = false](int) mutable {
    // The first signal ends in order, a second one at once.
    if (std::exchange(stopping, true)) return loop.stop();
    server.stop([&loop] { loop.stop(); });
  });
  if (const auto opened = server.listen(); !opened) {
    cli::complain(tool, opened.error());
    return 1;
  }
  for (const std::string& endpoint : server.endpoints())
    std::printf("mq-broker-lite: listening on %s\n", endpoint.c_str());
  std::fflush(stdout);
  loop.run();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  mq_broker_lite::Options options;
  const cli::Tool tool = mq_broker_lite::describe(options);
  if (const auto exit_code = cli::parse_command_line(tool, argc, argv)) return *exit_code;
  return serve(tool, options);
}
