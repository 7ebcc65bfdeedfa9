#include <algorithm>
#include <cassert>
#include <utility>

#include "libmqtt/broker/broker.hpp"
#include "libmqtt/broker/mount_point.hpp"
#include "libmqtt/broker/topic_limits.hpp"
#include "libmqtt/codec/topic.hpp"

// Who wants what: the part of Broker that subscribes.

namespace mqtt::broker {

Suback Broker::subscribe(SessionKey session, const Subscribe& subscribe, TimePoint now) {
  // [MQTT-2.2.1-6, 3.8.4-2, 3.9.2-1, 3.9.2-2], in 3.1.1 [MQTT-2.3.1-7]
  Suback suback{.packet_id = subscribe.packet_id, .reason_codes = {}, .properties = {}};
  Session* state = registry_.find(session);
  assert(state != nullptr);
  const auto identifier = subscribe.properties.find(property::subscription_identifier).value_or(0);
  // One code each, in their order [MQTT-3.9.3-1], in 3.1.1 also [MQTT-3.8.4-4].
  for (const TopicRequest& request : subscribe.requests)
    suback.reason_codes.push_back(
        subscribe_one(*state, request, identifier, now));  // [MQTT-3.8.4-5, 3.8.4-6]
  return suback;
}

ReasonCode Broker::subscribe_one(Session& state, const TopicRequest& request,
                                 std::uint32_t identifier, TimePoint now) {
  const std::string_view filter = request.filter.view();
  const auto shared = split_shared(filter);
  const std::string whole = state.mount_point + std::string(shared ? shared->filter : filter);
  if (!is_valid_topic_filter(filter) || has_too_many_levels(whole) ||
      whole.size() > kLongestTopic) {
    ++statistics_.refusals.topic_filter;
    return ReasonCode::topic_filter_invalid;
  }
  if (!may_subscribe(state, whole)) {
    ++statistics_.refusals.subscribe_not_authorized;
    return ReasonCode::not_authorized;
  }
  SubscribeOptions options = request.options;
  options.qos = std::min(options.qos, state.maximum_qos);  // [MQTT-3.2.2-10]
  const Subscription subscription{
      .session = state.key, .options = options, .identifier = identifier};
  const bool is_new = add_subscription(state, filter, subscription);  // [MQTT-3.8.4-3]
  if (state.is_lasting) journal_.subscribed(state.number, filter, options, identifier);
  const RetainHandling handling = options.retain_handling;
  const bool wants_retained =
      handling == RetainHandling::send ||                   // [MQTT-3.8.4-4]
      (handling == RetainHandling::send_if_new && is_new);  // [MQTT-3.3.1-9..11]
  if (wants_retained && !shared) send_retained(state, whole, subscription, now);
  return static_cast<ReasonCode>(options.qos);  // [MQTT-3.8.4-7]
}

/// Adds it, or replaces the one to the same filter; true when it is new. `filter` is the client's,
/// without its mount point.
bool Broker::add_subscription(Session& state, std::string_view filter,
                              const Subscription& subscription) {
  SessionState::SubscriptionRecord record{subscription.options, subscription.identifier};
  bool is_new = false;
  if (const auto shared = split_shared(filter)) {
    const std::string whole = state.mount_point + std::string(shared->filter);
    is_new = tree_.add_shared(shared->share_name, whole, subscription);
    record.share_group = tree_.group_id(shared->share_name, whole);
    if (is_new) ++shared_subscriptions_;
  } else {
    is_new = tree_.add(state.mount_point + std::string(filter), subscription);
  }
  state.subscriptions.insert_or_assign(std::string(filter), record);
  return is_new;
}

void Broker::send_retained(Session& state, std::string_view filter,
                           const Subscription& subscription, TimePoint now) {
  // What was retained when the client asked is not lost to the limit that live traffic has.
  QueueLimits limits = options_.queue;
  if (limits.messages > 0) limits.messages += retained_.size();
  if (limits.bytes > 0) limits.bytes += retained_.bytes();
  PublishAnswer ignored;
  retained_.match(filter, now, [&](const MessagePtr& message) {
    const bool is_own = message->origin && message->origin->client_id == state.client_id;
    if (subscription.options.no_local && is_own) return;  // [MQTT-3.8.3-3]
    if (!origin_may_write(*message)) return;
    deliver(state,
            {.message = message,
             .subscription_identifier = subscription.identifier,
             .qos = delivered_qos(message->qos, subscription.options.qos),
             .retain = true},  // [MQTT-3.3.1-8]
            limits, ignored, now);
  });
}

bool Broker::unsubscribe_one(Session& state, std::string_view filter) {
  const auto found = state.subscriptions.find(filter);
  if (found == state.subscriptions.end()) return false;
  remove_from_tree(state, filter);  // [MQTT-3.10.4-2]
  if (state.is_lasting) journal_.unsubscribed(state.number, filter);
  state.subscriptions.erase(found);  // What is queued or in flight already goes on [MQTT-3.10.4-3].
  return true;
}

Unsuback Broker::unsubscribe(SessionKey session, const Unsubscribe& unsubscribe) {
  // [MQTT-2.2.1-6, 3.10.4-4, 3.11.2-1, 3.11.2-2], in 3.1.1 [MQTT-2.3.1-7]
  Unsuback unsuback{.packet_id = unsubscribe.packet_id, .reason_codes = {}, .properties = {}};
  Session* state = registry_.find(session);
  assert(state != nullptr);
  // One code each, in their order [MQTT-3.10.4-6, 3.11.3-1].
  for (const Bytes& filter : unsubscribe.filters)
    unsuback.reason_codes.push_back(unsubscribe_one(*state, filter.view())
                                        ? ReasonCode::success
                                        // [MQTT-3.10.4-5, 3.11.3-2]
                                        : ReasonCode::no_subscription_existed);
  return unsuback;
}

void Broker::drop_subscriptions(Session& state) {
  for (const auto& [filter, record] : state.subscriptions) remove_from_tree(state, filter);
  state.subscriptions.clear();
}

void Broker::remove_from_tree(const Session& state, std::string_view filter) {
  if (const auto shared = split_shared(filter)) {
    const std::string whole = state.mount_point + std::string(shared->filter);
    if (tree_.remove_shared(shared->share_name, whole, state.key)) --shared_subscriptions_;
  } else {
    tree_.remove(state.mount_point + std::string(filter), state.key);
  }
}

}  // namespace mqtt::broker
