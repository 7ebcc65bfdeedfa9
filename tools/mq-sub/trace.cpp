#include "tools/mq-sub/trace.hpp"

#include <fmt/format.h>

#include <iterator>
#include <variant>
#include <vector>

#include "tools/common/terminal.hpp"

namespace mq_sub {
namespace {

namespace client_event = mqtt::client_event;
using mqtt::ReasonCode;

std::string answers(std::string_view packet, std::uint16_t packet_id,
                    const std::vector<ReasonCode>& codes) {
  std::string line = fmt::format("received {}, id {}", packet, packet_id);
  for (const ReasonCode code : codes) {
    fmt::format_to(std::back_inserter(line), ", {:#04x}", static_cast<unsigned>(code));
  }
  return line;
}

std::string line(const client_event::Connected& event) {
  return fmt::format("received CONNACK, {}, session present {}",
                     mqtt::name(event.connack.reason_code), event.connack.session_present ? 1 : 0);
}
std::string line(const client_event::MessageReceived& event) {
  const mqtt::Publish& message = event.publish;
  return fmt::format("received PUBLISH, id {}, QoS {}, retain {}, dup {}, topic {}, {} bytes: {}",
                     message.packet_id, static_cast<unsigned>(message.qos), message.retain ? 1 : 0,
                     message.dup ? 1 : 0, cli::quoted(message.topic.view()), message.payload.size(),
                     cli::quoted(message.payload.view()));
}
std::string line(const client_event::MessageReleased& event) {
  return fmt::format("received PUBREL, id {}", event.packet_id);
}
std::string line(const client_event::Subscribed& event) {
  return answers("SUBACK", event.suback.packet_id, event.suback.reason_codes);
}
std::string line(const client_event::Unsubscribed& event) {
  return answers("UNSUBACK", event.unsuback.packet_id, event.unsuback.reason_codes);
}
std::string line(const client_event::ServerDisconnected& event) {
  return fmt::format("received DISCONNECT, {}", mqtt::name(event.disconnect.reason_code));
}
std::string line(const client_event::AuthReceived&) { return "received AUTH"; }
std::string line(const client_event::Failed& event) {
  return fmt::format("connection failed: {}", event.error.what);
}
std::string line(const client_event::PublishFinished&) { return "message delivered"; }

}  // namespace

std::string describe(const mqtt::ClientEvent& event) {
  return std::visit([](const auto& happened) { return line(happened); }, event);
}

std::string describe(const mqtt::Subscribe& subscribe) {
  std::string line = "sending SUBSCRIBE";
  for (const mqtt::TopicRequest& request : subscribe.requests) {
    fmt::format_to(std::back_inserter(line), ", {} QoS {}", cli::quoted(request.filter.view()),
                   static_cast<unsigned>(request.options.qos));
  }
  return line;
}

std::string describe(const mqtt::Unsubscribe& unsubscribe) {
  std::string line = "sending UNSUBSCRIBE";
  for (const mqtt::Bytes& filter : unsubscribe.filters) {
    fmt::format_to(std::back_inserter(line), ", {}", cli::quoted(filter.view()));
  }
  return line;
}

}  // namespace mq_sub
