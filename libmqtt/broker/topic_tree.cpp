#include "libmqtt/broker/topic_tree.hpp"

#include <algorithm>

#include "libmqtt/broker/filter_index.hpp"
#include "libmqtt/broker/hash.hpp"
#include "libmqtt/broker/match_cache.hpp"
#include "libmqtt/broker/slot_table.hpp"
#include "libmqtt/broker/subscriber_list.hpp"
#include "libmqtt/codec/topic.hpp"

namespace mqtt::broker {

namespace {

Match match_of(const Subscription& subscription) {
  const SubscribeOptions& options = subscription.options;
  Match match{subscription.session, subscription.identifier, options.qos,
              options.retain_as_published};
  if (!options.no_local) {  // With it, one's own messages do not come back [MQTT-3.8.3-3].
    match.takes_own = true;
    match.own_qos = options.qos;
  }
  return match;
}

void merge(Match& into, const Match& other) {
  into.qos = std::max(into.qos, other.qos);  // [MQTT-3.3.4-2], in 3.1.1 [MQTT-3.3.5-1]
  into.retain_as_published |= other.retain_as_published;
  into.takes_own |= other.takes_own;
  into.own_qos = std::max(into.own_qos, other.own_qos);
}

}  // namespace

struct TopicTree::State {
  explicit State(std::uint64_t seed) : hash(seed), filters(hash) {}

  void changed(std::string_view filter);
  void removed(std::string_view filter, const SubscriberList& list);
  void collect(std::string_view topic);
  void merge_found();
  void add_match(const Match& match, SlotTable& places);

  Hash hash;
  FilterIndex filters;
  MatchCache cache;
  std::size_t size = 0;
  std::uint32_t last_group_id = 0;
  MatchList result;                          ///< The list built last.
  std::vector<const SubscriberList*> found;  ///< What it is built from.
};

/// The lists of the cache that this filter may concern are not current any more.
void TopicTree::State::changed(std::string_view filter) {
  if (has_wildcard(filter)) {
    cache.forget_all();
  } else {
    cache.forget(filter, hash(filter));
  }
}

void TopicTree::State::removed(std::string_view filter, const SubscriberList& list) {
  changed(filter);
  if (list.empty()) filters.erase(filter);
  if (--size > 0) return;
  cache.clear();
  result = {};
  found = std::vector<const SubscriberList*>();
}

void TopicTree::State::collect(std::string_view topic) {
  result.matches.clear();
  result.groups.clear();
  found.clear();
  filters.collect(topic, found);
  if (found.size() == 1) {  // Nothing to merge: one filter has a session once.
    for (const Subscription& subscription : found.front()->subscriptions()) {
      result.matches.push_back(match_of(subscription));
    }
  } else if (found.size() > 1) {
    merge_found();
  }
  for (const SubscriberList* list : found) {
    for (const auto& group : list->groups()) result.groups.push_back(group.get());
  }
}

void TopicTree::State::merge_found() {
  std::size_t most = 0;
  for (const SubscriberList* list : found) most += list->subscriptions().size();
  SlotTable places;  // (session, identifier) -> where its match stands.
  places.reserve(most);
  for (const SubscriberList* list : found) {
    for (const Subscription& subscription : list->subscriptions()) {
      add_match(match_of(subscription), places);
    }
  }
}

void TopicTree::State::add_match(const Match& match, SlotTable& places) {
  const std::uint32_t key = hash(match.session.index, match.identifier);
  const std::uint32_t place = places.find(key, [&](std::uint32_t at) {
    const Match& other = result.matches[at];
    return other.session == match.session && other.identifier == match.identifier;
  });
  if (place != SlotTable::kNone) return merge(result.matches[place], match);
  places.insert(key, static_cast<std::uint32_t>(result.matches.size()));
  result.matches.push_back(match);
}

TopicTree::TopicTree(std::uint64_t hash_seed) : state_(std::make_unique<State>(hash_seed)) {}
TopicTree::~TopicTree() = default;

bool TopicTree::add(std::string_view filter, const Subscription& subscription) {
  const bool is_new = state_->filters.make(filter).add(subscription, state_->hash);
  if (is_new) ++state_->size;
  state_->changed(filter);
  return is_new;
}

bool TopicTree::remove(std::string_view filter, SessionKey session) {
  SubscriberList* list = state_->filters.find(filter);
  if (list == nullptr || !list->remove(session, state_->hash)) return false;
  state_->removed(filter, *list);
  return true;
}

bool TopicTree::add_shared(std::string_view share_name, std::string_view filter,
                           const Subscription& subscription) {
  const bool is_new = state_->filters.make(filter).add_shared(share_name, filter, subscription,
                                                              state_->last_group_id);
  if (is_new) ++state_->size;
  state_->changed(filter);
  return is_new;
}

bool TopicTree::remove_shared(std::string_view share_name, std::string_view filter,
                              SessionKey session) {
  SubscriberList* list = state_->filters.find(filter);
  if (list == nullptr || !list->remove_shared(share_name, session)) return false;
  state_->removed(filter, *list);
  return true;
}

std::uint32_t TopicTree::group_id(std::string_view share_name, std::string_view filter) const {
  const SubscriberList* list = state_->filters.find(filter);
  if (list == nullptr) return 0;
  for (const auto& group : list->groups())
    if (group->share_name() == share_name) return group->id();
  return 0;
}

const MatchList& TopicTree::match(std::string_view topic) {
  if (state_->size == 0) return state_->result;  // Empty since the last removal.
  const std::uint32_t hash = state_->hash(topic);
  if (const MatchList* cached = state_->cache.find(topic, hash)) return *cached;
  state_->collect(topic);
  state_->cache.store(topic, hash, state_->result);
  return state_->result;
}

std::size_t TopicTree::size() const { return state_->size; }

TopicTree::Footprint TopicTree::footprint() const {
  const LevelTrie& trie = state_->filters.trie();
  return {state_->filters.size(), trie.size(), trie.levels().size(), state_->cache.size(),
          state_->cache.bytes()};
}

}  // namespace mqtt::broker
