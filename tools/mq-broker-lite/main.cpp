#include <unistd.h>

#include <string_view>
#include <utility>

#include "tools/common/parse.hpp"
#include "tools/mq-broker-lite/configuration.hpp"
#include "tools/mq-broker-lite/options.hpp"
#include "tools/mq-broker-lite/passwd.hpp"
#include "tools/mq-broker-lite/serve.hpp"

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]) == "passwd")
    return mq_broker_lite::passwd(argc - 1, argv + 1);
  const mq_broker_lite::Invocation invocation{.words = {argv + (argc > 0 ? 1 : 0), argv + argc},
                                              .parent = ::getppid()};
  mq_broker_lite::Options options;
  const cli::Tool tool = mq_broker_lite::describe(options);
  if (const auto exit_code = cli::parse_command_line(tool, argc, argv)) return *exit_code;
  auto configuration = mq_broker_lite::load(invocation.words);
  if (!configuration) return cli::usage_error(tool, configuration.error());
  if (options.check_config) return mq_broker_lite::check(tool, *configuration);
  return mq_broker_lite::serve(tool, invocation, std::move(*configuration));
}
