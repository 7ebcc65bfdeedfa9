#include "tools/mq-pub/open_source.hpp"

#include <unistd.h>

#include <utility>

#include "libmqtt/net/error_text.hpp"
#include "tools/mq-pub/input_reader.hpp"
#include "tools/mq-pub/publish_packet.hpp"
#include "tools/mq-pub/replay.hpp"
#include "tools/mq-pub/spooled_messages.hpp"
#include "tools/mq-pub/whole_payload.hpp"

namespace mq_pub {
namespace {

using OpenedSource = std::expected<std::unique_ptr<MessageSource>, std::string>;

OpenedSource open_input(mqtt::net::Loop& loop, const Options& options) {
  if (options.source == Source::lines) {
    if (const std::error_code error = check_readable(STDIN_FILENO)) {
      return std::unexpected("-l: standard input: " + mqtt::net::error_text(error));
    }
    return std::make_unique<Lines>(loop, STDIN_FILENO, options);
  }
  if (options.source == Source::recording) {
    auto replay = Replay::open(loop, options);
    if (!replay) return std::unexpected("--replay: " + replay.error());
    return std::move(*replay);
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

}  // namespace

OpenedSource open_source(mqtt::net::Loop& loop, const Options& options) {
  OpenedSource source = open_input(loop, options);
  if (!source || !options.spool) return source;
  auto spool = Spool::open(*options.spool, options.spool_maximum);
  if (!spool) return std::unexpected(spool.error());
  return std::make_unique<SpooledMessages>(std::move(*source), std::move(*spool), options);
}

}  // namespace mq_pub
