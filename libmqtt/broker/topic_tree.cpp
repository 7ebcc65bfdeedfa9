#include "libmqtt/broker/topic_tree.hpp"

#include <algorithm>
#include <map>
#include <string>

#include "libmqtt/codec/topic.hpp"

namespace mqtt::broker {

struct TopicTree::State {
  struct Filter {
    std::vector<Subscription> subscriptions;
    std::vector<std::unique_ptr<SharedGroup>> groups;
    bool empty() const { return subscriptions.empty() && groups.empty(); }
  };
  std::map<std::string, Filter, std::less<>> filters;
  MatchList result;
  std::size_t size = 0;

  Filter& filter(std::string_view text) {
    const auto found = filters.find(text);
    return found != filters.end() ? found->second : filters[std::string(text)];
  }
  void merge(const Subscription& subscription);
};

void TopicTree::State::merge(const Subscription& subscription) {
  const SubscribeOptions& options = subscription.options;
  auto found = std::ranges::find_if(result.matches, [&](const Match& match) {
    return match.session == subscription.session && match.identifier == subscription.identifier;
  });
  if (found == result.matches.end()) {
    found = result.matches.insert(found, Match{subscription.session, subscription.identifier});
  }
  found->qos = std::max(found->qos, options.qos);
  found->retain_as_published |= options.retain_as_published;
  if (options.no_local) return;  // [MQTT-3.8.3-3]
  found->takes_own = true;
  found->own_qos = std::max(found->own_qos, options.qos);
}

TopicTree::TopicTree() : state_(std::make_unique<State>()) {}
TopicTree::~TopicTree() = default;

bool TopicTree::add(std::string_view filter, const Subscription& subscription) {
  auto& subscriptions = state_->filter(filter).subscriptions;
  const auto found = std::ranges::find(subscriptions, subscription.session, &Subscription::session);
  if (found != subscriptions.end()) {
    *found = subscription;
    return false;
  }
  subscriptions.push_back(subscription);
  ++state_->size;
  return true;
}

bool TopicTree::remove(std::string_view filter, SessionKey session) {
  const auto entry = state_->filters.find(filter);
  if (entry == state_->filters.end()) return false;
  auto& subscriptions = entry->second.subscriptions;
  const auto found = std::ranges::find(subscriptions, session, &Subscription::session);
  if (found == subscriptions.end()) return false;
  subscriptions.erase(found);
  if (entry->second.empty()) state_->filters.erase(entry);
  --state_->size;
  return true;
}

bool TopicTree::add_shared(std::string_view share_name, std::string_view filter,
                           const Subscription& subscription) {
  auto& groups = state_->filter(filter).groups;
  auto found = std::ranges::find(groups, share_name, &SharedGroup::share_name);
  if (found == groups.end()) {
    found = groups.insert(
        found, std::make_unique<SharedGroup>(std::string(share_name), std::string(filter)));
  }
  const bool is_new =
      (*found)->add({subscription.session, subscription.options, subscription.identifier});
  if (is_new) ++state_->size;
  return is_new;
}

bool TopicTree::remove_shared(std::string_view share_name, std::string_view filter,
                              SessionKey session) {
  const auto entry = state_->filters.find(filter);
  if (entry == state_->filters.end()) return false;
  auto& groups = entry->second.groups;
  const auto found = std::ranges::find(groups, share_name, &SharedGroup::share_name);
  if (found == groups.end() || !(*found)->remove(session)) return false;
  if ((*found)->empty()) groups.erase(found);
  if (entry->second.empty()) state_->filters.erase(entry);
  --state_->size;
  return true;
}

const MatchList& TopicTree::match(std::string_view topic) {
  state_->result.matches.clear();
  state_->result.groups.clear();
  for (const auto& [filter, held] : state_->filters) {
    if (!matches(filter, topic)) continue;
    for (const Subscription& subscription : held.subscriptions) state_->merge(subscription);
    for (const auto& group : held.groups) state_->result.groups.push_back(group.get());
  }
  return state_->result;
}

std::size_t TopicTree::size() const { return state_->size; }

}  // namespace mqtt::broker
