#include "libmqtt/session/inflight.hpp"

#include <cassert>
#include <utility>

namespace mqtt {

void OutgoingFlights::start(std::uint16_t packet_id, Delivery delivery, std::uint64_t tag) {
  assert(has_room() && !is_open(packet_id));
  const Index at = take_slot();
  Slot& slot = slots_[at];
  if (delivery.message) bytes_ += delivery.message->cost();
  slot.flight = {packet_id, Stage::publish_sent, tag, std::move(delivery)};
  slot.due = false;
  slot.older = newest_;
  slot.newer = kNone;
  (newest_ == kNone ? oldest_ : slots_[newest_].newer) = at;
  newest_ = at;
  slot.same_bucket = std::exchange(bucket_of(packet_id), at);
  ++size_;
  ++on_wire_;
}

std::optional<OutgoingFlights::Flight> OutgoingFlights::finish(std::uint16_t packet_id,
                                                               PacketType by) {
  const Index at = find(packet_id);
  if (at == kNone) return std::nullopt;
  const Flight& flight = slots_[at].flight;
  const bool qos1 = flight.delivery.qos == Qos::at_least_once;
  // An open message waits for one packet [MQTT-4.3.2-3, 4.3.3-3, 4.3.3-5].
  const bool awaited = flight.stage == Stage::pubrel_sent ? by == PacketType::pubcomp
                       : qos1                             ? by == PacketType::puback
                                                          : by == PacketType::pubrec;
  if (!awaited) return std::nullopt;
  if (flight.delivery.message) bytes_ -= flight.delivery.message->cost();
  std::optional<Flight> ended(std::move(slots_[at].flight));
  unlink(at);
  return ended;
}

bool OutgoingFlights::pubrec(std::uint16_t packet_id) {
  const Index at = find(packet_id);
  if (at == kNone || slots_[at].flight.delivery.qos != Qos::exactly_once) return false;
  slots_[at].flight.stage = Stage::pubrel_sent;
  release_message(at);  // No PUBLISH can follow [MQTT-4.3.3-6].
  return true;
}

void OutgoingFlights::resume() {
  // [MQTT-4.4.0-1]
  for (Index at = oldest_; at != kNone; at = slots_[at].newer) slots_[at].due = true;
  resend_ = pubrel_ = oldest_;  // [MQTT-4.6.0-1]
  on_wire_ = 0;
}

const OutgoingFlights::Flight* OutgoingFlights::next_resend() {
  if (resend_ == kNone) return nullptr;
  const auto is_pubrel = [&](Index at) { return slots_[at].flight.stage == Stage::pubrel_sent; };
  if (on_wire_ < window_ || is_pubrel(resend_)) return send_again(resend_);
  // The window holds back nothing but PUBLISH [MQTT-3.3.4-8, 3.3.4-10].
  while (pubrel_ != kNone && !(slots_[pubrel_].due && is_pubrel(pubrel_)))
    pubrel_ = slots_[pubrel_].newer;
  return pubrel_ == kNone ? nullptr : send_again(pubrel_);
}

const OutgoingFlights::Flight* OutgoingFlights::send_again(Index at) {
  slots_[at].due = false;
  ++on_wire_;
  skip_sent();
  return &slots_[at].flight;
}

void OutgoingFlights::skip_sent() {
  while (resend_ != kNone && !slots_[resend_].due) resend_ = slots_[resend_].newer;
}

OutgoingFlights::Index OutgoingFlights::find(std::uint16_t packet_id) const {
  if (slots_.empty()) return kNone;
  Index at = slots_[packet_id & (slots_.size() - 1)].bucket;
  while (at != kNone && slots_[at].flight.packet_id != packet_id) at = slots_[at].same_bucket;
  return at;
}

OutgoingFlights::Index OutgoingFlights::take_slot() {
  if (unused_ == kNone) grow();
  return std::exchange(unused_, slots_[unused_].newer);
}

void OutgoingFlights::grow() {
  const std::size_t before = slots_.size();
  // 65,535 packet ids at most: the last index, kNone, is never reached.
  slots_.resize(before == 0 ? 4 : before * 2);
  for (Slot& slot : slots_) slot.bucket = kNone;
  for (Index at = oldest_; at != kNone; at = slots_[at].newer)
    slots_[at].same_bucket = std::exchange(bucket_of(slots_[at].flight.packet_id), at);
  for (std::size_t at = slots_.size(); at-- > before;) {
    if (at == kNone) continue;
    slots_[at].newer = std::exchange(unused_, static_cast<Index>(at));
  }
}

void OutgoingFlights::release_message(Index at) {
  MessagePtr& message = slots_[at].flight.delivery.message;
  if (message) bytes_ -= message->cost();
  message = MessagePtr();
}

void OutgoingFlights::unlink(Index at) {
  Slot& slot = slots_[at];
  Index* link = &bucket_of(slot.flight.packet_id);
  while (*link != at) link = &slots_[*link].same_bucket;
  *link = slot.same_bucket;
  (slot.older == kNone ? oldest_ : slots_[slot.older].newer) = slot.newer;
  (slot.newer == kNone ? newest_ : slots_[slot.newer].older) = slot.older;
  if (pubrel_ == at) pubrel_ = slot.newer;
  if (resend_ == at) {
    resend_ = slot.newer;
    skip_sent();
  }
  if (!slot.due) --on_wire_;
  --size_;
  slot.newer = std::exchange(unused_, at);
}

std::vector<OutgoingFlights::Flight> OutgoingFlights::take_all() {
  std::vector<Flight> flights;
  flights.reserve(size_);
  for (Index at = oldest_; at != kNone; at = slots_[at].newer)
    flights.push_back(std::move(slots_[at].flight));
  slots_ = {};
  size_ = 0;
  on_wire_ = 0;
  bytes_ = 0;
  oldest_ = newest_ = unused_ = resend_ = pubrel_ = kNone;
  return flights;
}

IncomingFlights::Arrival IncomingFlights::arrived(std::uint16_t packet_id, Qos qos) {
  if (qos == Qos::at_most_once) return Arrival::fresh;
  if (counted_.insert(packet_id) && receive_maximum_ != 0 && counted_.size() > receive_maximum_)
    return Arrival::exceeded;
  if (qos == Qos::exactly_once && !qos2_.insert(packet_id)) return Arrival::duplicate;
  return Arrival::fresh;
}

void IncomingFlights::acknowledged(std::uint16_t packet_id, Qos qos) {
  counted_.erase(packet_id);
  if (qos == Qos::exactly_once) qos2_.erase(packet_id);  // [MQTT-4.3.3-9]
}

bool IncomingFlights::release(std::uint16_t packet_id) {
  counted_.erase(packet_id);
  return qos2_.erase(packet_id);  // The id means a new message now [MQTT-4.3.3-12].
}

void IncomingFlights::clear() {
  counted_.clear();
  qos2_.clear();
}

}  // namespace mqtt
