#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "tests/conformance/peer.hpp"

// Whole QoS handshakes, for tests that are about something else.

namespace conformance {

/// The next packet, which must be a PUBLISH; it is not acknowledged.
wire::Received read_publish(Peer& peer);
/// The PUBLISH packets among what pending() gives, which must be the same.
std::vector<wire::Received> pending_publishes(Peer& peer);

/// Reads messages until `count` have come and every handshake, each answered as its QoS asks, has
/// ended.
std::vector<wire::Received> take(Peer& peer, std::size_t count);
std::vector<std::string> payloads(const std::vector<wire::Received>& messages);
/// "PREFIX0", "PREFIX1" ...
std::vector<std::string> numbered(std::string_view prefix, std::size_t count);

/// Publishes at the QoS of the fields, with an identifier of its own choice unless they bring one,
/// through to the end of the handshake: afterwards the broker has routed it.
void hand_over(Peer& peer, wire::PublishFields fields);
/// The packet identifiers of messages.
std::vector<unsigned> packet_ids(const std::vector<wire::Received>& messages);

/// DISCONNECT, and until the broker has closed: what is published from now on waits.
void leave(Peer& peer);
/// A client that has made one subscription and left.
void subscribe_and_leave(Level level, const wire::ConnectFields& fields, const std::string& filter,
                         unsigned options);

/// Returns once the broker's own clock has gone on by this many seconds: it has published a will
/// that was delayed by them (5.0).
void let_broker_age(unsigned seconds);

}  // namespace conformance
