#include "libmqtt/session/journal.hpp"

#include <algorithm>
#include <cassert>
#include <memory>

namespace mqtt {

void Journal::session_kept(std::uint64_t session, change::SessionRecord record_of_it) {
  record(change::SessionKept{
      session, std::make_shared<const change::SessionRecord>(std::move(record_of_it))});
}

void Journal::session_ended(std::uint64_t session, bool has_backlog) {
  record(change::SessionEnded{session, has_backlog});
}

void Journal::subscribed(std::uint64_t session, std::string_view filter,
                         const SubscribeOptions& options, std::uint32_t identifier) {
  record(change::Subscribed{session, Bytes::copy(filter), options, identifier});
}

void Journal::unsubscribed(std::uint64_t session, std::string_view filter) {
  record(change::Unsubscribed{session, Bytes::copy(filter)});
}

void Journal::queued(std::uint64_t session, const Delivery& delivery, Bytes share) {
  record(change::Queued{.session = session,
                        .position = delivery.position,
                        .message = refer(delivery.message),
                        .subscription_identifier = delivery.subscription_identifier,
                        .qos = delivery.qos,
                        .retain = delivery.retain,
                        .share = std::move(share),
                        .further_identifiers = delivery.further_identifiers});
}

void Journal::sent(std::uint64_t session, std::uint64_t position, std::uint16_t packet_id) {
  record(change::Sent{session, position, packet_id, OutgoingFlights::Stage::publish_sent});
}

void Journal::received(std::uint64_t session, std::uint64_t position, std::uint16_t packet_id,
                       const MessagePtr& body) {
  record(change::Sent{session, position, packet_id, OutgoingFlights::Stage::pubrel_sent});
  let_go(body);
}

void Journal::dequeued(std::uint64_t session, std::uint64_t position, const MessagePtr& body) {
  record(change::Dequeued{session, position});
  if (body) let_go(body);
}

void Journal::arrived(std::uint64_t session, std::uint16_t packet_id) {
  record(change::Arrived{session, packet_id});
}

void Journal::released(std::uint64_t session, std::uint16_t packet_id) {
  record(change::Released{session, packet_id});
}

void Journal::retained_set(const MessagePtr& message, const MessagePtr& previous) {
  record(change::RetainedSet{refer(message)});
  if (previous) let_go(previous);
}

void Journal::retained_erased(const MessagePtr& message) {
  record(change::RetainedErased{message->topic});
  let_go(message);
}

void Journal::restart_at(std::uint64_t last_session, std::uint64_t last_message) {
  last_session_ = std::max(last_session_, last_session);
  last_message_ = std::max(last_message_, last_message);
}

void Journal::refer_again(const MessagePtr& message, std::uint64_t number) {
  MessagePtr::Stored& stored = message.stored();
  stored.number = number;
  stored.may_be_in_backlog = true;  // What the store holds besides is not known here.
  ++stored.references;
}

void Journal::put_aside(const MessagePtr& message) {
  MessagePtr::Stored& stored = message.stored();
  assert(stored.references > 0);
  stored.may_be_in_backlog = true;
  --stored.references;
}

std::pair<std::uint64_t, std::vector<Change>> Journal::take() {
  assert(!changes_.empty());
  return {++closed_, std::exchange(changes_, {})};
}

/// The message's number; its body is recorded before the first thing that refers to it. Once more
/// where all that referred to it has been put aside: it may be gone from there by now.
std::uint64_t Journal::refer(const MessagePtr& message) {
  MessagePtr::Stored& stored = message.stored();
  if (stored.references++ == 0) {
    if (stored.number == 0) stored.number = ++last_message_;
    record(change::MessageKept{stored.number, message});
  }
  return stored.number;
}

void Journal::let_go(const MessagePtr& message) {
  MessagePtr::Stored& stored = message.stored();
  assert(stored.references > 0);
  if (--stored.references > 0) return;
  const std::uint64_t number = std::exchange(stored.number, 0);
  if (std::exchange(stored.may_be_in_backlog, false))
    record(change::MessageLetGo{number});
  else
    record(change::MessageDropped{number});
}

}  // namespace mqtt
