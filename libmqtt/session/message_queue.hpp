#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "libmqtt/session/line.hpp"
#include "libmqtt/session/message.hpp"

namespace mqtt {

/// How much one session may have waiting; 0: no limit.
struct QueueLimits {
  std::size_t messages = 1000;          ///< QoS 1 and 2.
  std::size_t bytes = 8 * 1024 * 1024;  ///< Of Message::cost(), at any QoS.
  bool counts_qos0 = false;             ///< QoS 0 counts among the messages as well.

  bool allow_messages(std::size_t count) const { return messages == 0 || count <= messages; }
  bool allow_bytes(std::size_t count) const { return bytes == 0 || count <= bytes; }
};

/// The messages that wait for one receiver, in order. QoS 1 and 2 may have to wait for room in the
/// receiver's window while QoS 0 goes on [MQTT-4.9.0-3]: there is a line for each, and both are
/// left in order of arrival as far as the window allows. A full queue takes no newer message; it
/// never drops an older one. Holds no memory while empty.
class MessageQueue {
 public:
  /// False when a limit is reached: the message is not taken.
  bool push(Delivery delivery, const QueueLimits& limits);
  /// The QoS 1 or 2 message that was pushed last; there is one.
  const Delivery& back() const { return reliable_.back(); }
  /// A message that waited here in an earlier life, at its position: behind all that are here.
  void restore(Delivery delivery);
  /// Positions that were taken in an earlier life and are not waiting any more.
  void skip_to(std::uint64_t position) { last_position_ = std::max(last_position_, position); }

  /// The message to send next, or nullptr. With window_is_open false only QoS 0 is considered.
  const Delivery* front(bool window_is_open) const;
  /// Takes the message that front(window_is_open) showed.
  Delivery pop(bool window_is_open);

  /// Takes out every message that `wanted(const Delivery&)` accepts, in order of arrival within a
  /// QoS.
  template <class Wanted>
  std::vector<Delivery> take_if(Wanted wanted) {
    std::vector<Delivery> taken;
    for (Waiting* line : {&reliable_, &unreliable_}) {
      line->erase_if([&](Delivery& delivery) {
        if (!wanted(std::as_const(delivery))) return false;
        taken.push_back(std::move(delivery));
        return true;
      });
    }
    for (const Delivery& delivery : taken) bytes_ -= delivery.message->cost();
    return taken;
  }

  std::size_t size() const { return reliable_.size() + unreliable_.size(); }
  bool empty() const { return reliable_.empty() && unreliable_.empty(); }
  std::size_t bytes() const { return bytes_; }
  /// More than half of a limit is used / less than a quarter of each: marks for flow control.
  bool is_above_high_mark(const QueueLimits& limits) const;
  bool is_below_low_mark(const QueueLimits& limits) const;
  void clear();

 private:
  using Waiting = Line<Delivery, 256>;  ///< There is one in every session.
  std::size_t counted(const QueueLimits& limits) const;
  bool reliable_is_next(bool window_is_open) const;

  Waiting reliable_;
  Waiting unreliable_;
  std::size_t bytes_ = 0;
  std::uint64_t last_position_ = 0;
};

}  // namespace mqtt
