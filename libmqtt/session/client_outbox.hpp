#pragma once

#include <cstdint>
#include <vector>

#include "libmqtt/base/output.hpp"
#include "libmqtt/session/client_event.hpp"
#include "libmqtt/session/granted_limits.hpp"
#include "libmqtt/session/inflight.hpp"
#include "libmqtt/session/packet_ids.hpp"
#include "libmqtt/session/topic_alias.hpp"

namespace mqtt {

/// The messages of one client on their way out, from publish() to their end: a queue in the order
/// of publishing, then QoS 0 until its last byte is written, QoS 1 and 2 as open flights. It keeps
/// them across connections; its calls mirror those of ClientSession, which owns it together with
/// the output and the events that they append to.
class ClientOutbox {
 public:
  ClientOutbox(Version version, std::uint16_t maximum_in_flight, std::uint16_t topic_alias_maximum);

  /// Queues a message; the token that its end will carry.
  std::uint64_t add(Publish publish);

  /// CONNACK came. With its session the server knows the open flights, which go out again; without
  /// it they are messages like any other, but for those that it had already taken over for good.
  void online(const GrantedLimits& limits, bool is_resumed, ClientEvents& events);
  /// The connection is gone, and with it all of the output that written() has not told of.
  void offline();

  /// Encodes what is due, in order, while `output` is short: what stays here costs little to keep,
  /// and is not lost with a connection.
  void fill(Output& output, ClientEvents& events);
  /// All the output up to this position was handed over.
  void written(std::uint64_t position, ClientEvents& events);

  void puback(const Puback& puback, ClientEvents& events);
  void pubrec(const Pubrec& pubrec, Output& output, ClientEvents& events);
  void pubcomp(const Pubcomp& pubcomp, ClientEvents& events);

  /// Messages that have not finished; those among them that wait in the queue.
  std::size_t unfinished() const { return queue_.size() + unwritten_.size() + flights_.size(); }
  std::size_t waiting() const { return queue_.size(); }
  bool is_window_full() const { return !flights_.has_room(); }
  /// From now on PUBREC is told as well.
  void report_pubrec() { reports_pubrec_ = true; }

  /// Of everything the client sends: SUBSCRIBE and UNSUBSCRIBE draw from them too [MQTT-2.2.1-3].
  PacketIds& packet_ids() { return packet_ids_; }

 private:
  struct Waiting {
    std::uint64_t token = 0;
    Publish publish;
  };
  struct Unwritten {
    std::uint64_t end = 0;  ///< Position in the output of its last byte, plus one.
    Waiting message;
  };
  bool resend_next(Output& output, ClientEvents& events);
  bool send_next(Output& output, ClientEvents& events);
  void encode_publish(PublishParts parts, const Bytes& topic, Output& output);
  void end_flight(std::uint16_t packet_id, PacketType by, client_event::PublishFinished finished,
                  ClientEvents& events);
  void publish_anew(ClientEvents& events);
  /// Messages that were not sent after all: to their places in the queue.
  void put_back(std::vector<Waiting> messages);

  Version version_;
  std::uint16_t maximum_in_flight_;
  std::uint16_t topic_alias_maximum_;
  bool reports_pubrec_ = false;
  std::uint64_t last_token_ = 0;
  GrantedLimits limits_;
  PacketIds packet_ids_;
  OutgoingTopicAliases aliases_;
  Line<Waiting> queue_;
  Line<Unwritten> unwritten_;  ///< QoS 0, encoded.
  OutgoingFlights flights_;
};

}  // namespace mqtt
