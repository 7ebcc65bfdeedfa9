#include <algorithm>
#include <utility>
#include <variant>

#include "libmqtt/broker/broker.hpp"
#include "libmqtt/codec/topic.hpp"

// What outlives the server: the part of Broker that keeps the journal, and that gets its state back
// from a store.

namespace mqtt::broker {
namespace {

change::SessionRecord record_of(const Session& state) {
  return {.client_id = state.client_id,
          .version = state.version,
          .expiry_interval = state.expiry_interval,
          .is_online = state.is_online,
          .expires_at = state.expires_at,
          .will = state.will ? std::optional(*state.will) : std::nullopt,
          .will_due = state.will_due,
          .username = state.username,
          .mount_point = state.mount_point,
          .access_scope = state.access};
}

}  // namespace

// The journal.

/// A session has begun or changed. One that ends with its connection is recorded only for its will:
/// when the server ends, that connection is lost.
void Broker::keep(Session& state) {
  if (!options_.has_store) return;
  state.journal = &journal_;
  // One that is to end with its connection now lasts on until then, for what still waits for it.
  const bool may_last = state.expiry_interval > 0 || state.is_lasting;
  if (!may_last && !state.will) return forget(state);
  if (state.number == 0) state.number = journal_.new_session_number();
  state.is_lasting = may_last;
  journal_.session_kept(state.number, record_of(state));
}

void Broker::shut_down(TimePoint now) {
  registry_.for_each([&](const Session& state) {
    if (state.number == 0 || !state.is_online) return;
    change::SessionRecord record = record_of(state);
    record.is_online = false;
    if (state.expiry_interval != SessionState::kNoExpiry)
      record.expires_at = now + Seconds(state.expiry_interval);
    if (state.will)
      record.will_due =
          now + Seconds(state.will->properties.find(property::will_delay_interval).value_or(0));
    journal_.session_kept(state.number, std::move(record));
  });
}

/// The session ends, with everything that waits for it.
void Broker::forget(Session& state) {
  if (state.number == 0) return;
  journal_.session_ended(state.number, state.queue.backlog() != nullptr);
  if (state.is_lasting) {
    const auto let_go = [&](const Delivery& delivery) {
      if (delivery.message && delivery.qos != Qos::at_most_once) journal_.let_go(delivery.message);
    };
    for (const Delivery& delivery : state.queue.take_if([](const Delivery&) { return true; }))
      let_go(delivery);
    state.outgoing.for_each(
        [&](const OutgoingFlights::Flight& flight) { let_go(flight.delivery); });
  }
  state.number = 0;
  state.is_lasting = false;
}

/// "$share/NAME/FILTER" of the subscription that a delivery came by; empty when it was not shared.
Bytes Broker::share_of(const Session& state, const Delivery& delivery) const {
  if (delivery.share_group == 0) return {};
  const auto found = std::ranges::find_if(state.subscriptions, [&](const auto& subscription) {
    return subscription.second.share_group == delivery.share_group;
  });
  return found == state.subscriptions.end() ? Bytes() : Bytes::copy(found->first);
}

/// What the server says of itself does not last.
bool Broker::lasts_retained(const Message& message) const {
  return options_.has_store && !message.topic.view().starts_with("$SYS/");
}

void Broker::retained_erased(const MessagePtr& message) {
  if (lasts_retained(*message)) journal_.retained_erased(message);
}

// Getting it back.

void Broker::restore(Change&& change) {
  if (!restoration_) restoration_ = std::make_unique<Restoration>();
  if (!std::holds_alternative<change::Sent>(change)) restore_queued();
  std::visit([this](auto& what) { restore(what); }, change);
}

void Broker::restore(change::SessionKept& kept) {
  const change::SessionRecord& record = *kept.record;
  Session& state = registry_.create(record.client_id.view());
  state.version = record.version;
  state.expiry_interval = record.expiry_interval;
  state.expires_at = record.expires_at;
  if (record.will) state.will = std::make_unique<Will>(*record.will);
  state.will_due = record.will_due;
  state.username = record.username;
  state.mount_point = record.mount_point;
  state.topic_prefix = static_cast<std::uint16_t>(record.mount_point.size());
  state.access = record.access_scope;
  state.journal = &journal_;
  state.number = kept.session;
  state.is_lasting = true;
  restoration_->sessions.emplace(kept.session, state.key);
  restoration_->last_session = std::max(restoration_->last_session, kept.session);
  if (record.is_online) restoration_->connected.push_back(state.key);
}

void Broker::restore(change::Subscribed& subscribed) {
  if (Session* state = restored_session(subscribed.session))
    add_subscription(*state, subscribed.filter.view(),
                     {.session = state->key,
                      .options = subscribed.options,
                      .identifier = subscribed.identifier});
}

void Broker::restore(change::MessageKept& kept) {
  restoration_->last_message = std::max(restoration_->last_message, kept.message);
  restoration_->messages.emplace(kept.message, std::move(kept.body));
}

void Broker::restore(change::BacklogLeft& left) {
  restoration_->last_message = std::max(restoration_->last_message, left.last_message);
  if (Session* state = restored_session(left.session)) state->queue.restore_backlog(left.backlog);
}

void Broker::restore(change::Queued& queued) { restoration_->queued = std::move(queued); }

/// The last Queued was not under way: it waits.
void Broker::restore_queued() {
  if (!restoration_->queued) return;
  const change::Queued queued = *std::exchange(restoration_->queued, std::nullopt);
  Session* state = restored_session(queued.session);
  if (state == nullptr) return;
  Delivery delivery = restored(queued, *state);
  if (!delivery.message) return;
  state->queue.skip_to(delivery.position);
  state->queue.take_back(std::move(delivery));
}

void Broker::restore(change::Sent& sent) {
  if (!restoration_->queued) return;
  const change::Queued queued = *std::exchange(restoration_->queued, std::nullopt);
  Session* state = restored_session(sent.session);
  if (state == nullptr || state->outgoing.is_open(sent.packet_id)) return;
  const bool is_received = sent.stage == OutgoingFlights::Stage::pubrel_sent;
  Delivery delivery = restored(queued, *state);
  if (!delivery.message && !is_received) return;
  state->packet_ids.restore(sent.packet_id);
  state->queue.skip_to(sent.position);
  state->outgoing.start(sent.packet_id, std::move(delivery));
  if (is_received) state->outgoing.pubrec(sent.packet_id);
}

void Broker::restore(change::Arrived& arrived) {
  if (Session* state = restored_session(arrived.session))
    state->incoming.restore(arrived.packet_id);
}

void Broker::restore(change::RetainedSet& set) {
  const auto found = restoration_->messages.find(set.message);
  if (found == restoration_->messages.end()) return;
  Journal::refer_again(found->second, set.message);
  retained_.set(found->second);
}

/// Of bodies that nothing refers to; the other kinds do not come out of a store.
template <class Other>
void Broker::restore(Other&) {}

Session* Broker::restored_session(std::uint64_t number) {
  const auto found = restoration_->sessions.find(number);
  return found == restoration_->sessions.end() ? nullptr : registry_.find(found->second);
}

/// What a place in a queue says, without the message.
Delivery Broker::delivery_of(const change::Queued& queued, const Session& state) {
  Delivery delivery{.message = {},
                    .subscription_identifier = queued.subscription_identifier,
                    .qos = queued.qos,
                    .retain = queued.retain,
                    .further_identifiers = queued.further_identifiers,
                    .position = queued.position};
  if (const auto found = state.subscriptions.find(queued.share.view());
      found != state.subscriptions.end())
    delivery.share_group = found->second.share_group;
  return delivery;
}

/// Without a message when its body is needed no more.
Delivery Broker::restored(const change::Queued& queued, const Session& state) {
  Delivery delivery = delivery_of(queued, state);
  const auto found = restoration_->messages.find(queued.message);
  if (found == restoration_->messages.end()) return delivery;
  delivery.message = found->second;
  Journal::refer_again(delivery.message, queued.message);
  return delivery;
}

void Broker::end_of_restore(TimePoint now) {
  if (!restoration_) return;
  restore_queued();
  journal_.restart_at(restoration_->last_session, restoration_->last_message);
  const std::vector<SessionKey> connected = std::move(restoration_->connected);
  restoration_.reset();
  registry_.for_each([&](Session& state) {
    state.connection_lost();
    schedule(state);
  });
  for (const SessionKey key : connected) disconnected(key, std::nullopt, now);
}

}  // namespace mqtt::broker
