#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "libmqtt/broker/slot_table.hpp"
#include "libmqtt/broker/topic_tree.hpp"

namespace mqtt::broker {

/// The match lists of the topics published last, bounded in number and in bytes. A change that may
/// concern any topic makes all of them stale in one step (a version number); a change to an exact
/// filter only forgets that topic. When room is needed a hand goes round: stale lists and those not
/// asked for since its last round make way.
class MatchCache {
 public:
  static constexpr std::size_t kMostTopics = 32'768;
  static constexpr std::size_t kMostBytes = 8 << 20;
  /// A longer list is not kept: going over so many subscribers outweighs finding them.
  static constexpr std::size_t kMostBytesOfOne = kMostBytes / 16;

  /// The list of this topic as long as it is current, else nullptr. Valid until the next call.
  const MatchList* find(std::string_view topic, std::uint32_t hash);
  /// Keeps a copy, as the current list of this topic.
  void store(std::string_view topic, std::uint32_t hash, const MatchList& list);
  void forget(std::string_view topic, std::uint32_t hash);
  void forget_all() { ++version_; }
  /// Gives back all memory.
  void clear();

  std::size_t size() const { return entries_.size(); }
  std::size_t bytes() const { return bytes_; }

 private:
  struct Entry {
    std::string topic;
    MatchList list;
    std::uint64_t version = 0;
    std::uint32_t hash = 0;
    bool used = false;  ///< Since the hand passed.
  };
  static std::size_t bytes_of(std::string_view topic, const MatchList& list);
  std::uint32_t index_of(std::string_view topic, std::uint32_t hash) const;
  void make_room(std::size_t bytes);
  void remove(std::uint32_t position);

  std::vector<Entry> entries_;
  SlotTable index_;
  std::size_t hand_ = 0;
  std::size_t bytes_ = 0;
  std::uint64_t version_ = 0;
};

}  // namespace mqtt::broker
