#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <variant>

#include "libmqtt/base/error.hpp"
#include "libmqtt/base/output.hpp"
#include "libmqtt/base/time.hpp"
#include "libmqtt/codec/packet.hpp"
#include "libmqtt/session/message.hpp"

namespace mqtt {

/// What a client session tells its owner.
namespace client_event {
/// CONNACK arrived; a failure code means the server closes now.
struct Connected {
  Connack connack;
};
/// An application message; topic aliases resolved. With manual acknowledgement a QoS 1 or 2 message
/// must be given back to ClientSession::acknowledge() with its packet id.
struct MessageReceived {
  Publish publish;
};
/// A message of publish() has come to its end: QoS 0 written to the transport to its last byte, QoS
/// 1 PUBACK, QoS 2 PUBCOMP (or PUBREC with a failure). `reason_code` is the server's (success
/// in 3.1.1).
struct PublishFinished {
  std::uint64_t token = 0;
  ReasonCode reason_code = ReasonCode::success;
  Bytes reason_string;
};
struct Subscribed {
  Suback suback;
};
struct Unsubscribed {
  Unsuback unsuback;
};
/// The server's DISCONNECT (5.0): it closes now.
struct ServerDisconnected {
  Disconnect disconnect;
};
struct AuthReceived {
  Auth auth;
};
/// The peer broke the protocol or answers no more (keep_alive_timeout): write what is in output(),
/// close.
struct Failed {
  Error error;
};
}  // namespace client_event
using ClientEvent = std::variant<client_event::Connected, client_event::MessageReceived,
                                 client_event::PublishFinished, client_event::Subscribed,
                                 client_event::Unsubscribed, client_event::ServerDisconnected,
                                 client_event::AuthReceived, client_event::Failed>;

struct ClientSessionOptions {
  Connect
      connect;  ///< Version, client id, credentials, will, properties: sent on every connection.
  std::uint16_t maximum_in_flight =
      20;  ///< Own limit of open QoS 1/2 flights; the server's Receive Maximum may lower it.
  bool manual_acknowledgement = false;  ///< The owner acknowledges QoS 1/2 messages itself.
  std::uint16_t topic_alias_maximum =
      0;  ///< Most aliases used towards a 5.0 server that allows them; 0 = none.
};

/// The client side of MQTT 3.1, 3.1.1 and 5.0 as a pure value: bytes, requests and the time go in;
/// bytes and events come out. It survives reconnects: connected() and disconnected() mark the life
/// of one transport connection, while open flights, queued messages and the QoS 2 memory stay.
///
/// The verbs: receive() bytes, then poll_event() until it yields nothing; write what output() holds
/// and consume() what was written; call tick() at deadline(). After any call output() may have
/// grown.
class ClientSession {
 public:
  explicit ClientSession(ClientSessionOptions options);

  /// A transport connection is up: CONNECT goes to output(). After the first successful connection,
  /// with a session that outlives connections (Session Expiry > 0, or clean_start false in 3.x),
  /// later CONNECTs ask to resume it (clean_start false).
  void connected(TimePoint now);
  /// The transport connection is gone: output() is emptied; open flights and what had not been
  /// written to its last byte wait for the next connection, in order.
  void disconnected(TimePoint now);
  bool is_online() const;  ///< CONNACK with success came on the present connection.

  void receive(std::span<const std::byte> bytes, TimePoint now);
  std::optional<ClientEvent> poll_event();
  void tick(TimePoint now);
  /// When to call tick(): keep-alive (PINGREQ due or answer overdue). Never in the past after a
  /// tick.
  std::optional<TimePoint> deadline() const;

  Output& output();
  /// `count` bytes of output() were accepted by the transport.
  void consume(std::size_t count, TimePoint now);

  /// Takes a message for delivery, in order, online or not; returns the token that PublishFinished
  /// will carry. The caller bounds waiting(). `publish.packet_id` and `dup` are ignored. A message
  /// over the server's Maximum Packet Size, or that it forbids (QoS, retain), finishes with
  /// packet_too_large, qos_not_supported or retain_not_supported without being sent
  /// [MQTT-3.2.2-15, 3.2.2-11, 3.2.2-14].
  std::uint64_t publish(Publish publish, TimePoint now);
  /// Messages of publish() that have not finished; those among them not yet handed to the
  /// transport.
  std::size_t unfinished() const;
  std::size_t waiting() const;

  /// SUBSCRIBE / UNSUBSCRIBE with the next packet id (returned); only while is_online().
  std::uint16_t subscribe(Subscribe subscribe, TimePoint now);
  std::uint16_t unsubscribe(Unsubscribe unsubscribe, TimePoint now);
  /// Manual acknowledgement: PUBACK or PUBREC for a received message; quietly ignored when the
  /// connection it came by is gone (the server sends it again).
  void acknowledge(std::uint16_t packet_id, ReasonCode reason_code, TimePoint now);
  void send(const Auth& auth, TimePoint now);
  /// DISCONNECT (5.0 with the reason and properties); nothing may follow it.
  void disconnect(ReasonCode reason_code, const Properties& properties, TimePoint now);
};

}  // namespace mqtt
