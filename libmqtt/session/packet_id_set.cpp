#include "libmqtt/session/packet_id_set.hpp"

#include <algorithm>

namespace mqtt {

namespace {
constexpr std::uint64_t bit(std::uint16_t packet_id) {
  return std::uint64_t{1} << (packet_id % 64);
}
}  // namespace

bool PacketIdSet::insert(std::uint16_t packet_id) {
  if (!members_) members_ = std::make_unique<Members>();
  Members& all = *members_;
  if (all.contains(packet_id)) return false;
  if (all.bitmap.empty() && all.list.size() == kListMaximum) all.turn_into_bitmap();
  if (all.bitmap.empty()) {
    all.list.push_back(packet_id);
  } else {
    all.bitmap[packet_id / 64] |= bit(packet_id);
  }
  ++all.size;
  return true;
}

bool PacketIdSet::erase(std::uint16_t packet_id) {
  if (!members_) return false;
  Members& all = *members_;
  if (!all.bitmap.empty()) {
    if ((all.bitmap[packet_id / 64] & bit(packet_id)) == 0) return false;
    all.bitmap[packet_id / 64] &= ~bit(packet_id);
  } else {
    const auto found = std::find(all.list.begin(), all.list.end(), packet_id);
    if (found == all.list.end()) return false;
    *found = all.list.back();
    all.list.pop_back();
  }
  --all.size;
  return true;
}

bool PacketIdSet::contains(std::uint16_t packet_id) const {
  return members_ && members_->contains(packet_id);
}

std::optional<std::uint16_t> PacketIdSet::first_absent(std::uint16_t from) const {
  if (size() >= 65'535) return std::nullopt;
  if (from == 0) from = 1;
  while (contains(from)) {
    // Whole words of used identifiers are stepped over at once: nearly all may be in use.
    const auto& bitmap = members_->bitmap;
    const bool full_word =
        !bitmap.empty() && from % 64 == 0 && bitmap[from / 64] == ~std::uint64_t{0};
    from = static_cast<std::uint16_t>(from + (full_word ? 64 : 1));
    if (from == 0) from = 1;
  }
  return from;
}

bool PacketIdSet::Members::contains(std::uint16_t packet_id) const {
  if (!bitmap.empty()) return (bitmap[packet_id / 64] & bit(packet_id)) != 0;
  return std::find(list.begin(), list.end(), packet_id) != list.end();
}

void PacketIdSet::Members::turn_into_bitmap() {
  bitmap.assign(kWords, 0);
  for (const std::uint16_t packet_id : list) bitmap[packet_id / 64] |= bit(packet_id);
  std::vector<std::uint16_t>().swap(list);
}

}  // namespace mqtt
