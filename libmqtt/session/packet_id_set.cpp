#include "libmqtt/session/packet_id_set.hpp"

#include <algorithm>

namespace mqtt {

namespace {
constexpr std::uint64_t bit(std::uint16_t packet_id) {
  return std::uint64_t{1} << (packet_id % 64);
}
}  // namespace

bool PacketIdSet::insert(std::uint16_t packet_id) {
  if (contains(packet_id)) return false;
  if (bitmap_.empty() && list_.size() == kListMaximum) turn_into_bitmap();
  if (bitmap_.empty()) {
    list_.push_back(packet_id);
  } else {
    bitmap_[packet_id / 64] |= bit(packet_id);
  }
  ++size_;
  return true;
}

bool PacketIdSet::erase(std::uint16_t packet_id) {
  if (!bitmap_.empty()) {
    if ((bitmap_[packet_id / 64] & bit(packet_id)) == 0) return false;
    bitmap_[packet_id / 64] &= ~bit(packet_id);
  } else {
    const auto found = std::find(list_.begin(), list_.end(), packet_id);
    if (found == list_.end()) return false;
    *found = list_.back();
    list_.pop_back();
  }
  --size_;
  return true;
}

bool PacketIdSet::contains(std::uint16_t packet_id) const {
  if (!bitmap_.empty()) return (bitmap_[packet_id / 64] & bit(packet_id)) != 0;
  return std::find(list_.begin(), list_.end(), packet_id) != list_.end();
}

std::optional<std::uint16_t> PacketIdSet::first_absent(std::uint16_t from) const {
  if (size_ >= 65'535) return std::nullopt;
  if (from == 0) from = 1;
  while (contains(from)) {
    // Whole words of used identifiers are stepped over at once: nearly all may be in use.
    const bool full_word =
        !bitmap_.empty() && from % 64 == 0 && bitmap_[from / 64] == ~std::uint64_t{0};
    from = static_cast<std::uint16_t>(from + (full_word ? 64 : 1));
    if (from == 0) from = 1;
  }
  return from;
}

void PacketIdSet::clear() {
  std::vector<std::uint16_t>().swap(list_);
  std::vector<std::uint64_t>().swap(bitmap_);
  size_ = 0;
}

void PacketIdSet::turn_into_bitmap() {
  bitmap_.assign(kWords, 0);
  for (const std::uint16_t packet_id : list_) bitmap_[packet_id / 64] |= bit(packet_id);
  std::vector<std::uint16_t>().swap(list_);
}

}  // namespace mqtt
