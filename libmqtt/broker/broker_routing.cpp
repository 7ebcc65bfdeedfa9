#include <algorithm>
#include <cassert>
#include <utility>

#include "libmqtt/broker/broker.hpp"
#include "libmqtt/broker/topic_limits.hpp"

// Where a message goes: the half of Broker that routes.

namespace mqtt::broker {
namespace {

/// Server-side namespaces that a client may not publish into.
bool is_reserved_topic(std::string_view topic) {
  return topic.starts_with("$SYS/") || topic == "$SYS" || topic.starts_with("$share/");
}

/// The properties that travel with the message; the rest belongs to this hop.
Properties forwarded(const Properties& properties) {
  bool all = true;
  PropertiesBuilder kept;
  properties.for_each([&](const PropertyView& view) {
    switch (view.id) {
      case PropertyId::payload_format_indicator:  // [MQTT-3.3.2-4]
      case PropertyId::content_type:              // [MQTT-3.3.2-20]
      case PropertyId::response_topic:            // [MQTT-3.3.2-15]
      case PropertyId::correlation_data:          // [MQTT-3.3.2-16]
      case PropertyId::user_property:             // [MQTT-3.3.2-17, 3.3.2-18, 3.1.3-10]
        kept.add(view);
        break;
      default:
        all = false;
    }
  });
  return all ? properties : kept.build();
}

TimePoint expiry_of(const Properties& properties, TimePoint now) {
  if (properties.empty()) return kNever;
  const auto interval = properties.find(property::message_expiry_interval);
  return interval ? now + Seconds(*interval) : kNever;
}

}  // namespace

PublishAnswer Broker::publish(SessionKey from, Publish&& publish, TimePoint now) {
  ++statistics_.published;
  // 3.1.1 knows no refusal: the client gets a normal acknowledgement [MQTT-3.3.5-2].
  if (is_reserved_topic(publish.topic.view())) return {ReasonCode::not_authorized, false};
  if (has_too_many_levels(publish.topic.view())) return {ReasonCode::topic_name_invalid, false};
  Message message{.topic = std::move(publish.topic),
                  .payload = std::move(publish.payload),
                  .properties = {},
                  .expires = expiry_of(publish.properties, now),
                  .publisher = from,
                  .qos = publish.qos,
                  .retain = publish.retain};
  if (!publish.properties.empty()) message.properties = forwarded(publish.properties);
  return accept_message(std::move(message), now);
}

void Broker::publish_will(Session& state, TimePoint now) {
  Will will = *std::exchange(state.will, std::nullopt);  // [MQTT-3.1.2-10]
  state.will_due = kNever;
  if (is_reserved_topic(will.topic.view())) return;
  // Retained as it asked for [MQTT-3.1.2-14, 3.1.2-15], in 3.1.1 [MQTT-3.1.2-16, 3.1.2-17].
  accept_message({.topic = std::move(will.topic),
                  .payload = std::move(will.payload),
                  .properties = forwarded(will.properties),
                  .expires = expiry_of(will.properties, now),
                  .publisher = state.key,
                  .qos = will.qos,
                  // [MQTT-3.1.2-14, 3.1.2-15], in 3.1.1 [MQTT-3.1.2-16, 3.1.2-17]
                  .retain = will.retain},
                 now);
}

void Broker::publish_from_server(std::string_view topic, std::string_view payload, bool retain,
                                 TimePoint now) {
  accept_message({.topic = Bytes::copy(topic),
                  .payload = Bytes::copy(payload),
                  .properties = {},
                  .publisher = {},
                  .retain = retain},
                 now);
}

PublishAnswer Broker::accept_message(Message made, TimePoint now) {
  if (const Session* publisher = registry_.find(made.publisher); made.retain && publisher)
    made.publisher_id = publisher->client_id;
  const MessagePtr message = MessagePtr::make(std::move(made));
  if (message->retain) {
    if (message->payload.empty())
      retained_.erase(message->topic.view());  // [MQTT-3.3.1-6, 3.3.1-7]
    else
      retained_.set(message);  // [MQTT-3.3.1-5]
  }
  PublishAnswer answer{ReasonCode::no_matching_subscribers, false};
  const MatchList& list = tree_.match(message->topic.view());  // [MQTT-3.3.2-3, 4.5.0-1]
  if (options_.overlap == Overlap::single && list.matches.size() > 1)
    deliver_merged(list.matches, message, answer, now);
  else
    for (const Match& match : list.matches) deliver_match(match, message, answer, now);
  for (SharedGroup* group : list.groups) deliver_shared(*group, {}, message, answer, now);
  return answer;
}

void Broker::deliver_match(const Match& match, const MessagePtr& message, PublishAnswer& answer,
                           TimePoint now) {
  const bool is_own = match.session == message->publisher;
  if (is_own && !match.takes_own) return;  // [MQTT-3.8.3-3]
  Session* state = registry_.find(match.session);
  assert(state != nullptr);  // a session's end removes its subscriptions
  deliver(*state,
          {.message = message,
           .subscription_identifier = match.identifier,                        // [MQTT-3.3.4-5]
           .qos = std::min(message->qos, is_own ? match.own_qos : match.qos),  // [MQTT-3.8.4-8]
           .retain = message->retain && match.retain_as_published},  // [MQTT-3.3.1-12, 3.3.1-13]
          options_.queue, answer, now);
}

/// One copy a session, at the highest QoS, with the identifiers of all its matching subscriptions
/// (5.0 §3.3.4).
void Broker::deliver_merged(std::vector<Match> matches, const MessagePtr& message,
                            PublishAnswer& answer, TimePoint now) {
  std::ranges::stable_sort(matches, {}, [](const Match& match) { return match.session.index; });
  for (std::size_t i = 0; i < matches.size();) {
    Match merged{.session = matches[i].session};
    const bool is_own = merged.session == message->publisher;
    std::vector<std::uint32_t> identifiers;
    for (; i < matches.size() && matches[i].session == merged.session; ++i) {
      if (is_own && !matches[i].takes_own) continue;
      merged.takes_own = true;
      merged.qos = std::max(merged.qos, is_own ? matches[i].own_qos : matches[i].qos);
      merged.retain_as_published |= matches[i].retain_as_published;
      if (matches[i].identifier != 0) identifiers.push_back(matches[i].identifier);
    }
    if (!merged.takes_own) continue;
    Delivery delivery{.message = message,
                      .qos = std::min(message->qos, merged.qos),
                      .retain = message->retain && merged.retain_as_published};
    if (!identifiers.empty()) {
      delivery.subscription_identifier = identifiers.back();
      identifiers.pop_back();
    }
    if (!identifiers.empty())
      delivery.further_identifiers =
          std::make_shared<const std::vector<std::uint32_t>>(std::move(identifiers));
    deliver(*registry_.find(merged.session), std::move(delivery), options_.queue, answer, now);
  }
}

/// To a connected member in turn, else to any; never to `leaving`, who passes it on.
void Broker::deliver_shared(SharedGroup& group, SessionKey leaving, const MessagePtr& message,
                            PublishAnswer& answer, TimePoint now) {
  const SharedGroup::Member* member = group.pick([&](const SharedGroup::Member& candidate) {
    return candidate.session != leaving && registry_.find(candidate.session)->is_online;
  });
  if (member == nullptr)
    member = group.pick([&](const SharedGroup::Member& each) { return each.session != leaving; });
  if (member == nullptr) return;
  deliver(*registry_.find(member->session),
          {.message = message,
           .subscription_identifier = member->identifier,
           .qos = std::min(message->qos, member->options.qos),  // [MQTT-4.8.2-3]
           .retain = message->retain && member->options.retain_as_published,
           .share_group = group.id()},
          options_.queue, answer, now);
}

/// The group that a delivery came by, if somebody else in it can take the message over.
SharedGroup* Broker::group_to_take(const Delivery& delivery, SessionKey leaving,
                                   bool session_ends) {
  if (delivery.share_group == 0) return nullptr;
  for (SharedGroup* group : tree_.match(delivery.message->topic.view()).groups) {
    if (group->id() != delivery.share_group) continue;
    const bool found =
        std::ranges::any_of(group->members(), [&](const SharedGroup::Member& member) {
          return member.session != leaving &&
                 (session_ends || registry_.find(member.session)->is_online);
        });
    return found ? group : nullptr;
  }
  return nullptr;
}

/// A leaving member's shared messages go to others of the group: what still waits, and QoS 1 that
/// it has not acknowledged. A QoS 2 flow never moves [MQTT-4.8.2-4, 4.8.2-5].
void Broker::pass_on_shared(Session& leaving, bool session_ends, TimePoint now) {
  const auto can_go = [&](const Delivery& delivery) {
    return group_to_take(delivery, leaving.key, session_ends) != nullptr;
  };
  std::vector<std::uint16_t> packet_ids;
  leaving.outgoing.for_each([&](const OutgoingFlights::Flight& flight) {
    if (flight.delivery.qos == Qos::at_least_once && can_go(flight.delivery))
      packet_ids.push_back(flight.packet_id);
  });
  std::vector<Delivery> moved;
  for (const std::uint16_t packet_id : packet_ids) {
    moved.push_back(std::move(leaving.outgoing.finish(packet_id, PacketType::puback)->delivery));
    leaving.packet_ids.release(packet_id);
  }
  if (!leaving.queue.empty())
    for (Delivery& delivery : leaving.queue.take_if(can_go)) moved.push_back(std::move(delivery));
  PublishAnswer ignored;
  for (const Delivery& delivery : moved)
    deliver_shared(*group_to_take(delivery, leaving.key, session_ends), leaving.key,
                   delivery.message, ignored, now);
}

void Broker::deliver(Session& state, Delivery delivery, const QueueLimits& limits,
                     PublishAnswer& answer, TimePoint now) {
  answer.reason_code = ReasonCode::success;
  if (!state.is_online && delivery.qos == Qos::at_most_once) return;
  if (!state.queue.push(std::move(delivery), limits)) {
    ++state.dropped;
    ++statistics_.dropped;
    if (!std::exchange(state.drop_told, true)) overflowed_.push_back(state.key);
    return;
  }
  ++statistics_.delivered;
  if (state.is_online && !std::exchange(state.wake_pending, true))
    effects_.push_back(effect::Wake{state.key});
  if (should_wait_for(state, now)) answer.is_congested = true;
}

bool Broker::should_wait_for(Session& state, TimePoint now) {
  if (!state.queue.is_above_high_mark(options_.queue)) return false;
  if (!state.is_congested) {
    state.is_congested = true;
    state.patience_is_over = false;
    state.patience_until = state.is_online ? now + options_.patience_online
                                           : state.lost_at + options_.patience_offline;
    schedule(state);
  }
  return now < state.patience_until;
}

void Broker::drained(SessionKey session, TimePoint) {
  Session* state = registry_.find(session);
  if (state == nullptr) return;
  state->wake_pending = false;
  if (!state->is_congested || !state->queue.is_below_low_mark(options_.queue)) return;
  state->is_congested = false;
  state->drop_told = false;
  effects_.push_back(effect::ResumePublishers{});
}

}  // namespace mqtt::broker
