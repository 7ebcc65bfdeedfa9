#pragma once

#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace mqtt::broker {

/// Items with stable addresses, named by small numbers that are used again after removal. Memory
/// comes and goes in chunks of 64 items.
template <class T>
class Pool {
 public:
  /// A new item, default-constructed. An empty pool starts again with number 0.
  std::uint32_t add() {
    if (roomy_.empty()) {
      roomy_.push_back(static_cast<std::uint32_t>(chunks_.size()));
      chunks_.emplace_back();
    }
    const std::uint32_t number = roomy_.back();
    Chunk& chunk = chunks_[number];
    if (chunk.items == nullptr) chunk.items = std::make_unique<T[]>(kChunk);
    const auto place = static_cast<std::uint32_t>(std::countr_zero(chunk.free));
    chunk.free &= ~bit(place);
    if (chunk.free == 0) roomy_.pop_back();
    ++size_;
    return number * kChunk + place;
  }
  void remove(std::uint32_t item) {
    if (--size_ == 0) return clear();
    const std::uint32_t number = item / kChunk;
    Chunk& chunk = chunks_[number];
    assert((chunk.free & bit(item % kChunk)) == 0);
    chunk.items[item % kChunk] = T{};
    if (chunk.free == 0) roomy_.push_back(number);
    chunk.free |= bit(item % kChunk);
    if (chunk.free == kAllFree) chunk.items.reset();
  }
  void clear() {
    chunks_ = std::vector<Chunk>();
    roomy_ = std::vector<std::uint32_t>();
    size_ = 0;
  }

  T& operator[](std::uint32_t item) { return chunks_[item / kChunk].items[item % kChunk]; }
  const T& operator[](std::uint32_t item) const {
    return chunks_[item / kChunk].items[item % kChunk];
  }
  std::size_t size() const { return size_; }

 private:
  static constexpr std::uint32_t kChunk = 64;
  static constexpr std::uint64_t kAllFree = ~std::uint64_t{0};
  static constexpr std::uint64_t bit(std::uint32_t place) { return std::uint64_t{1} << place; }

  struct Chunk {
    std::unique_ptr<T[]> items;  ///< None while all are free.
    std::uint64_t free = kAllFree;
  };
  std::vector<Chunk> chunks_;
  std::vector<std::uint32_t> roomy_;  ///< The chunks with a free place; the last is filled first.
  std::size_t size_ = 0;
};

}  // namespace mqtt::broker
