#include "libmqtt/session/session_state.hpp"

#include "libmqtt/session/journal.hpp"

namespace mqtt {

void SessionState::sent(const Delivery& delivery, std::uint16_t packet_id) const {
  if (is_lasting) journal->sent(number, delivery.position, packet_id);
}

void SessionState::received(const OutgoingFlights::Flight& flight) const {
  const bool is_first = flight.stage == OutgoingFlights::Stage::publish_sent &&
                        flight.delivery.qos == Qos::exactly_once;
  if (is_lasting && is_first)
    journal->received(number, flight.delivery.position, flight.packet_id, flight.delivery.message);
}

void SessionState::dequeued(const Delivery& delivery) const {
  if (is_lasting && delivery.qos != Qos::at_most_once)
    journal->dequeued(number, delivery.position, delivery.message);
}

void SessionState::arrived(std::uint16_t packet_id) const {
  if (is_lasting) journal->arrived(number, packet_id);
}

void SessionState::released(std::uint16_t packet_id) const {
  if (is_lasting) journal->released(number, packet_id);
}

}  // namespace mqtt
