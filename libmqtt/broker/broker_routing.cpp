#include <algorithm>
#include <cassert>
#include <utility>

#include "libmqtt/broker/broker.hpp"
#include "libmqtt/broker/mount_point.hpp"
#include "libmqtt/codec/topic.hpp"

// Where a message goes: the half of Broker that routes.

namespace mqtt::broker {
namespace {

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

/// A client under a mount point takes what lies below it for the whole: its wildcards at the first
/// level leave `$` topics alone [MQTT-4.7.2-1], which the tree can't know.
bool is_hidden_by_mount(const Session& state, std::string_view topic) {
  const std::string_view seen = topic.substr(state.mount_point.size());
  return seen.starts_with('$') &&
         std::ranges::none_of(state.subscriptions, [&](const auto& subscription) {
           const auto shared = split_shared(subscription.first);
           return matches(shared ? shared->filter : subscription.first, seen);
         });
}

}  // namespace

PublishAnswer Broker::publish(SessionKey from, Publish&& publish, TimePoint now) {
  ++statistics_.published;
  const Session* state = registry_.find(from);
  assert(state != nullptr);
  Bytes topic = mounted(state->mount_point, std::move(publish.topic));
  // 3.1.1 knows no refusal: the client gets a normal acknowledgement [MQTT-3.3.5-2].
  if (const auto refusal = refusal_of_message(*state, topic.view(), publish.payload.size()))
    return {*refusal, false};
  Message message{.topic = std::move(topic),
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
  Will will = std::move(*std::exchange(state.will, nullptr));  // [MQTT-3.1.2-10]
  state.will_due = kNever;
  Bytes topic = mounted(state.mount_point, std::move(will.topic));
  if (refusal_of_message(state, topic.view(), will.payload.size())) return;
  // Retained as it asked for [MQTT-3.1.2-14, 3.1.2-15], in 3.1.1 [MQTT-3.1.2-16, 3.1.2-17].
  accept_message({.topic = std::move(topic),
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
  if (made.retain) made.origin = origin_of(made.publisher);
  const MessagePtr message = MessagePtr::make(std::move(made));
  if (message->retain) retain(message);
  PublishAnswer answer{ReasonCode::no_matching_subscribers, false};
  const MatchList& list = tree_.match(message->topic.view());  // [MQTT-3.3.2-3, 4.5.0-1]
  if (options_.overlap == Overlap::single && list.matches.size() > 1)
    deliver_merged(list.matches, message, answer, now);
  else
    for (const Match& match : list.matches) deliver_match(match, message, answer, now);
  for (SharedGroup* group : list.groups) deliver_shared(*group, {}, message, answer, now);
  return answer;
}

/// The message is its topic's retained one, or, with an empty payload, its topic has none any more.
void Broker::retain(const MessagePtr& message) {
  if (message->payload.empty()) {
    // [MQTT-3.3.1-6, 3.3.1-7]
    if (const MessagePtr gone = retained_.erase(message->topic.view())) retained_erased(gone);
    return;
  }
  const MessagePtr previous = retained_.set(message);  // [MQTT-3.3.1-5]
  if (lasts_retained(*message)) journal_.retained_set(message, previous);
}

std::shared_ptr<const Publisher> Broker::origin_of(SessionKey publisher) {
  Session* state = registry_.find(publisher);
  if (state == nullptr) return nullptr;
  if (!state->as_publisher)
    state->as_publisher = std::make_shared<const Publisher>(
        Publisher{state->client_id, Bytes::copy(state->username), state->access});
  return state->as_publisher;
}

void Broker::deliver_match(const Match& match, const MessagePtr& message, PublishAnswer& answer,
                           TimePoint now) {
  const bool is_own = match.session == message->publisher;
  if (is_own && !match.takes_own) return;  // [MQTT-3.8.3-3]
  Session* state = registry_.find(match.session);
  assert(state != nullptr);  // a session's end removes its subscriptions
  deliver(*state,
          {.message = message,
           .subscription_identifier = match.identifier,  // [MQTT-3.3.4-5]
           .qos = delivered_qos(message->qos, is_own ? match.own_qos : match.qos),
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
                      .qos = delivered_qos(message->qos, merged.qos),
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

/// To a connected member in turn, else to any, as far as they may read it; never to `leaving`, who
/// passes it on.
void Broker::deliver_shared(SharedGroup& group, SessionKey leaving, const MessagePtr& message,
                            PublishAnswer& answer, TimePoint now) {
  const auto can_take = [&](const SharedGroup::Member& candidate) {
    return candidate.session != leaving && may_read(*registry_.find(candidate.session), *message);
  };
  const SharedGroup::Member* member = group.pick([&](const SharedGroup::Member& candidate) {
    return can_take(candidate) && registry_.find(candidate.session)->is_online;
  });
  if (member == nullptr) member = group.pick(can_take);
  if (member == nullptr) return;
  deliver(*registry_.find(member->session),
          {.message = message,
           .subscription_identifier = member->identifier,
           .qos = delivered_qos(message->qos, member->options.qos),  // [MQTT-4.8.2-3]
           .retain = message->retain && member->options.retain_as_published,
           .share_group = group.id()},
          options_.queue, answer, now);
}

/// The group that a delivery came by, if somebody else in it can take the message over.
SharedGroup* Broker::group_to_take(const Delivery& delivery, SessionKey leaving,
                                   bool session_ends) {
  if (delivery.share_group == 0 || !delivery.message) return nullptr;
  for (SharedGroup* group : tree_.match(delivery.message->topic.view()).groups) {
    if (group->id() != delivery.share_group) continue;
    const bool found =
        std::ranges::any_of(group->members(), [&](const SharedGroup::Member& member) {
          const Session& state = *registry_.find(member.session);
          return member.session != leaving && (session_ends || state.is_online) &&
                 may_read(state, *delivery.message);
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
  for (const Delivery& delivery : moved) {
    deliver_shared(*group_to_take(delivery, leaving.key, session_ends), leaving.key,
                   delivery.message, ignored, now);
    leaving.dequeued(delivery);
  }
}

void Broker::deliver(Session& state, Delivery delivery, const QueueLimits& limits,
                     PublishAnswer& answer, TimePoint now) {
  if (!may_read(state, *delivery.message)) {
    ++statistics_.refusals.read_not_authorized;
    return;
  }
  if (!state.mount_point.empty() && is_hidden_by_mount(state, delivery.message->topic.view()))
    return;
  answer.reason_code = ReasonCode::success;
  if (!state.is_online && delivery.qos == Qos::at_most_once && !options_.queue_qos0_messages)
    return;
  if (!enqueue(state, std::move(delivery), limits)) return;
  ++statistics_.delivered;
  if (state.is_online && !std::exchange(state.wake_pending, true))
    effects_.push_back(effect::Wake{state.key});
  if (should_wait_for(state, now)) answer.is_congested = true;
}

bool Broker::enqueue(Session& state, Delivery delivery, const QueueLimits& limits) {
  const std::size_t memory = options_.memory_per_client / 2;  // the rest is for what it sends
  const std::size_t held = state.queue.bytes() + state.outgoing.bytes();
  Refusals& refusals = statistics_.refusals;
  const bool lasts = state.is_lasting && delivery.qos != Qos::at_most_once;
  if (memory > 0 && held + delivery.message->cost() > memory) {
    ++refusals.memory_per_client;
  } else if (!state.queue.push(std::move(delivery), limits)) {
    ++refusals.queue_full;
  } else {
    if (lasts) {
      journal_.queued(state.number, state.queue.back(), share_of(state, state.queue.back()));
      put_aside_pushed(state);
    }
    return true;
  }
  ++state.dropped;
  ++statistics_.dropped;
  if (!std::exchange(state.drop_told, true)) overflowed_.push_back(state.key);
  return false;
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
  fetch_backlog(*state);
  relieve(*state);
}

/// Its queue has become shorter: when it is short enough, nobody has to wait for it any more.
void Broker::relieve(Session& state) {
  if (!state.is_congested || !state.queue.is_below_low_mark(options_.queue)) return;
  state.is_congested = false;
  state.drop_told = false;
  effects_.push_back(effect::ResumePublishers{});
}

}  // namespace mqtt::broker
