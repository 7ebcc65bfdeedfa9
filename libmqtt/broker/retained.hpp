#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "libmqtt/session/message.hpp"

namespace mqtt::broker {

/// The last retained message of each topic (3.1.1 and 5.0 §3.3.1.3), found by filter in a walk over
/// topic levels (without recursion over input; `+` and `#` skip `$` topics at the first level). A
/// filter without wildcards is one look-up. Topics and filters are valid (codec/topic.hpp); shared
/// subscriptions get no retained messages (5.0 §4.8.2), so no filter here begins with "$share/".
class Retained {
 public:
  /// The seed keeps peers from choosing topics that collide in the hash tables. `on_expired` is
  /// told of each message that is removed because its time is up.
  explicit Retained(std::uint64_t hash_seed = 0,
                    std::function<void(const MessagePtr&)> on_expired = {});
  ~Retained();
  Retained(const Retained&) = delete;
  Retained& operator=(const Retained&) = delete;

  /// Keeps the message under its topic, replacing an older one [MQTT-3.3.1-5]. Its payload is not
  /// empty [MQTT-3.3.1-7]. Gives the older one, if there was one.
  MessagePtr set(MessagePtr message);
  /// A retained message with an empty payload came: removes the topic's [MQTT-3.3.1-6] and gives
  /// it, if there was one.
  MessagePtr erase(std::string_view topic);
  /// Calls visit for every retained message that the filter matches and that has not expired at
  /// `now`; expired ones met on the way are removed. visit may call any member: it gets what
  /// matched when the call began.
  void match(std::string_view filter, TimePoint now,
             const std::function<void(const MessagePtr&)>& visit);

  /// No message expires before; kNever when none does.
  TimePoint next_expiry() const;
  /// Removes messages that have expired, whether anybody asks for them or not; after about `most`
  /// of them it stops and answers false: there may be more.
  bool expire(TimePoint now, std::size_t most);

  std::size_t size() const;   ///< Messages kept.
  std::size_t bytes() const;  ///< Sum of their Message::cost().
  std::size_t nodes() const;  ///< Of the tree of topic levels.

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace mqtt::broker
