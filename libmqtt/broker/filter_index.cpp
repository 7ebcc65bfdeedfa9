#include "libmqtt/broker/filter_index.hpp"

#include <utility>

#include "libmqtt/codec/topic.hpp"

namespace mqtt::broker {

SubscriberList& FilterIndex::make(std::string_view filter) {
  if (!has_wildcard(filter)) {
    const std::uint32_t hash = hash_(filter);
    std::uint32_t item = find_exact(filter, hash);
    if (item == SlotTable::kNone) {
      item = exact_.add();
      exact_[item].filter = filter;
      exact_index_.insert(hash, item);
    }
    return exact_[item].list;
  }
  const Node node = trie_.make(filter);
  if (trie_.value(node) == LevelTrie::kNone) trie_.set_value(node, lists_.add());
  return lists_[trie_.value(node)];
}

SubscriberList* FilterIndex::find(std::string_view filter) {
  if (!has_wildcard(filter)) {
    const std::uint32_t item = find_exact(filter, hash_(filter));
    return item == SlotTable::kNone ? nullptr : &exact_[item].list;
  }
  const Node node = trie_.find(filter);
  if (node == LevelTrie::kNone || trie_.value(node) == LevelTrie::kNone) return nullptr;
  return &lists_[trie_.value(node)];
}

void FilterIndex::erase(std::string_view filter) {
  if (!has_wildcard(filter)) {
    const std::uint32_t hash = hash_(filter);
    const std::uint32_t item = find_exact(filter, hash);
    exact_index_.erase(hash, item);
    exact_.remove(item);
    return;
  }
  const Node node = trie_.find(filter);
  lists_.remove(trie_.value(node));
  trie_.set_value(node, LevelTrie::kNone);
  trie_.prune(node);
  if (!trie_.empty()) return;
  frontier_ = std::vector<Node>();
  next_ = std::vector<Node>();
}

void FilterIndex::collect(std::string_view topic, std::vector<const SubscriberList*>& found) {
  const std::uint32_t exact = find_exact(topic, hash_(topic));
  if (exact != SlotTable::kNone) found.push_back(&exact_[exact].list);
  if (!trie_.empty()) collect_wildcards(topic, found);
}

std::uint32_t FilterIndex::find_exact(std::string_view filter, std::uint32_t hash) const {
  return exact_index_.find(hash, [&](std::uint32_t item) { return exact_[item].filter == filter; });
}

void FilterIndex::collect_wildcards(std::string_view topic,
                                    std::vector<const SubscriberList*>& found) {
  frontier_.assign(1, LevelTrie::kRoot);
  // Wildcards at the first level do not match topics that begin with '$' [MQTT-4.7.2-1].
  bool with_wildcards = !topic.starts_with('$');
  Levels levels(topic);
  while (const auto level = levels.next()) {
    descend(*level, with_wildcards, found);
    if (frontier_.empty()) return;
    with_wildcards = true;
  }
  for (const Node node : frontier_) {
    take(node, found);
    // '#' also matches the level above it (5.0 §4.7.1.2).
    if (trie_.has_hash(node)) take(trie_.child(node, LevelTable::kHash), found);
  }
}

/// Moves the frontier down by one level of the topic.
void FilterIndex::descend(std::string_view level, bool with_wildcards,
                          std::vector<const SubscriberList*>& found) {
  const LevelTable::Level number = trie_.levels().find(level);
  next_.clear();
  for (const Node node : frontier_) {
    if (with_wildcards && trie_.has_hash(node)) take(trie_.child(node, LevelTable::kHash), found);
    if (with_wildcards && trie_.has_plus(node)) {
      next_.push_back(trie_.child(node, LevelTable::kPlus));
    }
    if (number == LevelTable::kNone) continue;
    const Node child = trie_.child(node, number);
    if (child != LevelTrie::kNone) next_.push_back(child);
  }
  std::swap(frontier_, next_);
}

void FilterIndex::take(Node node, std::vector<const SubscriberList*>& found) const {
  const std::uint32_t value = trie_.value(node);
  if (value != LevelTrie::kNone) found.push_back(&lists_[value]);
}

}  // namespace mqtt::broker
