#include "libmqtt/session/message_queue.hpp"

#include <utility>

namespace mqtt {

bool MessageQueue::push(Delivery delivery, const QueueLimits& limits) {
  const std::size_t cost = delivery.message->cost();
  // One message is always taken, so that a byte limit below its size does not starve the receiver.
  if (!empty() && !limits.allow_bytes(all_bytes() + cost)) return false;
  const bool reliable = delivery.qos != Qos::at_most_once;
  if ((reliable || limits.counts_qos0) && !limits.allow_messages(counted(limits) + 1)) return false;
  bytes_ += cost;
  // In order of arrival [MQTT-4.6.0-5, 4.6.0-6].
  delivery.position = ++last_position_;
  (reliable ? reliable_ : unreliable_).push(std::move(delivery));
  return true;
}

std::size_t MessageQueue::held_within(std::size_t messages, std::size_t bytes) const {
  std::size_t count = 0;
  std::size_t sum = 0;
  for (const Delivery& delivery : reliable_) {
    sum += delivery.message->cost();
    if (count > 0 && (count >= messages || sum > bytes)) break;
    ++count;
  }
  return count;
}

void MessageQueue::take_back(Delivery delivery) {
  bytes_ += delivery.message->cost();
  reliable_.push(std::move(delivery));
}

void MessageQueue::shorten_backlog(std::uint64_t reaches, std::size_t messages, std::size_t bytes) {
  backlog_->after = reaches;
  backlog_->messages -= std::min(messages, backlog_->messages);
  backlog_->bytes -= std::min(bytes, backlog_->bytes);
  if (reaches >= backlog_->last) backlog_.reset();
}

void MessageQueue::restore_backlog(const Backlog& backlog) {
  skip_to(backlog.last);
  backlog_ = std::make_unique<Backlog>(backlog);
}

bool MessageQueue::reliable_is_next(bool window_is_open) const {
  if (!window_is_open || reliable_.empty()) return false;
  if (unreliable_.empty()) return true;
  return reliable_.front().position < unreliable_.front().position;
}

const Delivery* MessageQueue::front(bool window_is_open) const {
  if (reliable_is_next(window_is_open)) return &reliable_.front();
  return unreliable_.empty() ? nullptr : &unreliable_.front();
}

Delivery MessageQueue::pop(bool window_is_open) {
  Waiting& line = reliable_is_next(window_is_open) ? reliable_ : unreliable_;
  Delivery delivery = line.pop();
  bytes_ -= delivery.message->cost();
  return delivery;
}

std::size_t MessageQueue::counted(const QueueLimits& limits) const {
  return size() - (limits.counts_qos0 ? 0 : unreliable_.size());
}

bool MessageQueue::is_above_high_mark(const QueueLimits& limits) const {
  return !limits.allow_messages(counted(limits) * 2) || !limits.allow_bytes(all_bytes() * 2);
}

bool MessageQueue::is_below_low_mark(const QueueLimits& limits) const {
  return limits.allow_messages(counted(limits) * 4) && limits.allow_bytes(all_bytes() * 4);
}

void MessageQueue::clear() { *this = MessageQueue(); }

}  // namespace mqtt
