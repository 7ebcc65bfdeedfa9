#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "libmqtt/session/inflight.hpp"
#include "libmqtt/session/message_queue.hpp"

namespace mqtt {

/// What happens to the state that a broker keeps beyond its own life: the vocabulary between broker
/// and store. Changes are made in order and committed in batches; the same kinds, replayed in
/// order, make the state again. Sessions, messages and places in queues have numbers of their own,
/// rising from 1 and never used again; 0 is none.
namespace change {

/// Everything of a session but its lists. Times are of the monotonic clock; a store turns them into
/// wall-clock times and back.
struct SessionRecord {
  Bytes client_id;
  Version version = Version::v5_0;
  std::uint32_t expiry_interval = 0;  ///< Seconds; counts from the connection's end.
  bool is_online = false;             ///< Then its connection ends with the broker.
  TimePoint expires_at = kNever;      ///< While offline.
  std::optional<Will> will;
  TimePoint will_due = kNever;
  std::string username;  ///< For access rules; empty: anonymous.
  std::string mount_point;
  std::uint16_t access_scope = 0;
};
/// A session is new, or its record has changed.
struct SessionKept {
  std::uint64_t session = 0;
  std::shared_ptr<const SessionRecord> record;
};
/// With everything that hangs on it; where it had a backlog, with the bodies that only its queue
/// referred to.
struct SessionEnded {
  std::uint64_t session = 0;
  bool has_backlog = false;
};
/// A subscription is made, or replaced.
struct Subscribed {
  std::uint64_t session = 0;
  Bytes filter;
  SubscribeOptions options;
  std::uint32_t identifier = 0;
};
struct Unsubscribed {
  std::uint64_t session = 0;
  Bytes filter;
};

/// The body of a message that queues or the retained messages refer to by its number; it comes
/// before the first of them.
struct MessageKept {
  std::uint64_t message = 0;
  MessagePtr body;
};
/// Nothing refers to it any more.
struct MessageDropped {
  std::uint64_t message = 0;
};
/// Nothing that the broker holds refers to it any more; a backlog in the store may.
struct MessageLetGo {
  std::uint64_t message = 0;
};

/// A message waits for a session. Positions give the order within a session.
struct Queued {
  std::uint64_t session = 0;
  std::uint64_t position = 0;
  std::uint64_t message = 0;
  std::uint32_t subscription_identifier = 0;
  Qos qos = Qos::at_least_once;
  bool retain = false;
  Bytes share;  ///< "$share/NAME/FILTER" when it came by a shared subscription.
  std::shared_ptr<const std::vector<std::uint32_t>> further_identifiers;
};
/// It is on its way under this packet identifier; at the second stage its body is needed no more.
struct Sent {
  std::uint64_t session = 0;
  std::uint64_t position = 0;
  std::uint16_t packet_id = 0;
  OutgoingFlights::Stage stage = OutgoingFlights::Stage::publish_sent;
};
/// It is done with: acknowledged, expired, or gone to somebody else.
struct Dequeued {
  std::uint64_t session = 0;
  std::uint64_t position = 0;
};

/// Only out of a store, behind what it gives of the session's queue: these further messages wait in
/// it, behind the position `after`, up to `last`; `last_message` is the highest number in use.
struct BacklogLeft {
  std::uint64_t session = 0;
  MessageQueue::Backlog backlog;
  std::uint64_t last_message = 0;
};

/// A QoS 2 message was taken from the client under this packet identifier ...
struct Arrived {
  std::uint64_t session = 0;
  std::uint16_t packet_id = 0;
};
/// ... and its PUBREL has come.
struct Released {
  std::uint64_t session = 0;
  std::uint16_t packet_id = 0;
};

/// The message is the retained one of its topic from now on.
struct RetainedSet {
  std::uint64_t message = 0;
};
struct RetainedErased {
  Bytes topic;
};

}  // namespace change

using Change = std::variant<change::SessionKept, change::SessionEnded, change::Subscribed,
                            change::Unsubscribed, change::MessageKept, change::MessageDropped,
                            change::MessageLetGo, change::Queued, change::Sent, change::Dequeued,
                            change::BacklogLeft, change::Arrived, change::Released,
                            change::RetainedSet, change::RetainedErased>;

}  // namespace mqtt
