#include <utility>

#include "libmqtt/broker/broker.hpp"
#include "libmqtt/broker/mount_point.hpp"
#include "libmqtt/broker/topic_limits.hpp"

// Who may do what: the part of Broker that asks the access rules. They speak of whole topics, mount
// points included.

namespace mqtt::broker {
namespace {

/// Server-side namespaces that a client may not publish into.
bool is_reserved_topic(std::string_view topic) {
  if (!topic.starts_with('$')) return false;  // nearly every one
  return topic.starts_with("$SYS/") || topic == "$SYS" || topic.starts_with("$share/");
}

}  // namespace

std::optional<ReasonCode> Broker::refusal_of_message(const Session& state, std::string_view topic,
                                                     std::size_t payload) {
  Refusals& refusals = statistics_.refusals;
  if (is_reserved_topic(topic.substr(state.mount_point.size())) || !may_write(state, topic)) {
    ++refusals.publish_not_authorized;
    return ReasonCode::not_authorized;
  }
  if (has_too_many_levels(topic) || topic.size() > kLongestTopic) {
    ++refusals.topic_name;
    return ReasonCode::topic_name_invalid;
  }
  if (options_.maximum_payload > 0 && payload > options_.maximum_payload) {
    ++refusals.payload_too_large;
    return ReasonCode::implementation_specific_error;
  }
  return std::nullopt;
}

bool Broker::may_write(const Session& state, std::string_view topic) const {
  const Access* rules = rules_of(state.access);
  return rules == nullptr || rules->allows(Action::publish, state.identity(), topic);
}

bool Broker::may_read(const Session& state, const Message& message) const {
  const Access* rules = rules_of(state.access);
  return rules == nullptr || rules->allows(Action::deliver, state.identity(), message.topic.view());
}

bool Broker::may_subscribe(const Session& state, std::string_view filter) const {
  const Access* rules = rules_of(state.access);
  return rules == nullptr || rules->allows(Action::subscribe, state.identity(), filter);
}

bool Broker::origin_may_write(const Message& message) const {
  const Publisher* origin = message.origin.get();
  if (origin == nullptr || !options_.check_retain_source) return true;
  const Access* rules = rules_of(origin->access);
  const Identity who{.username = origin->username.view(), .client_id = origin->client_id.view()};
  return rules == nullptr || rules->allows(Action::publish, who, message.topic.view());
}

void Broker::replace_access(AccessScope scope, std::shared_ptr<const Access> rules) {
  if (scope >= access_.size()) access_.resize(scope + std::size_t{1});
  access_[scope] = std::move(rules);
  registry_.for_each([&](Session& session) {
    if (session.access == scope) drop_unreadable(session, session.is_online);
  });
}

/// What waits for a client, and what would be sent to it again, as far as it may not read it (any
/// more).
void Broker::drop_unreadable(Session& state, bool is_connected) {
  if (rules_of(state.access) == nullptr) return;
  const auto is_unreadable = [&](const Delivery& delivery) {
    return delivery.message && !may_read(state, *delivery.message);
  };
  const auto unreadable = state.queue.take_if(is_unreadable);
  for (const Delivery& delivery : unreadable) state.dequeued(delivery);
  std::size_t dropped = unreadable.size();
  std::vector<OutgoingFlights::Flight> unwanted;
  state.outgoing.for_each([&](const OutgoingFlights::Flight& flight) {
    if (is_unreadable(flight.delivery)) unwanted.push_back(flight);
  });
  for (const OutgoingFlights::Flight& flight : unwanted)
    if (forget(state, flight, is_connected)) ++dropped;
  statistics_.refusals.read_not_authorized += dropped;
  if (dropped > 0) relieve(state);
}

/// Its message is not sent again. A client that may have got it at QoS 2 remembers the packet id,
/// which would swallow a new message: it is told to let go of it. At QoS 1 a connected client's
/// PUBACK is on its way; should the connection end before, arrive() looks again.
bool Broker::forget(Session& state, const OutgoingFlights::Flight& flight, bool is_connected) {
  if (flight.delivery.qos == Qos::exactly_once) {
    state.received(flight);
    return state.outgoing.pubrec(flight.packet_id);
  }
  if (is_connected) return false;
  state.outgoing.finish(flight.packet_id, PacketType::puback);
  state.packet_ids.release(flight.packet_id);
  state.dequeued(flight.delivery);
  return true;
}

}  // namespace mqtt::broker
