#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <random>

#include "libmqtt/net/stop_signal.hpp"
#include "libmqtt/server/server.hpp"
#include "tools/common/parse.hpp"
#include "tools/mq-broker-lite/configuration.hpp"
#include "tools/mq-broker-lite/options.hpp"

namespace {

using mqtt::server::Log;
using mqtt::server::Server;

std::uint64_t random_seed() {
  std::random_device device;
  return (std::uint64_t{device()} << 32U) | device();
}

void announce(const Server& server) {
  for (const std::string& endpoint : server.endpoints())
    fmt::print("mq-broker-lite: listening on {}\n", endpoint);
  std::fflush(stdout);
}

/// What is asked for and not built in yet; empty: nothing.
std::string_view missing(const mqtt::server::ServerSettings& settings) {
  if (!settings.access.password_file.empty()) return "password_file";
  if (!settings.access.acl_file.empty()) return "acl_file";
  for (const auto& listener : settings.listeners) {
    if (listener.access.allow_anonymous == false) return "allow_anonymous false";
    if (listener.proxy_protocol) return "enable_proxy_protocol";
    if (!listener.access.password_file.empty()) return "password_file";
    if (!listener.access.acl_file.empty()) return "acl_file";
  }
  return {};
}

int serve(const cli::Tool& tool, mq_broker_lite::Configuration& configuration) {
  mqtt::net::Loop loop;
  mqtt::server::ServerSettings& settings = configuration.settings;
  settings.broker.seed = random_seed();
  const Log log(settings.log);
  for (const std::string& warning : configuration.warnings) log.warning("{}", warning);
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
  announce(server);
  loop.run();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
  mq_broker_lite::Options options;
  const cli::Tool tool = mq_broker_lite::describe(options);
  if (const auto exit_code = cli::parse_command_line(tool, argc, argv)) return *exit_code;
  auto configuration = mq_broker_lite::load(words);
  if (!configuration) {
    cli::complain(tool, configuration.error());
    return tool.usage_exit_code;
  }
  if (options.check_config) {
    for (const std::string& warning : configuration->warnings) cli::complain(tool, warning);
    fmt::print("mq-broker-lite: the configuration is in order\n");
    return 0;
  }
  if (const auto what = missing(configuration->settings); !what.empty()) {
    cli::complain(tool, fmt::format("{} is not built in yet", what));
    return tool.usage_exit_code;
  }
  return serve(tool, *configuration);
}
