#include "libmqtt/session/client_outbox.hpp"

#include <algorithm>
#include <utility>

#include "libmqtt/session/publish_additions.hpp"

namespace mqtt {

namespace {

constexpr std::size_t kOutputTarget = 65'536;
/// The most that a topic alias adds to a PUBLISH: itself, and longer length fields.
constexpr std::size_t kAliasRoom = 8;

PublishParts parts_of(const Publish& publish) {
  PublishParts parts;
  parts.topic = publish.topic.view();
  parts.properties = publish.properties.wire().span();
  parts.payload = &publish.payload;
  parts.qos = publish.qos;
  parts.retain = publish.retain;
  return parts;
}

PublishParts parts_of(const OutgoingFlights::Flight& flight) {
  const Message& message = *flight.delivery.message;
  PublishParts parts;
  parts.topic = message.topic.view();
  parts.properties = message.properties.wire().span();
  parts.payload = &message.payload;
  parts.packet_id = flight.packet_id;  // [MQTT-4.4.0-1], in 3.1.1 [MQTT-2.3.1-3]
  parts.qos = flight.delivery.qos;
  parts.retain = flight.delivery.retain;
  return parts;
}

Delivery delivery_of(Publish publish) {
  Delivery delivery;
  delivery.qos = publish.qos;
  delivery.retain = publish.retain;
  Message message;
  message.topic = std::move(publish.topic);
  message.payload = std::move(publish.payload);
  message.properties = std::move(publish.properties);
  message.qos = publish.qos;
  message.retain = publish.retain;
  delivery.message = MessagePtr::make(std::move(message));
  return delivery;
}

Publish publish_of(const Delivery& delivery) {
  Publish publish;
  publish.topic = delivery.message->topic;
  publish.payload = delivery.message->payload;
  publish.properties = delivery.message->properties;
  publish.qos = delivery.qos;
  publish.retain = delivery.retain;
  return publish;
}

Bytes reason_string(const Properties& properties) {
  if (properties.empty()) return {};
  return properties.find(property::reason_string).value_or(Bytes());
}

}  // namespace

ClientOutbox::ClientOutbox(Version version, std::uint16_t maximum_in_flight,
                           std::uint16_t topic_alias_maximum)
    : version_(version),
      maximum_in_flight_(std::max<std::uint16_t>(maximum_in_flight, 1)),
      topic_alias_maximum_(topic_alias_maximum) {}

std::uint64_t ClientOutbox::add(Publish publish) {
  queue_.push({++last_token_, std::move(publish)});
  return last_token_;
}

void ClientOutbox::online(const GrantedLimits& limits, bool is_resumed, ClientEvents& events) {
  limits_ = limits;
  flights_.set_window(std::min(maximum_in_flight_, limits.receive_maximum));   // [MQTT-3.3.4-7]
  aliases_.start(std::min(topic_alias_maximum_, limits.topic_alias_maximum));  // [MQTT-3.2.2-17]
  if (!is_resumed) publish_anew(events);
}

void ClientOutbox::offline() {
  std::vector<Waiting> lost;
  for (Unwritten& unwritten : unwritten_) lost.push_back(std::move(unwritten.message));
  unwritten_.clear();
  put_back(std::move(lost));
  flights_.resume();
}

void ClientOutbox::publish_anew(ClientEvents& events) {
  std::vector<Waiting> again;
  flights_.drain([&](OutgoingFlights::Flight& flight) {
    if (flight.stage == OutgoingFlights::Stage::publish_sent) {
      again.push_back({flight.tag, publish_of(flight.delivery)});
    } else {  // The server had it: sent once more, it would arrive twice.
      events.push(client_event::PublishFinished{flight.tag, ReasonCode::success, {}});
    }
  });
  packet_ids_.clear();
  put_back(std::move(again));
}

void ClientOutbox::put_back(std::vector<Waiting> messages) {
  if (messages.empty()) return;
  // Others may be back in the queue that stood between them: tokens tell the order.
  Line<Waiting> merged;
  auto put = messages.begin();
  while (!queue_.empty()) {
    Waiting next = queue_.pop();
    for (; put != messages.end() && put->token < next.token; ++put) merged.push(std::move(*put));
    merged.push(std::move(next));
  }
  for (; put != messages.end(); ++put) merged.push(std::move(*put));
  queue_ = std::move(merged);
}

void ClientOutbox::fill(Output& output, ClientEvents& events) {
  while (output.size() < kOutputTarget &&
         (resend_next(output, events) || send_next(output, events))) {
  }
}

bool ClientOutbox::resend_next(Output& output, ClientEvents& events) {
  const OutgoingFlights::Flight* flight = flights_.next_resend();
  if (flight == nullptr) return false;
  if (flight->stage == OutgoingFlights::Stage::pubrel_sent) {  // [MQTT-4.3.3-6]
    encode_ack(version_, PacketType::pubrel, flight->packet_id, ReasonCode::success, output);
    return true;
  }
  PublishParts parts = parts_of(*flight);
  if (const auto refusal = limits_.refusal(version_, parts)) {
    const auto by = parts.qos == Qos::at_least_once ? PacketType::puback : PacketType::pubrec;
    end_flight(parts.packet_id, by, {flight->tag, *refusal, {}}, events);
    return true;
  }
  parts.dup = true;  // [MQTT-3.3.1-1]
  encode_publish(parts, flight->delivery.message->topic, output);
  return true;
}

bool ClientOutbox::send_next(Output& output, ClientEvents& events) {
  if (queue_.empty()) return false;
  Waiting& next = queue_.front();
  PublishParts parts = parts_of(next.publish);
  if (const auto refusal = limits_.refusal(version_, parts)) {
    events.push(client_event::PublishFinished{next.token, *refusal, {}});
    queue_.pop();
  } else if (parts.qos == Qos::at_most_once) {
    // The first copy: parts.dup is not set [MQTT-4.3.1-1].
    encode_publish(parts, next.publish.topic, output);
    unwritten_.push({output.appended(), queue_.pop()});
  } else {
    if (!flights_.has_room()) return false;  // [MQTT-4.9.0-2]
    const auto packet_id = packet_ids_.allocate();
    if (!packet_id) return false;
    parts.packet_id = *packet_id;
    encode_publish(parts, next.publish.topic, output);  // [MQTT-4.3.2-2, 4.3.3-2]
    Waiting taken = queue_.pop();
    // [MQTT-4.3.2-3, 4.3.3-3]
    flights_.start(*packet_id, delivery_of(std::move(taken.publish)), taken.token);
  }
  return true;
}

void ClientOutbox::encode_publish(PublishParts parts, const Bytes& topic, Output& output) {
  PublishAdditions added;
  const std::size_t size_at_most = GrantedLimits::size_at_most(parts) + kAliasRoom;
  // [MQTT-3.2.2-18]
  if (limits_.topic_alias_maximum > 0 && size_at_most <= limits_.maximum_packet_size) {
    const auto alias = aliases_.use(topic);
    if (alias.value != 0) added.topic_alias(alias.value);
    if (alias.is_known) parts.topic = {};
    parts.added_properties = added.wire();
  }
  encode(version_, parts, output);
}

void ClientOutbox::written(std::uint64_t position, ClientEvents& events) {
  while (!unwritten_.empty() && unwritten_.front().end <= position) {
    const auto token = unwritten_.pop().message.token;
    events.push(client_event::PublishFinished{token, ReasonCode::success, {}});
  }
}

void ClientOutbox::puback(const Puback& puback, ClientEvents& events) {
  end_flight(puback.packet_id, PacketType::puback,
             {0, puback.reason_code, reason_string(puback.properties)}, events);
}

void ClientOutbox::pubrec(const Pubrec& pubrec, Output& output, ClientEvents& events) {
  if (is_failure(pubrec.reason_code)) {
    end_flight(pubrec.packet_id, PacketType::pubrec,
               {0, pubrec.reason_code, reason_string(pubrec.properties)}, events);
    return;
  }
  const bool is_known = flights_.pubrec(pubrec.packet_id);
  if (is_known && reports_pubrec_)
    events.push(client_event::PublishReceived{flights_.flight(pubrec.packet_id)->tag});
  // At once, and so in the order of the PUBRECs [MQTT-2.2.1-5, 4.3.3-4, 4.6.0-4].
  encode_ack(version_, PacketType::pubrel, pubrec.packet_id,
             is_known ? ReasonCode::success : ReasonCode::packet_identifier_not_found, output);
}

void ClientOutbox::pubcomp(const Pubcomp& pubcomp, ClientEvents& events) {
  // A server that has forgotten the id finished with it before the connection was lost (5.0 §2.4).
  const bool is_gone = pubcomp.reason_code == ReasonCode::packet_identifier_not_found;
  end_flight(
      pubcomp.packet_id, PacketType::pubcomp,
      {0, is_gone ? ReasonCode::success : pubcomp.reason_code, reason_string(pubcomp.properties)},
      events);
}

void ClientOutbox::end_flight(std::uint16_t packet_id, PacketType by,
                              client_event::PublishFinished finished, ClientEvents& events) {
  const auto flight = flights_.finish(packet_id, by);
  if (!flight) return;             // An answer to nothing: late, or repeated.
  packet_ids_.release(packet_id);  // [MQTT-4.4.0-2], in 3.1.1 [MQTT-2.3.1-3]
  finished.token = flight->tag;
  events.push(std::move(finished));
}

}  // namespace mqtt
