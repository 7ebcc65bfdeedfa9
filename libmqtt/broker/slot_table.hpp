#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace mqtt::broker {

/// A flat hash index: finds the number of an item, which itself lives elsewhere, by the item's
/// hash. It knows no keys, the caller compares; so one table serves every key, at 8 bytes a slot.
/// Linear probing, closed up on erase (no tombstones), at most three quarters full, shrinks again;
/// empty it holds no memory.
class SlotTable {
 public:
  static constexpr std::uint32_t kNone = 0xFFFF'FFFF;  ///< No item; never an item's number.

  /// The item with this hash that `equal(item)` accepts, else kNone.
  template <class Equal>
  std::uint32_t find(std::uint32_t hash, Equal equal) const {
    if (slots_.empty()) return kNone;
    for (std::size_t at = hash & mask();; at = (at + 1) & mask()) {
      const Slot& slot = slots_[at];
      if (slot.item == kNone || (slot.hash == hash && equal(slot.item))) return slot.item;
    }
  }
  /// Adds an item that is not there yet.
  void insert(std::uint32_t hash, std::uint32_t item);
  /// Removes an item that is there under this hash.
  void erase(std::uint32_t hash, std::uint32_t item);
  /// Gives an item that is there under this hash another number.
  void renumber(std::uint32_t hash, std::uint32_t item, std::uint32_t number);
  /// Room for so many items in an empty table, so that it does not grow step by step.
  void reserve(std::size_t items);
  void clear();

  std::size_t size() const { return size_; }

 private:
  struct Slot {
    std::uint32_t hash = 0;
    std::uint32_t item = kNone;
  };
  std::size_t mask() const { return slots_.size() - 1; }
  std::size_t position(std::uint32_t hash, std::uint32_t item) const;
  void place(Slot slot);
  void resize(std::size_t capacity);

  std::vector<Slot> slots_;  ///< A power of two, or none.
  std::size_t size_ = 0;
};

}  // namespace mqtt::broker
