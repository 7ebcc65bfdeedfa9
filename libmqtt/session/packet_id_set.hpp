#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace mqtt {

/// A set of packet identifiers: a short list while few are in it, a bitmap of 8 KiB from then on
/// until clear(). Holds no memory before its first member.
class PacketIdSet {
 public:
  /// False when it was in the set already.
  bool insert(std::uint16_t packet_id);
  /// False when it was not in the set.
  bool erase(std::uint16_t packet_id);
  bool contains(std::uint16_t packet_id) const;
  /// The first non-zero identifier that is not in the set, looking from `from` upwards and around;
  /// nothing when all 65,535 are in it.
  std::optional<std::uint16_t> first_absent(std::uint16_t from) const;
  std::size_t size() const { return members_ ? members_->size : 0; }
  bool empty() const { return size() == 0; }
  void clear() { members_.reset(); }
  /// Calls visit(packet_id) for every member, in no particular order.
  template <class Visit>
  void for_each(Visit visit) const {
    if (!members_) return;
    for (const std::uint16_t packet_id : members_->list) visit(packet_id);
    const auto& bitmap = members_->bitmap;
    for (std::size_t word = 0; word < bitmap.size(); ++word) {
      for (std::uint64_t rest = bitmap[word]; rest != 0; rest &= rest - 1)
        visit(static_cast<std::uint16_t>(word * 64 +
                                         static_cast<std::size_t>(std::countr_zero(rest))));
    }
  }

 private:
  static constexpr std::size_t kListMaximum = 64;
  static constexpr std::size_t kWords = 65'536 / 64;
  struct Members {
    std::vector<std::uint16_t> list;
    std::vector<std::uint64_t> bitmap;  ///< In use when not empty.
    std::size_t size = 0;

    bool contains(std::uint16_t packet_id) const;
    void turn_into_bitmap();
  };

  std::unique_ptr<Members> members_;  ///< Most sessions never have any.
};

}  // namespace mqtt
