#include <unistd.h>

#include "libmqtt/net/loop.hpp"
#include "libmqtt/net/stop_signal.hpp"
#include "tools/common/parse.hpp"
#include "tools/mq-sub/options.hpp"
#include "tools/mq-sub/subscriber.hpp"

int main(int argc, char** argv) {
  mq_sub::Options options;
  const cli::Tool tool = mq_sub::describe(options);
  if (const auto exit_code = cli::parse_command_line(tool, argc, argv)) return *exit_code;

  mqtt::net::Loop loop;
  mq_sub::Subscriber subscriber(loop, options, tool, STDOUT_FILENO);
  const mqtt::net::StopSignal signals(loop, [&](int) { subscriber.on_signal(); });
  return subscriber.run();
}
