#include "libmqtt/broker/slot_table.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <utility>

namespace mqtt::broker {

namespace {
constexpr std::size_t kSmallest = 8;
}  // namespace

void SlotTable::insert(std::uint32_t hash, std::uint32_t item) {
  assert(item != kNone);
  if ((size_ + 1) * 4 > slots_.size() * 3) resize(slots_.empty() ? kSmallest : slots_.size() * 2);
  place({hash, item});
  ++size_;
}

void SlotTable::erase(std::uint32_t hash, std::uint32_t item) {
  std::size_t hole = position(hash, item);
  for (std::size_t at = (hole + 1) & mask(); slots_[at].item != kNone; at = (at + 1) & mask()) {
    // What lies behind the hole moves into it unless its own search starts behind the hole.
    const std::size_t home = slots_[at].hash & mask();
    if (((at - home) & mask()) < ((at - hole) & mask())) continue;
    slots_[hole] = slots_[at];
    hole = at;
  }
  slots_[hole] = {};
  if (--size_ == 0) return clear();
  if (size_ * 8 < slots_.size() && slots_.size() > kSmallest) resize(slots_.size() / 2);
}

void SlotTable::renumber(std::uint32_t hash, std::uint32_t item, std::uint32_t number) {
  slots_[position(hash, item)].item = number;
}

void SlotTable::reserve(std::size_t items) {
  assert(size_ == 0);
  resize(std::bit_ceil(std::max(kSmallest, items * 4 / 3 + 1)));
}

void SlotTable::clear() {
  slots_ = std::vector<Slot>();
  size_ = 0;
}

std::size_t SlotTable::position(std::uint32_t hash, std::uint32_t item) const {
  std::size_t at = hash & mask();
  while (slots_[at].item != item) {
    assert(slots_[at].item != kNone);
    at = (at + 1) & mask();
  }
  return at;
}

void SlotTable::place(Slot slot) {
  std::size_t at = slot.hash & mask();
  while (slots_[at].item != kNone) at = (at + 1) & mask();
  slots_[at] = slot;
}

void SlotTable::resize(std::size_t capacity) {
  const auto old = std::exchange(slots_, std::vector<Slot>(capacity));
  for (const Slot& slot : old) {
    if (slot.item != kNone) place(slot);
  }
}

}  // namespace mqtt::broker
