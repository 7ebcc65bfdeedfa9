#include "libmqtt/session/server_session.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <type_traits>
#include <utility>

#include "libmqtt/codec/decode.hpp"

namespace mqtt {
namespace {

/// Before CONNECT nobody needs more than this.
constexpr std::uint32_t kMaximumConnectSize = 64 * 1024;

/// The property of three bytes, and what Property Length and Remaining Length may grow by it.
constexpr std::size_t kAliasCost = 5;

/// 1.5 times the Keep Alive; 0 turns the watch off [MQTT-3.1.2-22].
Duration allowed_silence(std::uint16_t keep_alive) {
  if (keep_alive == 0) return Duration::max();
  return std::chrono::milliseconds(1500) * keep_alive;
}

TimePoint after(TimePoint start, Duration wait) {
  return wait > kNever - start ? kNever : start + wait;
}

}  // namespace

ServerSession::ServerSession(const ServerLimits& limits, Traffic& traffic, TimePoint now)
    : limits_(limits),
      traffic_(&traffic),
      framer_(std::min(kMaximumConnectSize, limits.maximum_packet_size)),
      connect_deadline_(after(now, limits.connect_timeout)),
      last_received_(now),
      silence_allowed_(Duration::max()) {}

void ServerSession::receive(std::span<const std::byte> bytes, TimePoint now) {
  if (phase_ == Phase::closing) return;
  last_received_ = now;
  traffic_->bytes_received += bytes.size();
  framer_.feed(bytes);
}

std::optional<ServerEvent> ServerSession::poll_event() {
  if (pending_failure_) return fail_with(*std::exchange(pending_failure_, std::nullopt));
  while (phase_ != Phase::awaiting_answer && phase_ != Phase::closing) {
    auto frame = framer_.next();
    if (!frame) return fail_with(frame.error());
    if (!*frame) return std::nullopt;
    if (auto event = handle(**frame)) return event;
  }
  return std::nullopt;
}

void ServerSession::tick(TimePoint now) {
  if (phase_ == Phase::closing || now < deadline()) return;
  const auto* const what = phase_ == Phase::open               ? "keep alive exceeded"
                           : phase_ == Phase::awaiting_connect ? "no CONNECT in time"
                                                               : "not authenticated in time";
  pending_failure_ = Error{ReasonCode::keep_alive_timeout, what};
}

TimePoint ServerSession::deadline() const {
  if (phase_ == Phase::closing) return kNever;
  // All before CONNACK has its time in total: a trickle of bytes does not extend it.
  return phase_ == Phase::open ? after(last_received_, silence_allowed_) : connect_deadline_;
}

// What the client sends.

std::optional<ServerEvent> ServerSession::handle(const FrameView& frame) {
  ++traffic_->packets_received;
  changes_before_ = changes_until_now();
  if (phase_ == Phase::awaiting_connect) return handle_first(frame);
  if (phase_ == Phase::authenticating) {
    auto packet = decode(version_, frame);
    return packet ? handle_before_connack(std::move(*packet)) : fail_with(packet.error());
  }
  if (frame.type_bits() == static_cast<std::uint8_t>(PacketType::publish))
    return handle_publish(frame);
  auto packet = decode(version_, frame);
  if (!packet) return fail_with(packet.error());
  return handle_packet(std::move(*packet));
}

std::optional<ServerEvent> ServerSession::handle_first(const FrameView& frame) {
  if (frame.type_bits() != static_cast<std::uint8_t>(PacketType::connect))  // [MQTT-3.1.0-1]
    return fail_with({ReasonCode::protocol_error, "the first packet is not CONNECT"});
  auto packet = decode(version_, frame);
  if (!packet) {
    version_ = answer_version(frame);
    // 3.1.1 answers a version that it does not know [MQTT-3.1.2-2] and nothing else that is wrong
    // with the packet [MQTT-3.2.2-6]; 5.0 has a code for everything.
    if (version_ == Version::v5_0 ||
        packet.error().code == ReasonCode::unsupported_protocol_version)
      put(Connack{false, packet.error().code, {}});
    return fail_with(packet.error());  // [MQTT-3.1.4-1]
  }
  Connect& connect = std::get<Connect>(*packet);
  version_ = connect.version;
  keep_alive_ = connect.keep_alive;
  if (version_ == Version::v5_0) {
    const Properties& properties = connect.properties;
    client_receive_maximum_ = properties.find(property::receive_maximum).value_or(0xFFFF);
    client_maximum_packet_size_ =
        std::min(kMaximumPacketSize,
                 properties.find(property::maximum_packet_size).value_or(kMaximumPacketSize));
    session_ends_with_connection_ =
        properties.find(property::session_expiry_interval).value_or(0) == 0;
    const std::uint16_t aliases = properties.find(property::topic_alias_maximum).value_or(0);
    if (aliases > 0 && limits_.outgoing_aliases > 0) {  // [MQTT-3.1.2-27]
      outgoing_aliases_ = std::make_unique<OutgoingTopicAliases>();
      outgoing_aliases_->start(std::min(aliases, limits_.outgoing_aliases));  // [MQTT-3.1.2-26]
    }
    incoming_aliases_.start(limits_.topic_alias_maximum);
  }
  phase_ = Phase::awaiting_answer;
  return server_event::ConnectRequested{std::move(connect)};
}

std::optional<ServerEvent> ServerSession::handle_before_connack(Packet packet) {
  if (auto* disconnect = std::get_if<Disconnect>(&packet))
    return on_disconnect(std::move(*disconnect));
  auto* auth = std::get_if<Auth>(&packet);
  if (auth == nullptr)  // [MQTT-3.1.2-30]
    return fail_with({ReasonCode::protocol_error, "a packet other than AUTH before CONNACK"});
  if (auth->reason_code != ReasonCode::continue_authentication)  // [MQTT-4.12.0-3]
    return fail_with({ReasonCode::protocol_error, "AUTH that does not continue before CONNACK"});
  phase_ = Phase::awaiting_answer;
  return server_event::AuthReceived{std::move(*auth)};
}

std::optional<ServerEvent> ServerSession::handle_publish(const FrameView& frame) {
  auto decoded = decode_publish(version_, frame);
  if (!decoded) return fail_with(decoded.error());
  Publish& publish = *decoded;
  ++traffic_->publishes_received;
  traffic_->published_bytes_received += publish.payload.size();
  if (version_ == Version::v5_0 && !publish.properties.empty()) {
    if (publish.properties.find(property::subscription_identifier))  // [MQTT-3.3.4-6]
      return fail_with({ReasonCode::protocol_error, "a client sent a subscription identifier"});
    if (auto resolved = incoming_aliases_.resolve(publish); !resolved)
      return fail_with(resolved.error());
  }
  if (publish.topic.empty())
    return fail_with({ReasonCode::protocol_error, "no topic and no topic alias"});
  if (publish.qos > limits_.maximum_qos)  // [MQTT-3.2.2-11]
    return fail_with({ReasonCode::qos_not_supported, "QoS above the maximum"});
  if (publish.retain && !limits_.retain_available)  // [MQTT-3.2.2-14]
    return fail_with({ReasonCode::retain_not_supported, "retained messages are not supported"});
  if (publish.qos != Qos::at_most_once) {
    switch (state_->incoming.arrived(publish.packet_id, publish.qos)) {
      case IncomingFlights::Arrival::exceeded:  // [MQTT-3.3.4-7]
        return fail_with(
            {ReasonCode::receive_maximum_exceeded, "more messages open than the receive maximum"});
      case IncomingFlights::Arrival::duplicate:  // [MQTT-4.3.3-10]
        put_ack(PacketType::pubrec, publish.packet_id, ReasonCode::success, lasting_output());
        return std::nullopt;
      case IncomingFlights::Arrival::fresh:
        break;
    }
  }
  return server_event::Published{std::move(publish)};
}

std::optional<ServerEvent> ServerSession::handle_packet(Packet packet) {
  return std::visit(
      [this](auto& arrived) -> std::optional<ServerEvent> {
        using T = std::remove_cvref_t<decltype(arrived)>;
        if constexpr (std::is_same_v<T, Puback>) {
          // Whatever its code: no other member of a shared subscription gets it
          // [MQTT-4.4.0-2, 4.8.2-6].
          end_flight(arrived.packet_id, PacketType::puback);
          return std::nullopt;
        } else if constexpr (std::is_same_v<T, Pubrec>) {
          return on_pubrec(arrived);
        } else if constexpr (std::is_same_v<T, Pubrel>) {
          return on_pubrel(arrived);
        } else if constexpr (std::is_same_v<T, Pubcomp>) {
          end_flight(arrived.packet_id, PacketType::pubcomp);
          return std::nullopt;
        } else if constexpr (std::is_same_v<T, Subscribe>) {
          return server_event::SubscribeRequested{std::move(arrived)};
        } else if constexpr (std::is_same_v<T, Unsubscribe>) {
          return server_event::UnsubscribeRequested{std::move(arrived)};
        } else if constexpr (std::is_same_v<T, Pingreq>) {
          put(Pingresp{}, output_at_once());  // [MQTT-3.12.4-1]
          return std::nullopt;
        } else if constexpr (std::is_same_v<T, Disconnect>) {
          return on_disconnect(std::move(arrived));
        } else if constexpr (std::is_same_v<T, Auth>) {
          return server_event::AuthReceived{std::move(arrived)};
        } else {  // a second CONNECT [MQTT-3.1.0-2], or what only a server sends
          return fail_with(
              {ReasonCode::protocol_error, "a packet that a client must not send now"});
        }
      },
      packet);
}

std::optional<ServerEvent> ServerSession::on_disconnect(Disconnect packet) {
  const bool wants_session =
      packet.properties.find(property::session_expiry_interval).value_or(0) > 0;
  if (wants_session && session_ends_with_connection_)  // [MQTT-3.14.2-2]
    return fail_with(
        {ReasonCode::protocol_error, "DISCONNECT gives a session expiry that CONNECT did not"});
  phase_ = Phase::closing;
  return server_event::Disconnected{std::move(packet)};
}

std::optional<ServerEvent> ServerSession::on_pubrec(const Pubrec& packet) {
  if (is_failure(packet.reason_code)) {
    end_flight(packet.packet_id, PacketType::pubrec);  // [MQTT-4.4.0-2, 4.8.2-6]
    return std::nullopt;
  }
  if (const auto* flight = state_->outgoing.flight(packet.packet_id)) state_->received(*flight);
  const bool known = state_->outgoing.pubrec(packet.packet_id);
  // [MQTT-2.2.1-5, 4.3.3-4], in 3.1.1 [MQTT-2.3.1-6]
  put_ack(PacketType::pubrel, packet.packet_id,
          known ? ReasonCode::success : ReasonCode::packet_identifier_not_found, lasting_output());
  return std::nullopt;
}

/// The client has answered for good: the identifier is free, the message done with.
void ServerSession::end_flight(std::uint16_t packet_id, PacketType by) {
  const auto flight = state_->outgoing.finish(packet_id, by);
  if (!flight) return;
  state_->packet_ids.release(packet_id);
  state_->dequeued(flight->delivery);
}

std::optional<ServerEvent> ServerSession::on_pubrel(const Pubrel& packet) {
  const bool known = state_->incoming.release(packet.packet_id);
  if (known) state_->released(packet.packet_id);
  // [MQTT-2.2.1-5, 4.3.3-11], in 3.1.1 [MQTT-4.3.3-2]
  put_ack(PacketType::pubcomp, packet.packet_id,
          known ? ReasonCode::success : ReasonCode::packet_identifier_not_found, lasting_output());
  return std::nullopt;
}

ServerEvent ServerSession::fail_with(const Error& error) {
  count(error.code);
  // DISCONNECT not before CONNACK [MQTT-3.14.0-1].
  if (phase_ == Phase::open && !is_connack_held_ && version_ == Version::v5_0)
    put(Disconnect{error.code, {}});  // [MQTT-3.14.2-2..4, 4.13.1-1]
  else if (phase_ == Phase::authenticating && is_allowed(error.code, PacketType::connack))
    put(Connack{false, error.code, {}});  // [MQTT-4.12.0-4]
  phase_ = Phase::closing;                // [MQTT-3.14.4-1, 4.13.2-1], in 3.1.1 [MQTT-4.8.0-1]
  return server_event::Failed{error};
}

// The broker's answers.

void ServerSession::accept(const Connack& connack, SessionState& state) {
  state_ = &state;
  // A session that is there already does not have to be committed again to be told so.
  if (!send(connack, connack.session_present ? output_ : lasting_output())) return;
  // [MQTT-3.2.0-1]
  is_connack_held_ = !held_.empty();
  phase_ = Phase::open;
  // Without one of the server's the client's own counts [MQTT-3.2.2-22].
  keep_alive_ = connack.properties.find(property::server_keep_alive).value_or(keep_alive_);
  silence_allowed_ = allowed_silence(keep_alive_);
  framer_.set_maximum_packet_size(limits_.maximum_packet_size);
  const bool counts = version_ == Version::v5_0;
  state.incoming.set_receive_maximum(counts ? limits_.receive_maximum : std::uint16_t{0});
  // [MQTT-3.3.4-9, 4.9.0-1]
  const auto unless_zero = [](auto limit, auto otherwise) { return limit > 0 ? limit : otherwise; };
  state.outgoing.set_window(std::min(client_receive_maximum_,
                                     unless_zero(limits_.maximum_in_flight, std::uint16_t{0xFFFF})),
                            unless_zero(limits_.maximum_in_flight_bytes, SIZE_MAX));
}

void ServerSession::refuse(const Connack& connack) {
  if (fits(connack)) put(connack);
  // The connection ends [MQTT-3.2.2-7, 3.1.4-2], in 3.1.1 [MQTT-3.2.2-5], and what the client has
  // sent behind its CONNECT is not looked at [MQTT-3.1.4-6], in 3.1.1 [MQTT-3.1.4-5].
  phase_ = Phase::closing;
}

/// Limits that the client broke.
void ServerSession::count(ReasonCode failure) {
  if (failure == ReasonCode::packet_too_large) ++traffic_->over_packet_size;
  if (failure == ReasonCode::receive_maximum_exceeded) ++traffic_->over_receive_maximum;
  if (failure == ReasonCode::keep_alive_timeout)
    ++(phase_ == Phase::open ? traffic_->over_keep_alive : traffic_->over_connect_timeout);
}

void ServerSession::put(const Packet& packet, Output& output) {
  encode(version_, packet, output);
  ++traffic_->packets_sent;
}

void ServerSession::put_ack(PacketType type, std::uint16_t packet_id, ReasonCode reason_code,
                            Output& output) {
  encode_ack(version_, type, packet_id, reason_code, output);
  ++traffic_->packets_sent;
}

Output& ServerSession::lasting_output() {
  const bool lasts = state_ != nullptr && state_->is_lasting;
  const std::uint64_t ticket = lasts ? state_->journal->ticket() : 0;
  return ticket != 0 || !held_.empty() ? held_.at(ticket) : output_;
}

Output& ServerSession::answer_output() {
  if (changes_until_now() == changes_before_) return held_.empty() ? output_ : held_.at(0);
  return held_.at(state_->journal->ticket());
}

Output& ServerSession::output_at_once() { return is_connack_held_ ? held_.at(0) : output_; }

std::uint64_t ServerSession::changes_until_now() const {
  return state_ != nullptr && state_->journal != nullptr ? state_->journal->count() : 0;
}

void ServerSession::release_held() {
  if (held_.empty()) return;
  held_.release(*state_->journal, output_);
  if (held_.empty()) is_connack_held_ = false;
}

bool ServerSession::fits(const Packet& packet) const {
  return client_maximum_packet_size_ >= kMaximumPacketSize ||
         encoded_size(version_, packet) <= client_maximum_packet_size_;  // [MQTT-3.1.2-24]
}

bool ServerSession::send(const Packet& packet, Output& output) {
  if (fits(packet)) {
    put(packet, output);
    return true;
  }
  pending_failure_ =
      Error{ReasonCode::packet_too_large, "an answer exceeds the client's maximum packet size"};
  return false;
}

void ServerSession::acknowledge(std::uint16_t packet_id, Qos qos, ReasonCode reason_code) {
  if (qos == Qos::at_most_once || state_ == nullptr) return;
  if (qos == Qos::at_least_once || is_failure(reason_code))
    // From now on the id means a new message [MQTT-4.3.2-5, 4.3.3-9].
    state_->incoming.acknowledged(packet_id, qos);
  else
    state_->arrived(packet_id);
  // [MQTT-3.3.4-1]
  const auto type = qos == Qos::at_least_once ? PacketType::puback : PacketType::pubrec;
  // [MQTT-2.2.1-5, 4.3.2-4, 4.3.3-8], in 3.1.1 [MQTT-2.3.1-6, 4.3.2-2, 4.3.3-2]
  put_ack(type, packet_id, reason_code, answer_output());
}

void ServerSession::decline(std::uint16_t packet_id, Qos qos) {
  if (qos != Qos::at_most_once && state_ != nullptr) state_->incoming.acknowledged(packet_id, qos);
}

void ServerSession::answer(const Suback& suback) { send(suback, answer_output()); }

void ServerSession::answer(const Unsuback& unsuback) { send(unsuback, answer_output()); }

void ServerSession::answer(const Auth& auth) {
  if (send(auth, output_at_once()) && phase_ == Phase::awaiting_answer)
    phase_ = Phase::authenticating;
}

void ServerSession::disconnect(ReasonCode reason_code) {
  if (phase_ == Phase::open && !is_connack_held_ && version_ == Version::v5_0)
    put(Disconnect{reason_code, {}});  // [MQTT-3.14.0-1, 3.14.2-2..4]
  phase_ = Phase::closing;             // [MQTT-3.14.4-1, 4.13.2-1]
  detach();
}

void ServerSession::detach() {
  if (state_ != nullptr) std::exchange(state_, nullptr)->connection_lost();
  held_.clear();  // What was not committed was not said.
}

// What goes to the client.

void ServerSession::fill_output(TimePoint now) {
  if (state_ == nullptr || phase_ != Phase::open) return;
  release_held();
  if (is_connack_held_) return;  // [MQTT-3.2.0-1]
  while (output_.size() < kOutputBound) {
    const auto* flight = state_->outgoing.next_resend();  // [MQTT-4.4.0-1]
    if (flight == nullptr) break;
    resend(*flight, now);
  }
  while (output_.size() < kOutputBound) {
    const bool open = state_->outgoing.has_room();  // [MQTT-4.9.0-2]
    const Delivery* next = state_->queue.front(open);
    if (next == nullptr) return;
    if (next->message->expires <= now) {  // Never once it has been sent [MQTT-3.3.2-5, 4.3.3-7].
      state_->dequeued(state_->queue.pop(open));
      ++traffic_->expired;
    } else if (next->qos == Qos::at_most_once) {
      send_publish(state_->queue.pop(open), 0, false, now);  // [MQTT-4.3.1-1]
    } else {
      start_flight(now);
    }
  }
}

void ServerSession::start_flight(TimePoint now) {
  Delivery delivery = state_->queue.pop(true);
  const auto packet_id = state_->packet_ids.allocate();
  assert(packet_id);  // the window is never wider than there are identifiers
  state_->sent(delivery, *packet_id);
  if (send_publish(delivery, *packet_id, false, now)) {       // [MQTT-3.3.1-3, 4.3.2-2, 4.3.3-2]
    state_->outgoing.start(*packet_id, std::move(delivery));  // [MQTT-4.3.2-3, 4.3.3-3]
  } else {
    state_->packet_ids.release(*packet_id);
    state_->dequeued(delivery);
  }
}

void ServerSession::resend(const OutgoingFlights::Flight& flight, TimePoint now) {
  const std::uint16_t packet_id = flight.packet_id;  // [MQTT-4.4.0-1], in 3.1.1 [MQTT-2.3.1-3]
  if (flight.stage == OutgoingFlights::Stage::pubrel_sent) {
    // [MQTT-4.3.3-6]
    put_ack(PacketType::pubrel, packet_id, ReasonCode::success, lasting_output());
  } else if (!send_publish(flight.delivery, packet_id, true, now)) {  // [MQTT-3.3.1-1, 3.3.1-3]
    // Too large for what the client takes by now: as if it had been delivered [MQTT-3.1.2-25].
    const bool is_qos1 = flight.delivery.qos == Qos::at_least_once;
    end_flight(packet_id, is_qos1 ? PacketType::puback : PacketType::pubrec);
  }
}

bool ServerSession::send_publish(const Delivery& delivery, std::uint16_t packet_id, bool dup,
                                 TimePoint now) {
  const Message& message = *delivery.message;
  PublishAdditions added;
  if (version_ == Version::v5_0) add_properties(delivery, now, added);
  PublishParts parts{.topic = message.topic.view().substr(state_->topic_prefix),
                     .properties = message.properties.wire().span(),
                     .added_properties = added.wire(),
                     .payload = &message.payload,
                     .packet_id = packet_id,
                     .qos = delivery.qos,
                     .retain = delivery.retain,
                     .dup = dup};
  // Sent before it is committed, a QoS 2 message could come a second time after a crash.
  Output& output = delivery.qos == Qos::exactly_once ? lasting_output() : output_;
  // A packet that is held back may be overtaken by another that relies on its alias.
  bool can_use_alias = outgoing_aliases_ && &output == &output_;
  // No packet is larger than this sum, an alias included: only near the limit the size matters.
  if (message.cost() + added.wire().size() > client_maximum_packet_size_) {
    const std::size_t size = encoded_size(version_, parts);
    if (size > client_maximum_packet_size_) {
      ++traffic_->over_client_packet_size;
      return false;
    }
    can_use_alias &= size + kAliasCost <= client_maximum_packet_size_;
  }
  if (can_use_alias) {
    const auto alias = outgoing_aliases_->use(message.topic);  // [MQTT-3.3.2-11]
    if (alias.value != 0) added.topic_alias(alias.value);
    if (alias.is_known) parts.topic = {};
    parts.added_properties = added.wire();
  }
  encode(version_, parts, output);
  ++traffic_->packets_sent;
  ++traffic_->publishes_sent;
  traffic_->published_bytes_sent += message.payload.size();
  return true;
}

void ServerSession::add_properties(const Delivery& delivery, TimePoint now,
                                   PublishAdditions& added) const {
  const TimePoint expires = delivery.message->expires;
  if (expires != kNever)  // what is left of it [MQTT-3.3.2-6]
    added.message_expiry_interval(
        std::chrono::ceil<Seconds>(std::max(expires - now, Duration(Seconds(1)))));
  if (delivery.subscription_identifier != 0)  // [MQTT-3.3.4-3]
    added.subscription_identifier(delivery.subscription_identifier);
  if (delivery.further_identifiers)
    for (const std::uint32_t identifier : *delivery.further_identifiers)
      added.subscription_identifier(identifier);  // [MQTT-3.3.4-4]
}

}  // namespace mqtt
