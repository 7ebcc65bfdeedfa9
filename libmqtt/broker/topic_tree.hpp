#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "libmqtt/broker/shared_group.hpp"
#include "libmqtt/session/message.hpp"

namespace mqtt::broker {

/// One session's subscription to one filter.
struct Subscription {
  SessionKey session;
  SubscribeOptions options;
  std::uint32_t identifier = 0;  ///< Subscription Identifier; 0 = none.
};

/// One copy to be delivered to one session: its matching subscriptions with the same identifier (or
/// without one) merged, at their highest QoS (3.1.1 §3.3.5; 5.0 §3.3.4, where it is allowed).
struct Match {
  SessionKey session;
  std::uint32_t identifier = 0;
  Qos qos = Qos::at_most_once;
  bool retain_as_published = false;  ///< Any of the merged subscriptions asks for it.
  /// For messages that this very session published: whether a merged subscription without No Local
  /// takes them [MQTT-3.8.3-3], and at which QoS.
  bool takes_own = false;
  Qos own_qos = Qos::at_most_once;
};

struct MatchList {
  std::vector<Match> matches;        ///< In order of subscription; one per (session, identifier).
  std::vector<SharedGroup*> groups;  ///< Each takes one copy for one of its members.
};

/// Which subscriptions match a topic. Exact filters are found in one hash look-up, wildcards by a
/// walk over interned levels (without recursion), and the lists of the last topics are cached until
/// a subscription changes that may concern them. Filters and topics are valid (codec/topic.hpp), a
/// session is never {}; shared filters come without their "$share/NAME/". Empty it holds next to no
/// memory.
class TopicTree {
 public:
  /// The seed keeps peers from choosing topics that collide in the hash tables.
  explicit TopicTree(std::uint64_t hash_seed = 0);
  ~TopicTree();
  TopicTree(const TopicTree&) = delete;
  TopicTree& operator=(const TopicTree&) = delete;

  /// Adds or replaces (every option [MQTT-3.8.4-3]) the session's subscription; true when it is
  /// new.
  bool add(std::string_view filter, const Subscription& subscription);
  /// Only the very same filter, byte for byte [MQTT-3.10.4-1]. False when there was none.
  bool remove(std::string_view filter, SessionKey session);
  bool add_shared(std::string_view share_name, std::string_view filter,
                  const Subscription& subscription);
  bool remove_shared(std::string_view share_name, std::string_view filter, SessionKey session);
  /// SharedGroup::id() of the group; 0 when there is none.
  std::uint32_t group_id(std::string_view share_name, std::string_view filter) const;

  /// Everything that matches the topic. The list stays valid until the next call of any member.
  const MatchList& match(std::string_view topic);

  /// Subscriptions held, shared ones included.
  std::size_t size() const;

  /// What the tree holds at the moment.
  struct Footprint {
    std::size_t filters = 0;  ///< Different ones.
    std::size_t nodes = 0;    ///< Of the tree of filters with wildcards.
    std::size_t levels = 0;   ///< Texts interned for it.
    std::size_t cached_topics = 0;
    std::size_t cached_bytes = 0;
  };
  Footprint footprint() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace mqtt::broker
