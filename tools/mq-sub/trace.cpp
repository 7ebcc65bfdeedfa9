#include "tools/mq-sub/trace.hpp"

#include <fmt/format.h>

#include <variant>

#include "libmqtt/base/escape.hpp"
#include "libmqtt/codec/packet_text.hpp"

namespace mq_sub {
namespace {

namespace client_event = mqtt::client_event;
using mqtt::packet_text;

std::string line(const client_event::Connected& event) {
  return "received " + packet_text(event.connack);
}
std::string line(const client_event::MessageReceived& event) {
  return fmt::format("received {}: {}", packet_text(event.publish),
                     mqtt::quoted(event.publish.payload.view()));
}
std::string line(const client_event::MessageReleased& event) {
  return fmt::format("received PUBREL, id {}", event.packet_id);
}
std::string line(const client_event::Subscribed& event) {
  return "received " + packet_text(event.suback);
}
std::string line(const client_event::Unsubscribed& event) {
  return "received " + packet_text(event.unsuback);
}
std::string line(const client_event::ServerDisconnected& event) {
  return fmt::format("received DISCONNECT, {}", mqtt::name(event.disconnect.reason_code));
}
std::string line(const client_event::AuthReceived&) { return "received AUTH"; }
std::string line(const client_event::Failed& event) {
  return fmt::format("connection failed: {}", event.error.what);
}
std::string line(const client_event::PublishReceived&) { return "received PUBREC"; }
std::string line(const client_event::PublishFinished&) { return "message delivered"; }

}  // namespace

std::string describe(const mqtt::ClientEvent& event) {
  return std::visit([](const auto& happened) { return line(happened); }, event);
}

std::string describe(const mqtt::Subscribe& subscribe) {
  return "sending " + packet_text(subscribe);
}

std::string describe(const mqtt::Unsubscribe& unsubscribe) {
  return "sending " + packet_text(unsubscribe);
}

}  // namespace mq_sub
