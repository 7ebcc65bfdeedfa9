#include "libmqtt/session/message_queue.hpp"

#include <iterator>
#include <utility>

namespace mqtt {

MessageQueue::Item MessageQueue::Line::pop() {
  Item item = std::move(items_[head_++]);
  constexpr std::size_t kKeptCapacity = 256;
  if (head_ == items_.size()) {
    items_.clear();
    head_ = 0;
    if (items_.capacity() > kKeptCapacity) std::vector<Item>().swap(items_);
  } else if (head_ >= kKeptCapacity && head_ * 2 >= items_.size()) {
    items_.erase(items_.begin(), std::next(items_.begin(), static_cast<std::ptrdiff_t>(head_)));
    head_ = 0;
  }
  return item;
}

bool MessageQueue::push(Delivery delivery, const QueueLimits& limits) {
  const std::size_t cost = delivery.message->cost();
  // One message is always taken, so that a byte limit below its size does not starve the receiver.
  if (!empty() && bytes_ + cost > limits.bytes) return false;
  const bool reliable = delivery.qos != Qos::at_most_once;
  if (reliable && reliable_.size() >= limits.messages) return false;
  bytes_ += cost;
  // In order of arrival [MQTT-4.6.0-5, 4.6.0-6].
  (reliable ? reliable_ : unreliable_).push({std::move(delivery), serial_++});
  return true;
}

bool MessageQueue::reliable_is_next(bool window_is_open) const {
  if (!window_is_open || reliable_.empty()) return false;
  if (unreliable_.empty()) return true;
  return static_cast<std::int32_t>(reliable_.front().serial - unreliable_.front().serial) < 0;
}

const Delivery* MessageQueue::front(bool window_is_open) const {
  if (reliable_is_next(window_is_open)) return &reliable_.front().delivery;
  return unreliable_.empty() ? nullptr : &unreliable_.front().delivery;
}

Delivery MessageQueue::pop(bool window_is_open) {
  Line& line = reliable_is_next(window_is_open) ? reliable_ : unreliable_;
  Delivery delivery = line.pop().delivery;
  bytes_ -= delivery.message->cost();
  return delivery;
}

bool MessageQueue::is_above_high_mark(const QueueLimits& limits) const {
  return reliable_.size() * 2 > limits.messages || bytes_ * 2 > limits.bytes;
}

bool MessageQueue::is_below_low_mark(const QueueLimits& limits) const {
  return reliable_.size() * 4 <= limits.messages && bytes_ * 4 <= limits.bytes;
}

void MessageQueue::clear() { *this = MessageQueue(); }

}  // namespace mqtt
