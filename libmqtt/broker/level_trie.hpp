#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "libmqtt/broker/hash.hpp"
#include "libmqtt/broker/level_table.hpp"
#include "libmqtt/broker/pool.hpp"
#include "libmqtt/broker/slot_table.hpp"

namespace mqtt::broker {

/// Topics or filters as paths of levels, common beginnings shared. A node can carry the number of a
/// value that its owner keeps. Children are found by one hash look-up of (node, level), for the
/// whole trie in one table, and listed in the order in which they came. Whoever takes a value away
/// prunes the node, which also drops ancestors that lead nowhere any more.
class LevelTrie {
 public:
  using Node = std::uint32_t;
  using Level = LevelTable::Level;
  static constexpr Node kRoot = 0;
  static constexpr Node kNone = SlotTable::kNone;  ///< No node, no value.

  explicit LevelTrie(Hash hash) : hash_(hash), levels_(hash) {}

  /// The node of a path, made if it is not there.
  Node make(std::string_view path);
  /// kNone when there is none.
  Node find(std::string_view path) const;
  void prune(Node node);

  std::uint32_t value(Node node) const { return nodes_[node].value; }
  void set_value(Node node, std::uint32_t value) { nodes_[node].value = value; }

  Node child(Node node, Level level) const;
  Node first_child(Node node) const { return nodes_[node].first_child; }
  Node next_sibling(Node node) const { return nodes_[node].next; }
  Node parent(Node node) const { return nodes_[node].parent; }
  Level level(Node node) const { return nodes_[node].level; }
  /// Whether a '+' or '#' child exists: spares the look-up.
  bool has_plus(Node node) const { return nodes_[node].has_plus; }
  bool has_hash(Node node) const { return nodes_[node].has_hash; }

  const LevelTable& levels() const { return levels_; }
  bool empty() const { return nodes_.size() == 0; }
  /// Nodes held, the root included; an empty trie has none.
  std::size_t size() const { return nodes_.size(); }

 private:
  struct Item {
    Node parent = kNone;
    Level level = LevelTable::kNone;
    Node first_child = kNone;
    Node next = kNone;
    Node previous = kNone;  ///< For the first child: the last one.
    std::uint32_t value = kNone;
    bool has_plus = false;
    bool has_hash = false;
  };
  Node add_child(Node parent, std::string_view text);
  void remove_child(Node node);
  void link(Node node);
  void unlink(Node node);
  void mark_wildcard(Node parent, Level level, bool present);

  Hash hash_;
  LevelTable levels_;
  Pool<Item> nodes_;
  SlotTable children_;
};

}  // namespace mqtt::broker
