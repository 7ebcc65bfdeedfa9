#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "libmqtt/base/error.hpp"
#include "libmqtt/base/output.hpp"
#include "libmqtt/base/time.hpp"
#include "libmqtt/codec/framer.hpp"
#include "libmqtt/codec/packet.hpp"
#include "libmqtt/session/client_event.hpp"
#include "libmqtt/session/client_inbox.hpp"
#include "libmqtt/session/client_outbox.hpp"
#include "libmqtt/session/client_requests.hpp"
#include "libmqtt/session/keep_alive.hpp"

namespace mqtt {

struct ClientSessionOptions {
  /// Version, client id, credentials, will, properties: sent on every connection.
  Connect connect;
  /// Own limit of open QoS 1/2 flights; the server's Receive Maximum may lower it.
  std::uint16_t maximum_in_flight = 20;
  /// The owner acknowledges QoS 1/2 messages itself.
  bool manual_acknowledgement = false;
  /// Most aliases used towards a 5.0 server that allows them; 0 = none. Otherwise messages must not
  /// bring aliases of their own.
  std::uint16_t topic_alias_maximum = 0;
  /// Whether the owner wants to hear of PublishReceived.
  bool reports_pubrec = false;
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
  /// CONNACK with success came on the present connection, and nothing has ended it since.
  /// Ours, or the one that the server gave us.
  std::string_view client_id() const { return connect_.client_id.view(); }
  bool is_online() const { return phase_ == Phase::online; }

  void receive(std::span<const std::byte> bytes, TimePoint now);
  std::optional<ClientEvent> poll_event();
  void tick(TimePoint now);
  /// When to call tick(): keep-alive (PINGREQ due or answer overdue). Never in the past after a
  /// tick.
  std::optional<TimePoint> deadline() const;

  Output& output() { return output_; }
  /// `count` bytes of output() were accepted by the transport.
  void consume(std::size_t count, TimePoint now);

  /// Takes a message for delivery, in order, online or not; returns the token that PublishFinished
  /// will carry. The caller bounds waiting(). `publish.packet_id` and `dup` are ignored. A message
  /// over the server's Maximum Packet Size, or that it forbids (QoS, retain), finishes with
  /// packet_too_large, qos_not_supported or retain_not_supported without being sent
  /// [MQTT-3.2.2-15, 3.2.2-11, 3.2.2-14].
  std::uint64_t publish(Publish publish, TimePoint now);
  /// Messages of publish() that have not finished; those among them not yet encoded to output().
  std::size_t unfinished() const { return outbox_.unfinished(); }
  std::size_t waiting() const { return outbox_.waiting(); }
  /// No further QoS 1 or 2 message may be sent before one is answered: the server's Receive Maximum
  /// or the own limit.
  bool is_window_full() const { return outbox_.is_window_full(); }

  /// SUBSCRIBE / UNSUBSCRIBE with the next packet id, which is returned (0: all are in use, nothing
  /// was sent); only while is_online(). Filters that the server's CONNACK rules out are answered
  /// without being sent. A request unanswered when the connection is lost is forgotten.
  std::uint16_t subscribe(Subscribe subscribe, TimePoint now);
  std::uint16_t unsubscribe(Unsubscribe unsubscribe, TimePoint now);
  /// Manual acknowledgement: PUBACK or PUBREC for a received message; quietly ignored when the
  /// connection it came by is gone (the server sends it again).
  void acknowledge(std::uint16_t packet_id, ReasonCode reason_code, TimePoint now);
  /// Enhanced authentication (5.0 §4.12): AUTH with this data and the method that CONNECT named.
  /// Goes on with an exchange that is open, else begins to re-authenticate; without a method
  /// nothing is sent [MQTT-4.12.0-7].
  void authenticate(std::string_view data, TimePoint now);
  /// DISCONNECT (5.0 with the reason and properties); nothing may follow it.
  void disconnect(ReasonCode reason_code, const Properties& properties, TimePoint now);

 private:
  enum class Phase : std::uint8_t {
    offline,     ///< No transport connection.
    connecting,  ///< CONNECT went to output(): awaits CONNACK.
    online,
    over,  ///< Refused, failed or disconnected: nothing is read or sent any more.
  };
  bool is_open() const { return phase_ == Phase::connecting || phase_ == Phase::online; }

  void handle(const FrameView& frame);
  Result<Packet> decode_frame(const FrameView& frame) const;
  void on(Connack& connack);
  void on(Publish& publish);
  void on(Puback& puback) { outbox_.puback(puback, events_); }
  void on(Pubrec& pubrec) { outbox_.pubrec(pubrec, output_, events_); }
  void on(Pubrel& pubrel) { inbox_.pubrel(pubrel, output_, events_); }
  void on(Pubcomp& pubcomp) { outbox_.pubcomp(pubcomp, events_); }
  void on(Suback& suback);
  void on(Unsuback& unsuback);
  void on(Pingresp&) { keep_alive_.answered(); }
  void on(Disconnect& disconnect);
  void on(Auth& auth);
  /// What only a client may send.
  template <class Unexpected>
  void on(Unexpected&);
  void go_online(const Connack& connack);
  void check(Result<void> result);
  void fail_with(Error error);
  void fill();

  Connect connect_;  ///< As sent last.
  Phase phase_ = Phase::offline;
  bool is_authenticating_ = false;  ///< An AUTH exchange is open.
  Framer framer_;
  Output output_;
  ClientEvents events_;
  ClientOutbox outbox_;
  ClientInbox inbox_;
  ClientRequests requests_;
  KeepAlive keep_alive_;
};

}  // namespace mqtt
