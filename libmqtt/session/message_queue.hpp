#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
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
///
/// Of a lasting session's queue the tail of QoS 1 and 2 may be a backlog: messages that count here
/// but lie in a store, all behind those that are held.
class MessageQueue {
 public:
  /// Positions after `after`, up to `last`.
  struct Backlog {
    std::uint64_t after = 0;
    std::uint64_t last = 0;
    std::size_t messages = 0;
    std::size_t bytes = 0;
    bool is_asked_for = false;  ///< Its next page is on the way.
  };

  /// False when a limit is reached: the message is not taken.
  bool push(Delivery delivery, const QueueLimits& limits);
  /// The QoS 1 or 2 message that was pushed last; there is one.
  const Delivery& back() const { return reliable_.back(); }
  /// Positions that were taken in an earlier life and are not waiting any more.
  void skip_to(std::uint64_t position) { last_position_ = std::max(last_position_, position); }

  /// Where there is a backlog: of what is pushed, QoS 1 and 2 has to join it at once.
  const Backlog* backlog() const { return backlog_.get(); }
  void mark_backlog_asked_for(bool is) { backlog_->is_asked_for = is; }
  /// QoS 1 and 2 messages held.
  std::size_t held() const { return reliable_.size(); }
  /// How many of those at the front stay within both limits; one at least, where there is one.
  std::size_t held_within(std::size_t messages, std::size_t bytes) const;
  /// Lets go of the QoS 1 and 2 messages behind the first `count`: they are the backlog from now
  /// on, or its front. `each(const Delivery&)` sees them.
  template <class Each>
  void hold_only(std::size_t count, Each each) {
    if (count >= reliable_.size()) return;
    const auto first = reliable_.begin() + static_cast<std::ptrdiff_t>(count);
    if (!backlog_) backlog_ = std::make_unique<Backlog>(Backlog{.after = kNoPosition});
    Backlog& backlog = *backlog_;
    backlog.after = std::min(backlog.after, first->position - 1);
    backlog.last = std::max(backlog.last, reliable_.back().position);
    for (auto delivery = first; delivery != reliable_.end(); ++delivery) {
      const std::size_t cost = delivery->message->cost();
      bytes_ -= cost;
      ++backlog.messages;
      backlog.bytes += cost;
      each(std::as_const(*delivery));
    }
    reliable_.drop_from(first);
  }
  /// A message comes back out of a store, behind all that are held.
  void take_back(Delivery delivery);
  /// All up to this position have come back, or are gone: so many, of so much cost.
  void shorten_backlog(std::uint64_t reaches, std::size_t messages, std::size_t bytes);
  /// A backlog from an earlier life.
  void restore_backlog(const Backlog& backlog);

  /// The message to send next, or nullptr. With window_is_open false only QoS 0 is considered.
  const Delivery* front(bool window_is_open) const;
  /// Takes the message that front(window_is_open) showed.
  Delivery pop(bool window_is_open);

  /// Takes out every held message that `wanted(const Delivery&)` accepts, in order of arrival
  /// within a QoS.
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

  /// All that wait, the backlog included.
  std::size_t size() const {
    return held() + unreliable_.size() + (backlog_ ? backlog_->messages : 0);
  }
  bool empty() const { return size() == 0; }
  /// Of those that are held.
  std::size_t bytes() const { return bytes_; }
  /// More than half of a limit is used / less than a quarter of each: marks for flow control.
  bool is_above_high_mark(const QueueLimits& limits) const;
  bool is_below_low_mark(const QueueLimits& limits) const;
  void clear();

 private:
  static constexpr std::uint64_t kNoPosition = UINT64_MAX;
  using Waiting = Line<Delivery, 256>;  ///< There is one in every session.
  std::size_t counted(const QueueLimits& limits) const;
  std::size_t all_bytes() const { return bytes_ + (backlog_ ? backlog_->bytes : 0); }
  bool reliable_is_next(bool window_is_open) const;

  Waiting reliable_;
  Waiting unreliable_;
  std::size_t bytes_ = 0;
  std::uint64_t last_position_ = 0;
  std::unique_ptr<Backlog> backlog_;
};

}  // namespace mqtt
