#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "libmqtt/broker/hash.hpp"
#include "libmqtt/broker/level_trie.hpp"
#include "libmqtt/broker/pool.hpp"
#include "libmqtt/broker/slot_table.hpp"
#include "libmqtt/broker/subscriber_list.hpp"

namespace mqtt::broker {

/// Every filter that somebody subscribes to, with its list of subscribers. Exact filters lie in a
/// hash table of their own, since most subscriptions and most searches are for them; the others in
/// a trie that a search walks level by level.
class FilterIndex {
 public:
  explicit FilterIndex(Hash hash) : hash_(hash), trie_(hash) {}

  /// The list of this filter, made if it is not there. Lists never move.
  SubscriberList& make(std::string_view filter);
  SubscriberList* find(std::string_view filter);
  /// Removes a filter whose list has become empty.
  void erase(std::string_view filter);

  /// Appends the lists of all filters that match the topic.
  void collect(std::string_view topic, std::vector<const SubscriberList*>& found);

  /// Filters held.
  std::size_t size() const { return exact_.size() + lists_.size(); }
  const LevelTrie& trie() const { return trie_; }

 private:
  using Node = LevelTrie::Node;
  struct Exact {
    std::string filter;
    SubscriberList list;
  };
  std::uint32_t find_exact(std::string_view filter, std::uint32_t hash) const;
  void collect_wildcards(std::string_view topic, std::vector<const SubscriberList*>& found);
  void descend(std::string_view level, bool with_wildcards,
               std::vector<const SubscriberList*>& found);
  void take(Node node, std::vector<const SubscriberList*>& found) const;

  Hash hash_;
  Pool<Exact> exact_;
  SlotTable exact_index_;
  LevelTrie trie_;
  Pool<SubscriberList> lists_;  ///< The values of the trie.
  std::vector<Node> frontier_;  ///< Of a search: the nodes that the levels so far lead to.
  std::vector<Node> next_;
};

}  // namespace mqtt::broker
