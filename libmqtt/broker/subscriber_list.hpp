#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "libmqtt/broker/hash.hpp"
#include "libmqtt/broker/shared_group.hpp"
#include "libmqtt/broker/slot_table.hpp"
#include "libmqtt/broker/topic_tree.hpp"

namespace mqtt::broker {

/// Who subscribes to one filter. The usual single subscription lies inline; more of them, and
/// shared groups, in a crowd on the heap, which finds a session by hash once it is large: neither
/// adding nor removing is linear in the number of sessions.
class SubscriberList {
 public:
  /// Adds or replaces; true when the session is new here. The session is not {}.
  bool add(const Subscription& subscription, const Hash& hash);
  bool remove(SessionKey session, const Hash& hash);
  /// The filter and the id are for a group that does not exist yet, which takes ++last_group_id.
  bool add_shared(std::string_view share_name, std::string_view filter,
                  const Subscription& subscription, std::uint32_t& last_group_id);
  bool remove_shared(std::string_view share_name, SessionKey session);

  /// One per session; in order of subscription until one is removed, whose place the last one
  /// takes.
  std::span<const Subscription> subscriptions() const;
  std::span<const std::unique_ptr<SharedGroup>> groups() const;
  bool empty() const { return subscriptions().empty() && groups().empty(); }

 private:
  struct Crowd {
    std::vector<Subscription> subscriptions;
    SlotTable index;  ///< Of subscriptions; empty while they are few.
    std::vector<std::unique_ptr<SharedGroup>> groups;

    std::uint32_t find(SessionKey session, const Hash& hash) const;
    void add(const Subscription& subscription, const Hash& hash);
    void remove(std::uint32_t position, const Hash& hash);
  };
  Crowd& crowd();
  void dissolve_small_crowd();

  Subscription only_;  ///< Of nobody when there is none or a crowd.
  std::unique_ptr<Crowd> crowd_;
};

}  // namespace mqtt::broker
