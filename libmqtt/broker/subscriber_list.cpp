#include "libmqtt/broker/subscriber_list.hpp"

#include <algorithm>
#include <cassert>
#include <string>

namespace mqtt::broker {

namespace {

/// Up to this number of sessions a search from end to end is cheaper than a hash table.
constexpr std::size_t kFew = 16;

std::uint32_t hash_of(SessionKey session, const Hash& hash) {
  return hash(session.index, std::uint32_t{session.shard} << 16 | session.generation);
}

}  // namespace

bool SubscriberList::add(const Subscription& subscription, const Hash& hash) {
  assert(subscription.session != SessionKey{});
  if (crowd_ == nullptr) {
    const bool is_new = only_.session == SessionKey{};
    if (is_new || only_.session == subscription.session) {
      only_ = subscription;
      return is_new;
    }
  }
  Crowd& many = crowd();
  const std::uint32_t position = many.find(subscription.session, hash);
  if (position == SlotTable::kNone) {
    many.add(subscription, hash);
    return true;
  }
  many.subscriptions[position] = subscription;
  return false;
}

bool SubscriberList::remove(SessionKey session, const Hash& hash) {
  if (crowd_ == nullptr) {
    if (only_.session != session) return false;
    only_ = {};
    return true;
  }
  const std::uint32_t position = crowd_->find(session, hash);
  if (position == SlotTable::kNone) return false;
  crowd_->remove(position, hash);
  dissolve_small_crowd();
  return true;
}

bool SubscriberList::add_shared(std::string_view share_name, std::string_view filter,
                                const Subscription& subscription, std::uint32_t& last_group_id) {
  auto& groups = crowd().groups;
  auto found = std::ranges::find(groups, share_name, &SharedGroup::share_name);
  if (found == groups.end()) {
    found =
        groups.insert(found, std::make_unique<SharedGroup>(++last_group_id, std::string(share_name),
                                                           std::string(filter)));
  }
  return (*found)->add({subscription.session, subscription.options, subscription.identifier});
}

bool SubscriberList::remove_shared(std::string_view share_name, SessionKey session) {
  if (crowd_ == nullptr) return false;
  auto& groups = crowd_->groups;
  const auto found = std::ranges::find(groups, share_name, &SharedGroup::share_name);
  if (found == groups.end() || !(*found)->remove(session)) return false;
  if ((*found)->empty()) groups.erase(found);
  dissolve_small_crowd();
  return true;
}

std::span<const Subscription> SubscriberList::subscriptions() const {
  if (crowd_ != nullptr) return crowd_->subscriptions;
  return {&only_, only_.session == SessionKey{} ? std::size_t{0} : std::size_t{1}};
}

std::span<const std::unique_ptr<SharedGroup>> SubscriberList::groups() const {
  if (crowd_ == nullptr) return {};
  return crowd_->groups;
}

SubscriberList::Crowd& SubscriberList::crowd() {
  if (crowd_ == nullptr) {
    crowd_ = std::make_unique<Crowd>();
    if (only_.session != SessionKey{}) crowd_->subscriptions.push_back(only_);
    only_ = {};
  }
  return *crowd_;
}

void SubscriberList::dissolve_small_crowd() {
  if (!crowd_->groups.empty() || crowd_->subscriptions.size() > 1) return;
  if (!crowd_->subscriptions.empty()) only_ = crowd_->subscriptions.front();
  crowd_.reset();
}

std::uint32_t SubscriberList::Crowd::find(SessionKey session, const Hash& hash) const {
  if (index.size() > 0) {
    return index.find(hash_of(session, hash), [&](std::uint32_t position) {
      return subscriptions[position].session == session;
    });
  }
  const auto found = std::ranges::find(subscriptions, session, &Subscription::session);
  if (found == subscriptions.end()) return SlotTable::kNone;
  return static_cast<std::uint32_t>(found - subscriptions.begin());
}

void SubscriberList::Crowd::add(const Subscription& subscription, const Hash& hash) {
  subscriptions.push_back(subscription);
  if (index.size() == 0 && subscriptions.size() <= kFew) return;
  // The first one above the limit brings the index, for all of them.
  for (std::size_t position = index.size(); position < subscriptions.size(); ++position) {
    index.insert(hash_of(subscriptions[position].session, hash),
                 static_cast<std::uint32_t>(position));
  }
}

void SubscriberList::Crowd::remove(std::uint32_t position, const Hash& hash) {
  const auto last = static_cast<std::uint32_t>(subscriptions.size() - 1);
  if (index.size() > 0) {
    index.erase(hash_of(subscriptions[position].session, hash), position);
    if (position != last) {
      index.renumber(hash_of(subscriptions[last].session, hash), last, position);
    }
  }
  subscriptions[position] = subscriptions[last];
  subscriptions.pop_back();
  if (subscriptions.size() <= kFew / 2) index.clear();
  if (subscriptions.size() * 4 < subscriptions.capacity()) subscriptions.shrink_to_fit();
}

}  // namespace mqtt::broker
