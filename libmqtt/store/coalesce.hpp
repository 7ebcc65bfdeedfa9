#pragma once

#include <span>
#include <vector>

#include "libmqtt/session/change.hpp"

namespace mqtt::store {

/// One thing to be written.
struct Step {
  const Change* change = nullptr;
  /// With a Queued: it is on its way already, as this says. Takes the place of a step of its own.
  const change::Sent* sent = nullptr;
};

/// What is left to be written of a batch once everything in it is left out that it takes back or
/// replaces itself: a message that came and went, a record written twice, all that a session did
/// before it ended. In the order of the batch, but MessageLetGo at last. Points into `changes`.
///
/// Relies on what change.hpp says: numbers are never used again, and nothing refers to a message
/// that is dropped, or to a session that has ended.
std::vector<Step> coalesce(std::span<const Change> changes);

}  // namespace mqtt::store
