#include "libmqtt/broker/shared_group.hpp"

#include <algorithm>
#include <utility>

namespace mqtt::broker {

SharedGroup::SharedGroup(std::uint32_t id, std::string share_name, std::string filter)
    : id_(id), share_name_(std::move(share_name)), filter_(std::move(filter)) {}

bool SharedGroup::add(const Member& member) {
  const auto found = std::ranges::find(members_, member.session, &Member::session);
  if (found != members_.end()) {
    *found = member;
    return false;
  }
  members_.push_back(member);
  return true;
}

bool SharedGroup::remove(SessionKey session) {
  const auto found = std::ranges::find(members_, session, &Member::session);
  if (found == members_.end()) return false;
  if (static_cast<std::size_t>(found - members_.begin()) < next_) --next_;
  members_.erase(found);
  return true;
}

}  // namespace mqtt::broker
