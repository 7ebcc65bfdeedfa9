#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "libmqtt/session/message.hpp"

namespace mqtt::broker {

/// The sessions that share one "$share/NAME/FILTER" (5.0 §4.8.2): each message goes to one of them,
/// in turn. Members keep their turns when others join (at the end) or leave.
class SharedGroup {
 public:
  struct Member {
    SessionKey session;
    SubscribeOptions options;
    std::uint32_t identifier = 0;  ///< Subscription Identifier; 0 = none.
  };

  SharedGroup(std::uint32_t id, std::string share_name, std::string filter);
  /// Not 0; no other group of its TopicTree ever had it (until four thousand million have been).
  std::uint32_t id() const { return id_; }
  const std::string& share_name() const { return share_name_; }
  const std::string& filter() const { return filter_; }

  /// Adds or replaces; true when the session is new here.
  bool add(const Member& member);
  bool remove(SessionKey session);
  const std::vector<Member>& members() const { return members_; }
  bool empty() const { return members_.empty(); }

  /// The next member in turn that `usable(member)` accepts, else nullptr. Callers ask first for
  /// online members, then for any whose session may queue. Valid until the group changes.
  template <class Usable>
  const Member* pick(Usable usable) {
    for (std::size_t tried = 0; tried < members_.size(); ++tried) {
      if (next_ >= members_.size()) next_ = 0;
      const Member& member = members_[next_++];
      if (usable(member)) return &member;
    }
    return nullptr;
  }

 private:
  std::uint32_t id_;
  std::string share_name_;
  std::string filter_;
  std::vector<Member> members_;
  std::size_t next_ = 0;  ///< Whose turn it is; the size: the first one's.
};

}  // namespace mqtt::broker
