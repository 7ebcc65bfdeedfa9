#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "libmqtt/session/message.hpp"
#include "libmqtt/session/packet_id_set.hpp"

namespace mqtt {

/// The QoS 1 and 2 handshakes a sender has open, oldest first (3.1.1 and 5.0 §4.3, §4.4, §4.6). It
/// outlives connections: resume() makes every open flight due again, in its original order. Serves
/// the client's and the server's sessions alike. Holds no memory until first used; every call but
/// resume() and the walks takes the same short time however many flights are open and in whatever
/// order their answers come.
class OutgoingFlights {
 public:
  enum class Stage : std::uint8_t {
    publish_sent,  ///< PUBLISH sent: awaits PUBACK (QoS 1) or PUBREC (QoS 2).
    pubrel_sent,   ///< PUBREL sent: awaits PUBCOMP.
  };
  struct Flight {
    std::uint16_t packet_id = 0;
    Stage stage = Stage::publish_sent;
    std::uint64_t tag = 0;  ///< The caller's own number for the message.
    Delivery delivery;      ///< message is released once PUBREL is due: its body is needed no more.
  };

  /// At most `window` flights may be on the wire in this connection (Receive Maximum, own limits);
  /// resent ones count [MQTT-4.9.0-1]. No new one is started once their messages have `bytes`
  /// together (as Message::cost()).
  void set_window(std::uint16_t window, std::size_t bytes = SIZE_MAX) {
    window_ = window;
    window_bytes_ = bytes;
  }
  std::uint16_t window() const { return window_; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  /// Of the messages that are held for being sent again.
  std::size_t bytes() const { return bytes_; }
  /// Room for a new flight: the window is not full and nothing is still to be resent.
  bool has_room() const { return resend_ == kNone && on_wire_ < window_ && bytes_ < window_bytes_; }

  /// Opens a flight under this packet id (not in use here) and counts it as sent. Needs has_room().
  void start(std::uint16_t packet_id, Delivery delivery, std::uint64_t tag = 0);
  bool is_open(std::uint16_t packet_id) const { return find(packet_id) != kNone; }
  /// nullptr when no flight of this id is open.
  const Flight* flight(std::uint16_t packet_id) const {
    const Index at = find(packet_id);
    return at == kNone ? nullptr : &slots_[at].flight;
  }

  /// PUBACK, PUBCOMP, or PUBREC with a failure: the flight has ended. Nothing when no flight of
  /// this id awaits that packet. `by` is the packet type that arrived (puback, pubrec or pubcomp).
  std::optional<Flight> finish(std::uint16_t packet_id, PacketType by);
  /// PUBREC with success: now awaits PUBCOMP. False when the id is unknown or QoS 1; true again for
  /// a repeat.
  bool pubrec(std::uint16_t packet_id);

  /// The connection is gone: every open flight is due again on the next one.
  void resume();
  /// The next flight to be sent again, in order, marked as sent; nothing when none is due or, but
  /// for PUBREL, when the window is full. PUBLISH with DUP for publish_sent, PUBREL for
  /// pubrel_sent. Valid until the next non-const call.
  const Flight* next_resend();

  /// Forgets everything (the session ended); visit(Flight&) for each open flight in order.
  template <class Visit>
  void drain(Visit visit) {
    for (Flight& flight : take_all()) visit(flight);
  }
  template <class Visit>
  void for_each(Visit visit) const {
    for (Index at = oldest_; at != kNone; at = slots_[at].newer) visit(slots_[at].flight);
  }

 private:
  using Index = std::uint16_t;
  static constexpr Index kNone = 0xFFFF;

  /// Slots are a list by age (older, newer) and, at the same time, a hash table by packet id whose
  /// buckets are the slots' `bucket` fields. Unused ones are chained through `newer`.
  struct Slot {
    Flight flight;
    Index older = kNone;
    Index newer = kNone;
    Index same_bucket = kNone;  ///< Next slot whose packet id falls into the same bucket.
    Index bucket = kNone;       ///< First slot of the bucket numbered like this slot.
    bool due = false;           ///< To be sent again on this connection.
  };
  Index& bucket_of(std::uint16_t packet_id) {
    return slots_[packet_id & (slots_.size() - 1)].bucket;
  }
  Index find(std::uint16_t packet_id) const;
  Index take_slot();
  void grow();
  void unlink(Index at);
  void release_message(Index at);
  const Flight* send_again(Index at);
  void skip_sent();
  std::vector<Flight> take_all();

  std::vector<Slot> slots_;  ///< A power of two of them.
  std::size_t size_ = 0;
  std::size_t on_wire_ = 0;  ///< Open flights sent on this connection.
  Index oldest_ = kNone;
  Index newest_ = kNone;
  Index unused_ = kNone;
  Index resend_ = kNone;  ///< The oldest due flight.
  Index pubrel_ = kNone;  ///< No PUBREL that is due is older than this flight.
  std::uint16_t window_ = 0xFFFF;
  std::size_t window_bytes_ = SIZE_MAX;
  std::size_t bytes_ = 0;
};

/// What a receiver has to remember: QoS 1 messages not yet acknowledged and QoS 2 packet ids not
/// yet released (3.1.1 §4.3.3, 5.0 §4.3.3), both counted against its Receive Maximum
/// [MQTT-3.3.4-7, 3.3.4-9]. The count starts anew with each connection (5.0 §4.9): what the sender
/// does not send again there takes no room.
class IncomingFlights {
 public:
  enum class Arrival : std::uint8_t {
    fresh,      ///< Hand it on.
    duplicate,  ///< QoS 2 and not yet released: answer, but do not hand it on [MQTT-4.3.3-10].
    exceeded,   ///< More open than the Receive Maximum: 0x93.
  };
  /// 0 = unlimited (3.1.1).
  void set_receive_maximum(std::uint16_t maximum) { receive_maximum_ = maximum; }
  Arrival arrived(std::uint16_t packet_id, Qos qos);
  /// PUBACK sent, or PUBREC with a failure: the id is free again.
  void acknowledged(std::uint16_t packet_id, Qos qos);
  /// A QoS 2 message of an earlier life, not yet released.
  void restore(std::uint16_t packet_id) { qos2_.insert(packet_id); }
  /// PUBREL came: false when the id was not open (answer 0x92).
  bool release(std::uint16_t packet_id);
  /// The connection is gone: QoS 1 counts end with it, QoS 2 ids stay.
  void connection_lost() { counted_.clear(); }
  void clear();
  std::size_t open_qos2() const { return qos2_.size(); }

 private:
  PacketIdSet counted_;  ///< Arrived on this connection and still open, either QoS.
  PacketIdSet qos2_;     ///< Not yet released, from this connection or an earlier one.
  std::uint16_t receive_maximum_ = 0;
};

}  // namespace mqtt
