#include "libmqtt/session/client_session.hpp"

#include <cassert>
#include <utility>

#include "libmqtt/codec/decode.hpp"
#include "libmqtt/codec/encode.hpp"

namespace mqtt {

namespace {

constexpr std::size_t kOldConnackSize = 2;

bool is_frame_of(PacketType type, const FrameView& frame) {
  return frame.type_bits() == static_cast<std::uint8_t>(type);
}

std::uint32_t announced_packet_size(const Connect& connect) {
  return connect.properties.find(property::maximum_packet_size).value_or(kMaximumPacketSize);
}

/// Whether the server keeps this session when its connection ends.
bool is_lasting(const Connect& connect, const Connack& connack) {
  if (connect.version != Version::v5_0) return !connect.clean_start;
  const auto asked = connect.properties.find(property::session_expiry_interval).value_or(0);
  return connack.properties.find(property::session_expiry_interval).value_or(asked) > 0;
}

/// What a client's DISCONNECT may say of a fault that it found (5.0 §3.14.2.1).
ReasonCode disconnect_code(ReasonCode fault) {
  switch (fault) {
    case ReasonCode::malformed_packet:
    case ReasonCode::topic_name_invalid:
    case ReasonCode::receive_maximum_exceeded:
    case ReasonCode::topic_alias_invalid:
    case ReasonCode::packet_too_large:
      return fault;
    default:
      return ReasonCode::protocol_error;
  }
}

}  // namespace

ClientSession::ClientSession(ClientSessionOptions options)
    : connect_(std::move(options.connect)),
      framer_(announced_packet_size(connect_)),
      outbox_(connect_.version, options.maximum_in_flight, options.topic_alias_maximum),
      inbox_(connect_, options.manual_acknowledgement),
      requests_(connect_.version) {
  if (options.reports_pubrec) outbox_.report_pubrec();
}

void ClientSession::connected(TimePoint now) {
  if (phase_ != Phase::offline) disconnected(now);
  phase_ = Phase::connecting;
  is_authenticating_ = true;  // until CONNACK, where CONNECT names a method
  keep_alive_.start(Seconds(connect_.keep_alive), now);
  encode(connect_.version, connect_, output_);  // [MQTT-3.1.0-1]
}

void ClientSession::disconnected(TimePoint) {
  phase_ = Phase::offline;
  outbox_.offline();
  inbox_.offline();
  requests_.offline(outbox_.packet_ids());
  framer_.reset();
  output_.clear();
}

void ClientSession::receive(std::span<const std::byte> bytes, TimePoint now) {
  if (!is_open()) return;
  keep_alive_.received(now);
  framer_.feed(bytes);
  while (is_open()) {
    auto frame = framer_.next();
    if (!frame) {
      fail_with(frame.error());
    } else if (!*frame) {
      break;
    } else {
      handle(**frame);
    }
  }
  if (!is_open()) framer_.reset();
  fill();
}

void ClientSession::handle(const FrameView& frame) {
  const bool is_allowed = phase_ == Phase::online || is_frame_of(PacketType::connack, frame) ||
                          is_frame_of(PacketType::auth, frame) ||
                          is_frame_of(PacketType::disconnect, frame);
  if (!is_allowed)  // [MQTT-3.2.0-1]
    return fail_with({ReasonCode::protocol_error, "the server's first packet is not CONNACK"});
  if (is_frame_of(PacketType::publish, frame)) {
    auto publish = decode_publish(connect_.version, frame);
    return publish ? on(*publish) : fail_with(publish.error());
  }
  auto packet = decode_frame(frame);
  if (!packet) return fail_with(packet.error());
  std::visit([this](auto& arrived) { on(arrived); }, *packet);
}

Result<Packet> ClientSession::decode_frame(const FrameView& frame) const {
  // A server that speaks 3.x only refuses a 5.0 CONNECT in its own format, without properties.
  const bool is_old = is_frame_of(PacketType::connack, frame) &&
                      frame.body.size() == kOldConnackSize && frame.body[1] != std::byte{0};
  return decode(is_old ? Version::v3_1_1 : connect_.version, frame);
}

void ClientSession::on(Connack& connack) {
  if (phase_ == Phase::online)  // [MQTT-3.2.0-2]
    return fail_with({ReasonCode::protocol_error, "a second CONNACK"});
  if (connack.session_present && connect_.clean_start)  // [MQTT-3.2.2-4]
    return fail_with({ReasonCode::protocol_error, "a session is present after a clean start"});
  if (is_failure(connack.reason_code)) {
    phase_ = Phase::over;  // [MQTT-4.13.2-1]
  } else {
    go_online(connack);
  }
  events_.push(client_event::Connected{std::move(connack)});
}

void ClientSession::go_online(const Connack& connack) {
  phase_ = Phase::online;
  is_authenticating_ = false;
  // 3.1 has no Session Present: a session that was asked for is taken to be there.
  const bool is_resumed =
      connack.session_present || (connect_.version == Version::v3_1 && !connect_.clean_start);
  const auto limits = GrantedLimits::of(connack);
  outbox_.online(limits, is_resumed, events_);  // Not resumed: begun anew [MQTT-3.2.2-5].
  inbox_.online(is_resumed);
  requests_.online(limits);
  if (const auto seconds = connack.properties.find(property::server_keep_alive))
    keep_alive_.set_interval(Seconds(*seconds));  // [MQTT-3.1.2-21, 3.2.2-21]
  if (auto client_id = connack.properties.find(property::assigned_client_identifier))
    connect_.client_id = std::move(*client_id);
  if (is_lasting(connect_, connack)) connect_.clean_start = false;
}

void ClientSession::on(Publish& publish) {
  check(inbox_.publish(std::move(publish), output_, events_));
}

void ClientSession::on(Suback& suback) {
  check(requests_.suback(std::move(suback), outbox_.packet_ids(), events_));
}

void ClientSession::on(Unsuback& unsuback) {
  check(requests_.unsuback(std::move(unsuback), outbox_.packet_ids(), events_));
}

void ClientSession::on(Disconnect& disconnect) {
  if (connect_.version != Version::v5_0)
    return fail_with({ReasonCode::protocol_error, "DISCONNECT from a 3.x server"});
  phase_ = Phase::over;
  events_.push(client_event::ServerDisconnected{std::move(disconnect)});
}

void ClientSession::on(Auth& auth) {
  if (!connect_.properties.find(property::authentication_method))  // [MQTT-4.12.0-6]
    return fail_with({ReasonCode::protocol_error, "AUTH although CONNECT names no method"});
  if (auth.reason_code == ReasonCode::success) is_authenticating_ = false;
  events_.push(client_event::AuthReceived{std::move(auth)});
}

template <class Unexpected>
void ClientSession::on(Unexpected&) {
  fail_with({ReasonCode::protocol_error, "a packet that only a client sends"});
}

void ClientSession::check(Result<void> result) {
  if (!result) fail_with(result.error());
}

void ClientSession::fail_with(Error error) {
  if (connect_.version == Version::v5_0)
    encode(connect_.version, Disconnect{disconnect_code(error.code), {}},
           output_);     // [MQTT-4.13.1-1]
  phase_ = Phase::over;  // [MQTT-4.13.2-1], in 3.1.1 [MQTT-4.8.0-1]
  events_.push(client_event::Failed{error});
}

void ClientSession::tick(TimePoint now) {
  if (!is_online()) return;
  switch (keep_alive_.tick(now)) {
    case KeepAlive::Due::nothing:
      break;
    case KeepAlive::Due::ping:
      encode(connect_.version, Pingreq(), output_);
      break;
    case KeepAlive::Due::timeout:  // Nobody is there to be told.
      phase_ = Phase::over;
      events_.push(
          client_event::Failed{{ReasonCode::keep_alive_timeout, "the server does not answer"}});
      break;
  }
}

std::optional<TimePoint> ClientSession::deadline() const {
  return is_online() ? keep_alive_.deadline() : std::nullopt;
}

void ClientSession::consume(std::size_t count, TimePoint now) {
  if (count == 0) return;
  output_.consume(count);
  keep_alive_.sent(now);
  outbox_.written(output_.consumed(), events_);
  fill();
}

std::optional<ClientEvent> ClientSession::poll_event() {
  if (events_.empty()) return std::nullopt;
  return events_.pop();
}

std::uint64_t ClientSession::publish(Publish publish, TimePoint) {
  const auto token = outbox_.add(std::move(publish));
  fill();
  return token;
}

std::uint16_t ClientSession::subscribe(Subscribe subscribe, TimePoint) {
  assert(is_online());
  subscribe.packet_id = outbox_.packet_ids().allocate().value_or(0);
  const auto packet_id = subscribe.packet_id;
  if (packet_id != 0)
    requests_.subscribe(std::move(subscribe), outbox_.packet_ids(), output_, events_);
  return packet_id;
}

std::uint16_t ClientSession::unsubscribe(Unsubscribe unsubscribe, TimePoint) {
  assert(is_online());
  unsubscribe.packet_id = outbox_.packet_ids().allocate().value_or(0);
  const auto packet_id = unsubscribe.packet_id;
  if (packet_id != 0)
    requests_.unsubscribe(std::move(unsubscribe), outbox_.packet_ids(), output_, events_);
  return packet_id;
}

void ClientSession::acknowledge(std::uint16_t packet_id, ReasonCode reason_code, TimePoint) {
  if (is_online()) inbox_.acknowledge(packet_id, reason_code, output_);
}

void ClientSession::authenticate(std::string_view data, TimePoint) {
  const auto method = connect_.properties.find(property::authentication_method);
  if (!is_open() || !method) return;
  PropertiesBuilder properties;  // No Reason String and no User Property [MQTT-3.15.2-2, 3.15.2-3].
  properties.add(property::authentication_method, method->view());  // [MQTT-4.12.0-5, 4.12.1-1]
  if (!data.empty()) properties.add(property::authentication_data, data);
  const bool goes_on = std::exchange(is_authenticating_, true);
  encode(connect_.version,
         Auth{goes_on ? ReasonCode::continue_authentication  // [MQTT-4.12.0-3]
                      : ReasonCode::re_authenticate,
              properties.build()},
         output_);
}

void ClientSession::disconnect(ReasonCode reason_code, const Properties& properties, TimePoint) {
  if (!is_open()) return;
  encode(connect_.version, Disconnect{reason_code, properties}, output_);
  phase_ = Phase::over;  // [MQTT-3.14.4-1], in 3.1.1 [MQTT-3.14.4-2]
}

void ClientSession::fill() {
  // Nothing before CONNACK but AUTH [MQTT-3.1.2-30].
  if (is_online()) outbox_.fill(output_, events_);
}

}  // namespace mqtt
