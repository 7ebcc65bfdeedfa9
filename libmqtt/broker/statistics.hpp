#pragma once

#include <cstddef>
#include <cstdint>

#include "libmqtt/session/traffic.hpp"

namespace mqtt::broker {

/// What a broker has refused since the start, by reason. What connections break is in Traffic.
struct Refusals {
  // CONNECT.
  std::uint64_t protocol_version = 0;
  std::uint64_t client_id = 0;
  std::uint64_t keep_alive = 0;
  std::uint64_t authentication_method = 0;
  std::uint64_t will = 0;
  std::uint64_t too_many_clients = 0;
  // PUBLISH and wills.
  std::uint64_t publish_not_authorized = 0;
  std::uint64_t payload_too_large = 0;
  std::uint64_t topic_name = 0;
  // SUBSCRIBE, per filter.
  std::uint64_t subscribe_not_authorized = 0;
  std::uint64_t topic_filter = 0;
  // Copies for one receiver.
  std::uint64_t queue_full = 0;  ///< max_queued_messages and max_queued_bytes.
  std::uint64_t memory_per_client = 0;
  std::uint64_t read_not_authorized = 0;
};

/// What a broker has done since its start, and what it holds now.
struct BrokerStatistics {
  Traffic traffic;
  Refusals refusals;
  std::uint64_t published = 0;        ///< Messages that came in.
  std::uint64_t delivered = 0;        ///< Copies queued for receivers.
  std::uint64_t dropped = 0;          ///< Copies that a full queue refused.
  std::uint64_t connects = 0;         ///< CONNECTs accepted.
  std::uint64_t clients_expired = 0;  ///< Offline sessions whose time was over.

  std::size_t clients_connected = 0;
  std::size_t clients_disconnected = 0;  ///< Sessions that are kept.
  std::size_t clients_maximum = 0;       ///< Most connected at a time.
  std::size_t subscriptions = 0;         ///< Shared ones included.
  std::size_t shared_subscriptions = 0;
  std::size_t retained_messages = 0;
  std::size_t retained_bytes = 0;
  std::size_t queued_messages = 0;
  std::size_t queued_bytes = 0;
  std::size_t in_flight_messages = 0;
  std::size_t in_flight_bytes = 0;

  std::size_t clients_total() const { return clients_connected + clients_disconnected; }
  /// The message store: a message that waits for several clients counts for each of them, as
  /// Message::cost().
  std::size_t stored_messages() const {
    return retained_messages + queued_messages + in_flight_messages;
  }
  std::size_t stored_bytes() const { return retained_bytes + queued_bytes + in_flight_bytes; }
};

}  // namespace mqtt::broker
