#include <fmt/format.h>

#include <utility>

#include "tools/common/parse.hpp"
#include "tools/mq-broker-lite/configuration.hpp"
#include "tools/mq-broker-lite/options.hpp"
#include "tools/mq-broker-lite/serve.hpp"

namespace {

/// What is asked for and not built in yet; empty: nothing.
std::string_view missing(const mqtt::server::ServerSettings& settings) {
  if (!settings.access.password_file.empty()) return "password_file";
  if (!settings.access.acl_file.empty()) return "acl_file";
  for (const auto& listener : settings.listeners) {
    if (listener.access.allow_anonymous == false) return "allow_anonymous false";
    if (!listener.access.password_file.empty()) return "password_file";
    if (!listener.access.acl_file.empty()) return "acl_file";
  }
  return {};
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
  if (options.check_config) return mq_broker_lite::check(tool, *configuration);
  if (const auto what = missing(configuration->settings); !what.empty()) {
    cli::complain(tool, fmt::format("{} is not built in yet", what));
    return tool.usage_exit_code;
  }
  return mq_broker_lite::serve(tool, words, std::move(*configuration));
}
