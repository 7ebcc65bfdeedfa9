#include <unistd.h>

#include <memory>
#include <utility>

#include "libmqtt/net/error_text.hpp"
#include "libmqtt/net/loop.hpp"
#include "libmqtt/net/stop_signal.hpp"
#include "tools/common/exit_code.hpp"
#include "tools/common/parse.hpp"
#include "tools/common/recording.hpp"
#include "tools/mq-pub/input_reader.hpp"
#include "tools/mq-pub/message_source.hpp"
#include "tools/mq-pub/options.hpp"
#include "tools/mq-pub/publish_packet.hpp"
#include "tools/mq-pub/publisher.hpp"
#include "tools/mq-pub/replay.hpp"
#include "tools/mq-pub/spooled_messages.hpp"
#include "tools/mq-pub/whole_payload.hpp"

namespace {

using namespace mq_pub;

using OpenedSource = std::expected<std::unique_ptr<MessageSource>, std::string>;

/// What to publish is known to be there before anybody is bothered by a connection.
OpenedSource open_source(mqtt::net::Loop& loop, const Options& options) {
  if (options.source == Source::lines) {
    if (const std::error_code error = check_readable(STDIN_FILENO)) {
      return std::unexpected("-l: standard input: " + mqtt::net::error_text(error));
    }
    return std::make_unique<Lines>(loop, STDIN_FILENO, options);
  }
  if (options.source == Source::recording) {
    auto recording = cli::RecordingReader::open(options.file);
    if (!recording) return std::unexpected("--replay: " + recording.error());
    return std::make_unique<Replay>(loop, std::move(*recording), options);
  }
  auto payload = whole_payload(options);
  if (!payload) return std::unexpected(payload.error());
  mqtt::Publish publish = publish_prototype(options);
  publish.payload = *payload;
  for (const std::string& topic : options.topics) {
    publish.topic = mqtt::Bytes::copy(topic);
    if (!fits_a_packet(options.connection.effective_version(), publish)) {
      return std::unexpected("the message is longer than a packet can be");
    }
  }
  return std::make_unique<RepeatedMessage>(loop, options, *payload);
}

/// With the spool between, if there is to be one.
OpenedSource open_all(mqtt::net::Loop& loop, const Options& options) {
  OpenedSource source = open_source(loop, options);
  if (!source || !options.spool) return source;
  auto spool = Spool::open(*options.spool, options.spool_maximum);
  if (!spool) return std::unexpected(spool.error());
  return std::make_unique<SpooledMessages>(std::move(*source), std::move(*spool), options);
}

int run(const cli::Tool& tool, const Options& options) {
  mqtt::net::Loop loop;
  auto source = open_all(loop, options);
  if (!source) {
    cli::complain(tool, source.error());
    return cli::exit_status::kFailure;
  }
  Publisher publisher(loop, options, tool, std::move(*source));
  const mqtt::net::StopSignal signals(loop, [&](int number) { publisher.on_signal(number); });
  publisher.start();
  loop.run();
  return publisher.exit_code();
}

}  // namespace

int main(int argc, char** argv) {
  Options options;
  const cli::Tool tool = describe(options);
  if (const auto exit_code = cli::parse_command_line(tool, argc, argv)) return *exit_code;
  return run(tool, options);
}
