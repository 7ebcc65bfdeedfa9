#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "libmqtt/base/output.hpp"
#include "libmqtt/base/time.hpp"
#include "libmqtt/codec/encode.hpp"
#include "libmqtt/codec/framer.hpp"
#include "libmqtt/session/event.hpp"
#include "libmqtt/session/held_output.hpp"
#include "libmqtt/session/publish_additions.hpp"
#include "libmqtt/session/session_state.hpp"
#include "libmqtt/session/topic_alias.hpp"
#include "libmqtt/session/traffic.hpp"

namespace mqtt {

/// What a server allows one connection.
struct ServerLimits {
  std::uint32_t maximum_packet_size = kMaximumPacketSize;
  std::uint16_t receive_maximum =
      1024;  ///< QoS 1/2 messages a 5.0 client may have open towards us.
  std::uint16_t topic_alias_maximum = 10;  ///< Aliases a client may set up.
  std::uint16_t outgoing_aliases = 10;  ///< Most that we set up towards a client that allows them.
  /// QoS 1/2 messages we have open towards a client, in number and in bytes of Message::cost(); 0:
  /// no limit. One message may always be open, whatever its size.
  std::uint16_t maximum_in_flight = 20;
  std::size_t maximum_in_flight_bytes = 0;
  Qos maximum_qos = Qos::exactly_once;  ///< That a client may publish with, its will included.
  bool retain_available = true;         ///< Clients may publish retained messages.
  /// From the connection's start to its CONNECT, and to the answer.
  Duration connect_timeout = Seconds(10);
};

/// The server side of one connection as a pure value. Bytes and the time go in; events come out, to
/// be carried to the broker, whose answers come back in; output() grows. Between accept() and
/// detach() it is bound to the SessionState of its client, which it sends from and keeps the
/// handshakes in.
///
/// The verbs: receive() bytes, then poll_event() until it yields nothing (or pause()); before
/// writing, fill_output(); write output() and tell written(); tick() at deadline().
class ServerSession {
 public:
  /// What goes over the connection is counted in `traffic`, which outlives the session.
  ServerSession(const ServerLimits& limits, Traffic& traffic, TimePoint now);

  /// No bytes: only a sign of life.
  void receive(std::span<const std::byte> bytes, TimePoint now);
  std::optional<ServerEvent> poll_event();
  /// Keeps what poll_event() has not looked at, so that the memory given to receive() may be
  /// reused; poll_event() goes on from there.
  void pause() { framer_.keep_rest(); }
  void tick(TimePoint now);
  /// CONNECT or the answer to it overdue, or 1.5 times the Keep Alive without a packet
  /// [MQTT-3.1.2-22].
  TimePoint deadline() const;

  /// Answers ConnectRequested. `connack` is sent as it is; its Server Keep Alive counts. `state`
  /// must outlive the binding.
  void accept(const Connack& connack, SessionState& state);
  /// A step of an authentication (5.0 §4.12). One that is to continue may also answer
  /// ConnectRequested: then the client's AUTH comes as AuthReceived, to be answered in turn.
  void answer(const Auth& auth);
  /// CONNACK with a failure; nothing more is read. Close once output() is written.
  void refuse(const Connack& connack);
  void acknowledge(std::uint16_t packet_id, Qos qos, ReasonCode reason_code);
  /// The message was not taken on, and there is no way to say so (3.x): it may come again.
  void decline(std::uint16_t packet_id, Qos qos);
  void answer(const Suback& suback);
  void answer(const Unsuback& unsuback);
  /// DISCONNECT to a 5.0 client; nothing more is read. Unbinds.
  void disconnect(ReasonCode reason_code);
  /// The connection has ended, or the client has come back by another: unbinds from the state.
  void detach();

  /// Moves messages from the state to output(): first what has to be sent again, then what waits,
  /// as far as the client's window and kOutputBound allow.
  void fill_output(TimePoint now);
  static constexpr std::size_t kOutputBound = 256 * 1024;
  /// Answers wait until what they rest on is committed (Journal): call fill_output() then.
  bool is_holding_back() const { return !held_.empty(); }
  Output& output() { return output_; }
  const Output& output() const { return output_; }
  /// So many bytes at the front of output() have been written.
  void written(std::size_t count) {
    output_.consume(count);
    traffic_->bytes_sent += count;
  }

  Version version() const { return version_; }
  bool is_bound() const { return state_ != nullptr; }
  /// A ConnectRequested, or an AuthReceived on the way to it, has not been answered: until then
  /// nothing else is handed out but a failure.
  bool is_awaiting_answer() const { return phase_ == Phase::awaiting_answer; }
  /// The rest of the input is ignored; close once output() is written.
  bool is_closing() const { return phase_ == Phase::closing; }

 private:
  enum class Phase : std::uint8_t {
    awaiting_connect,
    awaiting_answer,  ///< To CONNECT, or to an AUTH before CONNACK.
    authenticating,   ///< The next packet is AUTH: an exchange before CONNACK.
    open,
    closing
  };

  std::optional<ServerEvent> handle(const FrameView& frame);
  std::optional<ServerEvent> handle_first(const FrameView& frame);
  std::optional<ServerEvent> handle_publish(const FrameView& frame);
  std::optional<ServerEvent> handle_packet(Packet packet);
  std::optional<ServerEvent> handle_before_connack(Packet packet);
  std::optional<ServerEvent> on_disconnect(Disconnect packet);
  std::optional<ServerEvent> on_pubrec(const Pubrec& packet);
  std::optional<ServerEvent> on_pubrel(const Pubrel& packet);
  ServerEvent fail_with(const Error& error);
  void count(ReasonCode failure);
  void put(const Packet& packet) { put(packet, output_); }
  void put(const Packet& packet, Output& output);
  void put_ack(PacketType type, std::uint16_t packet_id, ReasonCode reason_code, Output& output);
  /// For what rests on the session's state, however old: held back while it has changes that are
  /// not committed.
  Output& lasting_output();
  /// For the answer to the present packet: held back when something lasting changed because of it.
  Output& answer_output();
  /// For what rests on nothing; only CONNACK goes before it.
  Output& output_at_once();
  std::uint64_t changes_until_now() const;
  void release_held();
  bool fits(const Packet& packet) const;
  /// CONNACK, SUBACK, UNSUBACK or AUTH: the packets that may be too large for a client and can't be
  /// left out. The connection fails then.
  bool send(const Packet& packet, Output& output);

  void resend(const OutgoingFlights::Flight& flight, TimePoint now);
  /// False when the packet is over the client's Maximum Packet Size: dropped [MQTT-3.1.2-24].
  bool send_publish(const Delivery& delivery, std::uint16_t packet_id, bool dup, TimePoint now);
  void add_properties(const Delivery& delivery, TimePoint now, PublishAdditions& added) const;
  void start_flight(TimePoint now);
  void end_flight(std::uint16_t packet_id, PacketType by);

  ServerLimits limits_;
  Traffic* traffic_;
  Framer framer_;
  Output output_;
  HeldOutput held_;
  std::uint64_t changes_before_ = 0;  ///< Journal::count() before the present packet.
  SessionState* state_ = nullptr;
  IncomingTopicAliases incoming_aliases_;
  std::unique_ptr<OutgoingTopicAliases> outgoing_aliases_;  ///< Where the client allows them.
  TimePoint connect_deadline_;
  TimePoint last_received_;
  Duration silence_allowed_;
  std::optional<Error> pending_failure_;  ///< Reported by the next poll_event().
  std::uint32_t client_maximum_packet_size_ = kMaximumPacketSize;
  bool session_ends_with_connection_ = false;  ///< CONNECT's Session Expiry Interval is 0.
  bool is_connack_held_ = false;
  std::uint16_t keep_alive_ = 0;
  std::uint16_t client_receive_maximum_ = 0xFFFF;
  Version version_ = Version::v3_1_1;
  Phase phase_ = Phase::awaiting_connect;
};

}  // namespace mqtt
