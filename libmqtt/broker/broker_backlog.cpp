#include <algorithm>
#include <utility>

#include "libmqtt/broker/broker.hpp"

// The tails of long queues: the part of Broker that leaves them to the store, and gets them back.

namespace mqtt::broker {
namespace {

void put_aside(MessageQueue& queue, std::size_t held) {
  queue.hold_only(held, [](const Delivery& delivery) { Journal::put_aside(delivery.message); });
}

}  // namespace

/// A QoS 1 or 2 message has just been queued. It joins a backlog that there is, so that the order
/// stays; else it may begin one.
void Broker::put_aside_pushed(Session& state) {
  const BacklogLimits& limits = options_.backlog;
  MessageQueue& queue = state.queue;
  const bool is_too_much = state.is_online ? queue.bytes() > limits.online_bytes
                                           : queue.held() > limits.offline_messages ||
                                                 queue.bytes() > limits.offline_bytes;
  if (queue.backlog() != nullptr || (is_too_much && queue.held() > 1))
    put_aside(queue, queue.held() - 1);
}

/// The client has gone: less of its queue is held from now on.
void Broker::put_aside_tail(Session& state) {
  const BacklogLimits& limits = options_.backlog;
  if (state.is_lasting)
    put_aside(state.queue, state.queue.held_within(limits.offline_messages, limits.offline_bytes));
}

/// Its client takes what is held: the next page is asked for before that runs out.
void Broker::fetch_backlog(Session& state) {
  const MessageQueue::Backlog* backlog = state.queue.backlog();
  const BacklogLimits& limits = options_.backlog;
  if (backlog == nullptr || backlog->is_asked_for || !state.is_online) return;
  if (state.queue.held() > limits.low_mark || state.queue.bytes() > limits.online_bytes) return;
  state.queue.mark_backlog_asked_for(true);
  effects_.push_back(effect::FetchBacklog{state.key,
                                          {.session = state.number,
                                           .after = backlog->after,
                                           .last = backlog->last,
                                           .messages = limits.page_messages,
                                           .bytes = limits.page_bytes}});
}

void Broker::backlog_came(SessionKey session, BacklogPage&& page, TimePoint) {
  Session* state = registry_.find(session);
  if (state == nullptr || state->number != page.request.session) return;
  MessageQueue& queue = state->queue;
  if (queue.backlog() == nullptr) return;
  queue.mark_backlog_asked_for(false);
  // The client may have gone and come meanwhile, and more have been put aside then.
  if (!state->is_online || queue.backlog()->after != page.request.after)
    return fetch_backlog(*state);
  std::size_t bytes = 0;
  for (BacklogPage::Waiting& waiting : page.waiting) {
    bytes += waiting.body->cost();
    Journal::refer_again(waiting.body, waiting.queued.message);
    Delivery delivery = delivery_of(waiting.queued, *state);
    delivery.message = std::move(waiting.body);
    if (may_read(*state, *delivery.message)) {
      queue.take_back(std::move(delivery));
    } else {
      ++statistics_.refusals.read_not_authorized;
      state->dequeued(delivery);
    }
  }
  queue.shorten_backlog(page.reaches, page.waiting.size() + page.damaged, bytes);
  if (!std::exchange(state->wake_pending, true)) effects_.push_back(effect::Wake{state->key});
}

}  // namespace mqtt::broker
