#include <utility>

#include "libmqtt/net/loop.hpp"
#include "libmqtt/net/stop_signal.hpp"
#include "tools/common/exit_code.hpp"
#include "tools/common/parse.hpp"
#include "tools/mq-pub/open_source.hpp"
#include "tools/mq-pub/options.hpp"
#include "tools/mq-pub/publisher.hpp"

int main(int argc, char** argv) {
  mq_pub::Options options;
  const cli::Tool tool = mq_pub::describe(options);
  if (const auto exit_code = cli::parse_command_line(tool, argc, argv)) return *exit_code;

  mqtt::net::Loop loop;
  auto source = mq_pub::open_source(loop, options);
  if (!source) {
    cli::complain(tool, source.error());
    return cli::exit_status::kFailure;
  }
  mq_pub::Publisher publisher(loop, options, tool, std::move(*source));
  const mqtt::net::StopSignal signals(loop, [&](int number) { publisher.on_signal(number); });
  publisher.start();
  loop.run();
  return publisher.exit_code();
}
