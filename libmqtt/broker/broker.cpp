#include "libmqtt/broker/broker.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

#include "libmqtt/broker/admission.hpp"
#include "libmqtt/broker/topic_limits.hpp"
#include "libmqtt/codec/topic.hpp"

namespace mqtt::broker {
namespace {

TimePoint after(TimePoint start, std::uint32_t seconds) { return start + Seconds(seconds); }

std::uint32_t expiry_interval_of(const Connect& connect) {
  if (connect.version != Version::v5_0) return connect.clean_start ? 0 : SessionState::kNoExpiry;
  return connect.properties.find(property::session_expiry_interval).value_or(0);
}

}  // namespace

Broker::Broker(BrokerOptions options)
    : options_(std::move(options)),
      tree_(options_.seed),
      retained_(options_.seed),
      random_(options_.seed) {}

// Connections.

ConnectAnswer Broker::connect(const Connect& connect, const ClientContext& context, TimePoint now) {
  tick(now);  // what is overdue has happened before the client came back
  // [MQTT-3.1.3-6]
  const std::string made_up =
      connect.client_id.empty() ? make_client_id(options_.auto_id_prefix) : std::string();
  const std::string_view client_id = made_up.empty() ? connect.client_id.view() : made_up;
  if (const auto refusal = refusal_of(connect, client_id, options_))
    // [MQTT-3.1.4-2, 3.2.2-6], in 3.1.1 [MQTT-3.2.2-4]
    return {Connack{false, *refusal, {}}, nullptr};

  Connack connack{.session_present = false,
                  .reason_code = ReasonCode::success,  // [MQTT-3.1.4-5], in 3.1.1 [MQTT-3.1.4-4]
                  .properties = announcement_for(connect, client_id, options_)};
  Session* found = registry_.find(client_id);  // [MQTT-3.1.3-2]
  if (found != nullptr)                        // [MQTT-3.1.4-4], in 3.1.1 [MQTT-3.1.4-3]
    connack.session_present = take_over(*found, connect, now);  // [MQTT-3.2.2-2, 3.2.2-3]
  Session& state = found != nullptr ? *found : registry_.create(client_id);  // [MQTT-3.1.2-6]
  state.username = context.username;
  state.access = context.access;
  state.version = connect.version;
  state.expiry_interval = expiry_interval_of(connect);
  state.will = connect.will;  // [MQTT-3.1.2-7]
  state.will_due = kNever;    // a return in time cancels a delayed will [MQTT-3.1.3-9]
  state.expires_at = kNever;  // Never while connected [MQTT-4.1.0-1], in 3.1.1 [MQTT-4.1.0-2].
  state.is_online = true;
  state.wake_pending = false;
  schedule(state);
  return {std::move(connack), &state};
}

/// The client comes back, perhaps while its old connection still stands [MQTT-3.1.4-3], in 3.1.1
/// [MQTT-3.1.4-2]. A session that ends with its connection does so now, whatever the new one asks
/// for: its state is not used again, in 3.1.1 [MQTT-3.1.2-6].
bool Broker::take_over(Session& state, const Connect& connect, TimePoint now) {
  const bool stays = !connect.clean_start && state.expiry_interval > 0;
  if (state.is_online)
    // [MQTT-3.1.4-3], in 3.1.1 [MQTT-3.1.4-2]
    effects_.push_back(effect::Disconnect{state.key, ReasonCode::session_taken_over});
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
  state->is_online = false;
  state->wake_pending = false;
  if (by_client) {
    // [MQTT-3.1.2-10, 3.14.4-3]
    if (by_client->reason_code == ReasonCode::success) state->will.reset();
    state->expiry_interval = by_client->properties.find(property::session_expiry_interval)
                                 .value_or(state->expiry_interval);
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
  schedule(*state);
}

void Broker::end_session(Session& state, TimePoint now) {
  drop_subscriptions(state);
  // 5.0 §4.8.2: the session ends before its QoS 1 was acknowledged.
  pass_on_shared(state, true, now);
  if (state.will) publish_will(state, now);
  if (state.is_congested) effects_.push_back(effect::ResumePublishers{});
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
    if (state.will && state.will_due <= now) publish_will(state, now);
    if (!state.is_online && state.expires_at <= now)  // [MQTT-4.1.0-2]
      end_session(state, now);
    else
      schedule(state);
  }
}

std::optional<TimePoint> Broker::deadline() const {
  if (timers_.empty()) return std::nullopt;
  return timers_.begin()->first;
}

BrokerStatistics Broker::statistics() const {
  BrokerStatistics now = statistics_;
  registry_.for_each([&](const Session& session) {
    ++(session.is_online ? now.clients_connected : now.clients_disconnected);
    now.queued_messages += session.queue.size();
    now.queued_bytes += session.queue.bytes();
    now.in_flight_messages += session.outgoing.size();
  });
  now.subscriptions = tree_.size();
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
