#include "libmqtt/broker/level_trie.hpp"

namespace mqtt::broker {

LevelTrie::Node LevelTrie::make(std::string_view path) {
  if (empty()) nodes_.add();  // The root: an empty pool gives out number 0.
  Node node = kRoot;
  Levels levels(path);
  while (const auto text = levels.next()) {
    const Level level = levels_.find(*text);
    const Node next = level == LevelTable::kNone ? kNone : child(node, level);
    node = next == kNone ? add_child(node, *text) : next;
  }
  return node;
}

LevelTrie::Node LevelTrie::find(std::string_view path) const {
  Node node = empty() ? kNone : kRoot;
  Levels levels(path);
  while (node != kNone) {
    const auto text = levels.next();
    if (!text) break;
    const Level level = levels_.find(*text);
    node = level == LevelTable::kNone ? kNone : child(node, level);
  }
  return node;
}

void LevelTrie::prune(Node node) {
  while (nodes_[node].value == kNone && nodes_[node].first_child == kNone) {
    if (node == kRoot) return nodes_.clear();
    const Node parent = nodes_[node].parent;
    remove_child(node);
    node = parent;
  }
}

LevelTrie::Node LevelTrie::child(Node node, Level level) const {
  return children_.find(hash_(node, level), [&](Node candidate) {
    const Item& item = nodes_[candidate];
    return item.parent == node && item.level == level;
  });
}

LevelTrie::Node LevelTrie::add_child(Node parent, std::string_view text) {
  const Level level = levels_.hold(text);
  const Node node = nodes_.add();
  nodes_[node].parent = parent;
  nodes_[node].level = level;
  link(node);
  mark_wildcard(parent, level, true);
  children_.insert(hash_(parent, level), node);
  return node;
}

void LevelTrie::remove_child(Node node) {
  const Node parent = nodes_[node].parent;
  const Level level = nodes_[node].level;
  children_.erase(hash_(parent, level), node);
  mark_wildcard(parent, level, false);
  unlink(node);
  nodes_.remove(node);
  levels_.release(level);
}

void LevelTrie::link(Node node) {
  Item& item = nodes_[node];
  Node& first = nodes_[item.parent].first_child;
  if (first == kNone) {
    first = node;
    item.previous = node;
    return;
  }
  item.previous = nodes_[first].previous;
  nodes_[item.previous].next = node;
  nodes_[first].previous = node;
}

void LevelTrie::unlink(Node node) {
  const Item& item = nodes_[node];
  Node& first = nodes_[item.parent].first_child;
  if (first == node) {
    first = item.next;
  } else {
    nodes_[item.previous].next = item.next;
  }
  const Node heir = item.next == kNone ? first : item.next;  // Whose `previous` named this node.
  if (heir != kNone) nodes_[heir].previous = item.previous;
}

void LevelTrie::mark_wildcard(Node parent, Level level, bool present) {
  if (level == LevelTable::kPlus) nodes_[parent].has_plus = present;
  if (level == LevelTable::kHash) nodes_[parent].has_hash = present;
}

}  // namespace mqtt::broker
