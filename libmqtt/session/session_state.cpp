#include "libmqtt/session/session_state.hpp"

#include "libmqtt/session/journal.hpp"

namespace mqtt {

void SessionState::sent(std::uint64_t position, std::uint16_t packet_id) const {
  if (is_lasting()) journal->sent(number, position, packet_id);
}

void SessionState::received(const OutgoingFlights::Flight& flight) const {
  const bool is_first = flight.stage == OutgoingFlights::Stage::publish_sent &&
                        flight.delivery.qos == Qos::exactly_once;
  if (is_lasting() && is_first)
    journal->received(number, flight.tag, flight.packet_id, flight.delivery.message);
}

void SessionState::dequeued(std::uint64_t position, const MessagePtr& message) const {
  if (is_lasting()) journal->dequeued(number, position, message);
}

void SessionState::arrived(std::uint16_t packet_id) const {
  if (is_lasting()) journal->arrived(number, packet_id);
}

void SessionState::released(std::uint16_t packet_id) const {
  if (is_lasting()) journal->released(number, packet_id);
}

}  // namespace mqtt
