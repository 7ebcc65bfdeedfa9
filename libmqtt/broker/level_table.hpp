#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "libmqtt/broker/hash.hpp"
#include "libmqtt/broker/pool.hpp"
#include "libmqtt/broker/slot_table.hpp"

namespace mqtt::broker {

/// Yields the levels of a topic name or filter one after the other; "a//b/" has "a", "", "b", "".
class Levels {
 public:
  explicit Levels(std::string_view path) : rest_(path) {}
  std::optional<std::string_view> next() {
    if (finished_) return std::nullopt;
    const std::size_t slash = rest_.find('/');
    const std::string_view level = rest_.substr(0, slash);
    finished_ = slash == std::string_view::npos;
    if (!finished_) rest_.remove_prefix(slash + 1);
    return level;
  }

 private:
  std::string_view rest_;
  bool finished_ = false;
};

/// Numbers for the texts between slashes, each text stored once and counted. The wildcards have
/// fixed numbers and are not stored.
class LevelTable {
 public:
  using Level = std::uint32_t;
  static constexpr Level kNone = SlotTable::kNone;
  static constexpr Level kPlus = kNone - 1;
  static constexpr Level kHash = kNone - 2;

  explicit LevelTable(Hash hash) : hash_(hash) {}

  /// kNone for a text that nobody holds.
  Level find(std::string_view text) const;
  /// The text's number, held until it is released as often.
  Level hold(std::string_view text);
  void release(Level level);
  /// The text of a stored level (no wildcard).
  std::string_view text(Level level) const { return entries_[level].text; }

  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    std::string text;
    std::uint32_t holders = 0;
    std::uint32_t hash = 0;
  };
  Level find(std::string_view text, std::uint32_t hash) const;

  Hash hash_;
  Pool<Entry> entries_;
  SlotTable index_;
};

}  // namespace mqtt::broker
