#include "libmqtt/session/client_inbox.hpp"

#include <utility>

#include "libmqtt/codec/encode.hpp"

namespace mqtt {

ClientInbox::ClientInbox(const Connect& connect, bool manual_acknowledgement)
    : version_(connect.version),
      manual_acknowledgement_(manual_acknowledgement),
      topic_alias_maximum_(connect.properties.find(property::topic_alias_maximum).value_or(0)) {
  if (version_ == Version::v5_0)
    flights_.set_receive_maximum(
        connect.properties.find(property::receive_maximum).value_or(0xFFFF));
}

void ClientInbox::online(bool is_resumed) {
  aliases_.start(topic_alias_maximum_);
  if (!is_resumed) flights_.clear();
}

void ClientInbox::offline() {
  unacknowledged_qos2_.for_each(
      [&](std::uint16_t packet_id) { flights_.acknowledged(packet_id, Qos::exactly_once); });
  unacknowledged_qos1_.clear();
  unacknowledged_qos2_.clear();
  flights_.connection_lost();
}

Result<void> ClientInbox::publish(Publish publish, Output& output, ClientEvents& events) {
  if (version_ == Version::v5_0)
    if (auto resolved = aliases_.resolve(publish); !resolved) return resolved;
  const std::uint16_t packet_id = publish.packet_id;
  const Qos qos = publish.qos;
  const auto arrival = flights_.arrived(packet_id, qos);
  if (arrival == IncomingFlights::Arrival::exceeded)  // [MQTT-3.3.4-9]
    return fail(ReasonCode::receive_maximum_exceeded, "more messages open than Receive Maximum");
  if (arrival == IncomingFlights::Arrival::fresh)
    events.push(client_event::MessageReceived{std::move(publish)});
  if (qos == Qos::at_most_once) return {};
  auto& unacknowledged = qos == Qos::at_least_once ? unacknowledged_qos1_ : unacknowledged_qos2_;
  if (manual_acknowledgement_ && arrival == IncomingFlights::Arrival::fresh)
    unacknowledged.insert(packet_id);
  // At once, and so in their order [MQTT-4.5.0-2, 4.6.0-2, 4.6.0-3].
  if (!unacknowledged.contains(packet_id)) answer(packet_id, qos, ReasonCode::success, output);
  return {};
}

void ClientInbox::pubrel(const Pubrel& pubrel, Output& output, ClientEvents& events) {
  unacknowledged_qos2_.erase(pubrel.packet_id);
  const bool is_known = flights_.release(pubrel.packet_id);    // [MQTT-4.3.3-12]
  encode_ack(version_, PacketType::pubcomp, pubrel.packet_id,  // [MQTT-4.3.3-11]
             is_known ? ReasonCode::success : ReasonCode::packet_identifier_not_found, output);
  if (is_known && manual_acknowledgement_)
    events.push(client_event::MessageReleased{pubrel.packet_id});
}

void ClientInbox::acknowledge(std::uint16_t packet_id, ReasonCode reason_code, Output& output) {
  if (unacknowledged_qos1_.erase(packet_id)) {
    answer(packet_id, Qos::at_least_once, reason_code, output);
  } else if (unacknowledged_qos2_.erase(packet_id)) {
    answer(packet_id, Qos::exactly_once, reason_code, output);
  }
}

void ClientInbox::answer(std::uint16_t packet_id, Qos qos, ReasonCode reason_code, Output& output) {
  const bool is_qos1 = qos == Qos::at_least_once;
  // [MQTT-2.2.1-5, 3.3.4-1, 4.3.2-4, 4.3.3-8], in 3.1.1 [MQTT-2.3.1-6, 4.3.2-2, 4.3.3-2]
  encode_ack(version_, is_qos1 ? PacketType::puback : PacketType::pubrec, packet_id, reason_code,
             output);
  // A refusing PUBREC ends it; 3.x cannot say so and the server goes on with PUBREL.
  const bool is_end = is_qos1 || (is_failure(reason_code) && version_ == Version::v5_0);
  if (is_end) flights_.acknowledged(packet_id, qos);  // [MQTT-4.3.2-5, 4.3.3-9]
}

}  // namespace mqtt
