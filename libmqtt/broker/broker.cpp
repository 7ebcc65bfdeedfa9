#include "libmqtt/broker/broker.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

#include "libmqtt/broker/admission.hpp"
#include "libmqtt/broker/mount_point.hpp"

namespace mqtt::broker {
namespace {

TimePoint after(TimePoint start, std::uint32_t seconds) { return start + Seconds(seconds); }

}  // namespace

Broker::Broker(BrokerOptions options)
    : options_(std::move(options)),
      tree_(options_.seed),
      retained_(options_.seed, [this](const MessagePtr& gone) { retained_erased(gone); }),
      random_(options_.seed) {
  options_.queue.counts_qos0 |= options_.queue_qos0_messages;
}

// Connections.

ConnectAnswer Broker::connect(const Connect& connect, const ClientContext& context, TimePoint now) {
  tick(now);  // what is overdue has happened before the client came back
  const auto& prefix = context.listener != nullptr && context.listener->auto_id_prefix
                           ? *context.listener->auto_id_prefix
                           : options_.auto_id_prefix;
  // [MQTT-3.1.3-6]
  const std::string made_up = connect.client_id.empty() ? make_client_id(prefix) : std::string();
  const std::string_view client_id = made_up.empty() ? connect.client_id.view() : made_up;
  if (const auto refusal = refusal_of(connect, client_id, context, options_))
    return refuse(*refusal);
  const bool is_full = options_.maximum_clients > 0 && registry_.size() >= options_.maximum_clients;
  if (is_full && registry_.find(client_id) == nullptr)
    return refuse({ReasonCode::quota_exceeded, &Refusals::too_many_clients});

  auto [state, was_present] = arrive(connect, client_id, context, now);
  state.version = connect.version;
  state.maximum_qos = limits_of(context.listener).maximum_qos;
  state.expiry_interval = expiry_interval_of(connect, options_);
  // [MQTT-3.1.2-7]
  state.will = connect.will ? std::make_unique<Will>(*connect.will) : nullptr;
  state.will_due = kNever;    // a return in time cancels a delayed will [MQTT-3.1.3-9]
  state.expires_at = kNever;  // Never while connected [MQTT-4.1.0-1], in 3.1.1 [MQTT-4.1.0-2].
  state.is_online = true;
  state.wake_pending = false;
  keep(state);
  schedule(state);
  ++statistics_.connects;
  statistics_.clients_maximum = std::max(statistics_.clients_maximum, ++online_);
  return {Connack{.session_present = was_present,  // [MQTT-3.2.2-2, 3.2.2-3]
                                                   // [MQTT-3.1.4-5], in 3.1.1 [MQTT-3.1.4-4]
                  .reason_code = ReasonCode::success,
                  .properties = announcement_for(connect, client_id, context, options_)},
          &state};
}

ConnectAnswer Broker::refuse(const Refusal& refusal) {
  ++(statistics_.refusals.*refusal.counter);
  // [MQTT-3.1.4-2, 3.2.2-6], in 3.1.1 [MQTT-3.2.2-4]
  return {Connack{false, refusal.reason_code, {}}, nullptr};
}

Broker::Arrival Broker::arrive(const Connect& connect, std::string_view client_id,
                               const ClientContext& context, TimePoint now) {
  const std::string mount_point = completed_mount_point(
      context.listener != nullptr ? std::string_view(context.listener->mount_point) : "");
  bool stays = false;
  Session* found = registry_.find(client_id);  // [MQTT-3.1.3-2]
  if (found != nullptr) {                      // [MQTT-3.1.4-4], in 3.1.1 [MQTT-3.1.4-3]
    const bool is_wanted = !connect.clean_start && found->mount_point == mount_point;
    stays = take_over(*found, is_wanted, now);
  }
  Session& state = found != nullptr ? *found : registry_.create(client_id);  // [MQTT-3.1.2-6]
  const bool is_somebody_else =
      state.username != context.username || state.access != context.access;
  state.username = context.username;
  state.access = context.access;
  state.mount_point = mount_point;
  state.topic_prefix = static_cast<std::uint16_t>(mount_point.size());
  if (is_somebody_else) state.as_publisher.reset();
  if (stays) drop_unreadable(state, false);
  return {state, stays};
}

/// The client comes back, perhaps while its old connection still stands [MQTT-3.1.4-3], in 3.1.1
/// [MQTT-3.1.4-2]. A session that ends with its connection does so now, whatever the new one
/// `wanted`: its state is not used again, in 3.1.1 [MQTT-3.1.2-6].
bool Broker::take_over(Session& state, bool wanted, TimePoint now) {
  const bool stays = wanted && state.expiry_interval > 0;
  if (state.is_online) {
    // [MQTT-3.1.4-3], in 3.1.1 [MQTT-3.1.4-2]
    effects_.push_back(effect::Disconnect{state.key, ReasonCode::session_taken_over});
    --online_;
  }
  const bool delayed =
      state.will && state.will->properties.find(property::will_delay_interval).value_or(0) > 0;
  const bool will_ends = !stays || (state.is_online && !delayed);
  if (state.will && will_ends) publish_will(state, now);
  if (stays) {  // [MQTT-3.1.2-5]
    if (state.is_congested && now < state.patience_until) {
      state.patience_until = now + options_.patience_online;
    }
    return true;
  }
  drop_subscriptions(state);         // [MQTT-3.1.2-4]
  pass_on_shared(state, true, now);  // 5.0 §4.8.2: the session ends here as well
  if (state.is_congested) effects_.push_back(effect::ResumePublishers{});
  forget(state);
  const TimePoint timer = state.timer;
  state.start_anew();
  state.timer = timer;
  return false;
}

/// The prefix and a random UUID (RFC 9562 §5.4): nobody else's [MQTT-3.1.3-6, 3.2.2-16].
std::string Broker::make_client_id(std::string_view prefix) {
  std::array<std::uint64_t, 2> words{};
  for (std::uint64_t& word : words) {  // SplitMix64
    random_ += 0x9E37'79B9'7F4A'7C15U;
    word = random_;
    word = (word ^ (word >> 30U)) * 0xBF58'476D'1CE4'E5B9U;
    word = (word ^ (word >> 27U)) * 0x94D0'49BB'1331'11EBU;
    word ^= word >> 31U;
  }
  words[0] = (words[0] & 0xFFFF'FFFF'FFFF'0FFFU) | 0x4000U;                 // version 4
  words[1] = (words[1] & 0x3FFF'FFFF'FFFF'FFFFU) | 0x8000'0000'0000'0000U;  // variant
  std::string id(prefix);
  for (unsigned digit = 0; digit < 32; ++digit) {
    if (digit == 8 || digit == 12 || digit == 16 || digit == 20) id += '-';
    id += "0123456789abcdef"[(words[digit / 16] >> (60U - 4U * (digit % 16U))) & 0xFU];
  }
  return id;
}

void Broker::disconnected(SessionKey session, const std::optional<Disconnect>& by_client,
                          TimePoint now) {
  Session* state = registry_.find(session);
  if (state == nullptr) return;
  if (std::exchange(state->is_online, false)) --online_;
  state->wake_pending = false;
  if (by_client) {
    // [MQTT-3.1.2-10, 3.14.4-3]
    if (by_client->reason_code == ReasonCode::success) state->will.reset();
    if (const auto expiry = by_client->properties.find(property::session_expiry_interval))
      state->expiry_interval = allowed_expiry(*expiry, options_);
  } else {
    state->lost_at = now;
    if (state->is_congested && now < state->patience_until) {
      state->patience_until = now + options_.patience_offline;
    }
  }
  pass_on_shared(*state, false, now);
  if (state->expiry_interval == 0) return end_session(*state, now);  // [MQTT-3.1.2-6 of 3.1.1]
  if (state->expiry_interval != SessionState::kNoExpiry) {
    state->expires_at = after(now, state->expiry_interval);  // [MQTT-3.1.2-23]
  }
  if (state->will) {
    const auto delay = state->will->properties.find(property::will_delay_interval).value_or(0);
    state->will_due = after(now, delay);
    if (delay == 0) publish_will(*state, now);  // [MQTT-3.1.2-8]
  }
  keep(*state);
  put_aside_tail(*state);
  schedule(*state);
}

void Broker::end_session(Session& state, TimePoint now) {
  drop_subscriptions(state);
  // 5.0 §4.8.2: the session ends before its QoS 1 was acknowledged.
  pass_on_shared(state, true, now);
  if (state.will) publish_will(state, now);
  if (state.is_congested) effects_.push_back(effect::ResumePublishers{});
  forget(state);
  cancel_timer(state);
  registry_.erase(state);
}

// Time and effects.

void Broker::cancel_timer(Session& state) {
  const auto [begin, end] = timers_.equal_range(state.timer);
  const auto found =
      std::find_if(begin, end, [&](const auto& entry) { return entry.second == state.key; });
  if (found != end) timers_.erase(found);
  state.timer = kNever;
}

void Broker::schedule(Session& state) {
  TimePoint next = std::min(state.will_due, state.is_online ? kNever : state.expires_at);
  if (state.is_congested && !state.patience_is_over) next = std::min(next, state.patience_until);
  if (next == state.timer) return;
  cancel_timer(state);
  state.timer = next;
  if (next != kNever) timers_.emplace(next, state.key);
}

void Broker::tick(TimePoint now) {
  while (!timers_.empty() && timers_.begin()->first <= now) {
    Session& state = *registry_.find(timers_.begin()->second);
    cancel_timer(state);
    if (state.is_congested && state.patience_until <= now &&
        !std::exchange(state.patience_is_over, true))
      effects_.push_back(effect::ResumePublishers{});
    if (state.will && state.will_due <= now) {
      publish_will(state, now);
      keep(state);
    }
    if (!state.is_online && state.expires_at <= now) {  // [MQTT-4.1.0-2]
      ++statistics_.clients_expired;
      end_session(state, now);
    } else {
      schedule(state);
    }
  }
  drop_expired_retained(now);
}

void Broker::drop_expired_retained(TimePoint now) {
  constexpr std::size_t kAtOnce = 1'000;
  if (now < retained_due_ || now < retained_.next_expiry()) return;
  const bool is_done = retained_.expire(now, kAtOnce);
  if (is_done) retained_due_ = now + std::max(options_.retain_expiry_interval, Seconds(1));
}

std::optional<TimePoint> Broker::deadline() const {
  TimePoint next = std::max(retained_.next_expiry(), retained_due_);
  if (!timers_.empty()) next = std::min(next, timers_.begin()->first);
  return next == kNever ? std::nullopt : std::optional(next);
}

BrokerStatistics Broker::statistics() const {
  BrokerStatistics now = statistics_;
  now.clients_connected = online_;
  now.clients_disconnected = registry_.size() - online_;
  registry_.for_each([&](const Session& session) {
    now.queued_messages += session.queue.size();
    now.queued_bytes += session.queue.bytes();
    now.in_flight_messages += session.outgoing.size();
    now.in_flight_bytes += session.outgoing.bytes();
  });
  now.subscriptions = tree_.size();
  now.shared_subscriptions = shared_subscriptions_;
  now.retained_messages = retained_.size();
  now.retained_bytes = retained_.bytes();
  return now;
}

std::optional<Effect> Broker::poll_effect() {
  if (effects_.empty()) return std::nullopt;
  Effect effect = effects_.front();
  effects_.pop_front();
  return effect;
}

}  // namespace mqtt::broker
