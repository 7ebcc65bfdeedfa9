#include "libmqtt/broker/retained.hpp"

#include <algorithm>
#include <cassert>
#include <functional>
#include <utility>
#include <vector>

#include "libmqtt/broker/hash.hpp"
#include "libmqtt/broker/level_trie.hpp"
#include "libmqtt/broker/pool.hpp"
#include "libmqtt/broker/slot_table.hpp"
#include "libmqtt/codec/topic.hpp"

namespace mqtt::broker {

namespace {

using Node = LevelTrie::Node;

/// The child, or the first sibling after it, that a wildcard at this depth may match.
Node visible(const LevelTrie& trie, Node child, bool at_first_level) {
  const auto is_hidden = [&](Node node) {  // [MQTT-4.7.2-1]
    return at_first_level && trie.levels().text(trie.level(node)).starts_with('$');
  };
  while (child != LevelTrie::kNone && is_hidden(child)) child = trie.next_sibling(child);
  return child;
}

}  // namespace

struct Retained::State {
  struct Kept {
    MessagePtr message;
    Node node = LevelTrie::kNone;
  };
  struct Expiry {
    TimePoint when;
    std::uint32_t topic_hash = 0;
    auto operator<=>(const Expiry&) const = default;
  };
  State(std::uint64_t seed, std::function<void(const MessagePtr&)> told)
      : hash(seed), trie(hash), on_expired(std::move(told)) {}

  std::uint32_t find(std::string_view topic) const;
  void add(MessagePtr message);
  void watch(const Message& message);
  void forget_outdated();
  MessagePtr remove(std::uint32_t item);
  void remove_expired(std::uint32_t item);
  void walk(std::string_view filter);
  void expand(Node node, LevelTable::Level level, std::vector<Node>& into) const;
  void take(Node node);
  void take_below(Node top);

  Hash hash;
  LevelTrie trie;
  std::function<void(const MessagePtr&)> on_expired;
  Pool<Kept> kept;  ///< The values of the trie.
  SlotTable index;  ///< Of kept, by the whole topic.
  std::size_t bytes = 0;
  /// A heap, the earliest first. Messages that are replaced or removed leave theirs behind.
  std::vector<Expiry> expiries;
  std::vector<std::uint32_t> found;  ///< Of a walk: what matched.
};

std::uint32_t Retained::State::find(std::string_view topic) const {
  return index.find(hash(topic),
                    [&](std::uint32_t item) { return kept[item].message->topic.view() == topic; });
}

void Retained::State::add(MessagePtr message) {
  const std::string_view topic = message->topic.view();
  const Node node = trie.make(topic);
  const std::uint32_t item = kept.add();
  trie.set_value(node, item);
  index.insert(hash(topic), item);
  bytes += message->cost();
  kept[item] = {std::move(message), node};
}

void Retained::State::watch(const Message& message) {
  if (message.expires == kNever) return;
  constexpr std::size_t kSpare = 64;
  if (expiries.size() >= 2 * kept.size() + kSpare) forget_outdated();
  expiries.push_back({message.expires, hash(message.topic.view())});
  std::ranges::push_heap(expiries, std::greater());
}

/// Leaves one entry for each message that expires.
void Retained::State::forget_outdated() {
  std::erase_if(expiries, [&](const Expiry& expiry) {
    return index.find(expiry.topic_hash, [&](std::uint32_t item) {
      return kept[item].message->expires == expiry.when;
    }) == SlotTable::kNone;
  });
  std::ranges::sort(expiries);  // a sorted row is a heap
  const auto repeated = std::ranges::unique(expiries);
  expiries.erase(repeated.begin(), repeated.end());
}

MessagePtr Retained::State::remove(std::uint32_t item) {
  Kept gone = std::exchange(kept[item], {});
  kept.remove(item);
  index.erase(hash(gone.message->topic.view()), item);
  bytes -= gone.message->cost();
  trie.set_value(gone.node, LevelTrie::kNone);
  trie.prune(gone.node);
  return std::move(gone.message);
}

void Retained::State::remove_expired(std::uint32_t item) {
  const MessagePtr gone = remove(item);
  if (on_expired) on_expired(gone);
}

/// Puts everything that the filter, one with wildcards, matches into `found`. Level by level: the
/// frontier is what the levels so far lead to.
void Retained::State::walk(std::string_view filter) {
  std::vector<Node> frontier(trie.empty() ? 0 : 1, LevelTrie::kRoot);
  std::vector<Node> next;
  Levels levels(filter);
  while (const auto text = levels.next()) {
    const LevelTable::Level level = trie.levels().find(*text);
    if (level == LevelTable::kHash) {
      for (const Node node : frontier) take_below(node);
      return;
    }
    next.clear();
    for (const Node node : frontier) expand(node, level, next);
    std::swap(frontier, next);
    if (frontier.empty()) return;
  }
  for (const Node node : frontier) take(node);
}

/// Appends the children that one level of a filter, '#' apart, matches.
void Retained::State::expand(Node node, LevelTable::Level level, std::vector<Node>& into) const {
  if (level == LevelTable::kNone) return;
  if (level != LevelTable::kPlus) {
    const Node child = trie.child(node, level);
    if (child != LevelTrie::kNone) into.push_back(child);
    return;
  }
  const bool at_first_level = node == LevelTrie::kRoot;
  for (Node child = visible(trie, trie.first_child(node), at_first_level);
       child != LevelTrie::kNone; child = visible(trie, trie.next_sibling(child), at_first_level)) {
    into.push_back(child);
  }
}

void Retained::State::take(Node node) {
  if (trie.value(node) != LevelTrie::kNone) found.push_back(trie.value(node));
}

/// What '#' matches: the node itself and all below it, along the links between nodes.
void Retained::State::take_below(Node top) {
  take(top);
  Node node = top;
  Node next = visible(trie, trie.first_child(top), top == LevelTrie::kRoot);
  while (next != LevelTrie::kNone || node != top) {
    if (next != LevelTrie::kNone) {
      node = next;
      take(node);
      next = trie.first_child(node);
    } else {
      next = visible(trie, trie.next_sibling(node), trie.parent(node) == LevelTrie::kRoot);
      if (next == LevelTrie::kNone) node = trie.parent(node);
    }
  }
}

Retained::Retained(std::uint64_t hash_seed, std::function<void(const MessagePtr&)> on_expired)
    : state_(std::make_unique<State>(hash_seed, std::move(on_expired))) {}
Retained::~Retained() = default;

MessagePtr Retained::set(MessagePtr message) {
  assert(!message->payload.empty());
  state_->watch(*message);
  const std::uint32_t item = state_->find(message->topic.view());
  if (item == SlotTable::kNone) {
    state_->add(std::move(message));
    return {};
  }
  state_->bytes += message->cost() - state_->kept[item].message->cost();
  return std::exchange(state_->kept[item].message, std::move(message));
}

MessagePtr Retained::erase(std::string_view topic) {
  const std::uint32_t item = state_->find(topic);
  return item == SlotTable::kNone ? MessagePtr() : state_->remove(item);
}

void Retained::match(std::string_view filter, TimePoint now,
                     const std::function<void(const MessagePtr&)>& visit) {
  if (has_wildcard(filter)) {
    state_->walk(filter);
  } else if (const std::uint32_t item = state_->find(filter); item != SlotTable::kNone) {
    state_->found.push_back(item);
  }
  std::vector<MessagePtr> matched;  // visit may change what is kept.
  for (const std::uint32_t item : std::exchange(state_->found, {})) {
    const MessagePtr& message = state_->kept[item].message;
    if (message->expires > now) {
      matched.push_back(message);
    } else {
      state_->remove_expired(item);
    }
  }
  for (const MessagePtr& message : matched) visit(message);
}

TimePoint Retained::next_expiry() const {
  return state_->expiries.empty() ? kNever : state_->expiries.front().when;
}

bool Retained::expire(TimePoint now, std::size_t most) {
  auto& expiries = state_->expiries;
  for (; next_expiry() <= now && most > 0; --most) {
    const std::uint32_t hash = expiries.front().topic_hash;
    std::ranges::pop_heap(expiries, std::greater());
    expiries.pop_back();
    // Whatever lies there under this hash and has expired: the entry may be out of date.
    const auto has_expired = [&](std::uint32_t item) {
      return state_->kept[item].message->expires <= now;
    };
    if (const auto item = state_->index.find(hash, has_expired); item != SlotTable::kNone)
      state_->remove_expired(item);
  }
  if (expiries.empty()) expiries = {};
  return next_expiry() > now;
}

std::size_t Retained::size() const { return state_->kept.size(); }
std::size_t Retained::bytes() const { return state_->bytes; }
std::size_t Retained::nodes() const { return state_->trie.size(); }

}  // namespace mqtt::broker
