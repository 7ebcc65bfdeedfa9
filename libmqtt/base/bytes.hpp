#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>
#include <utility>

namespace mqtt {

/// The bytes of a text, unchanged.
inline std::span<const std::byte> as_bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}
/// The text made of these bytes, unchanged and unchecked.
inline std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// An immutable, reference-counted byte string. Copies and slices share one heap block, so a
/// payload read once can be queued, retained and sent to any number of receivers without being
/// copied. The count is atomic: a Bytes may be handed to another thread. Empty values hold no
/// block.
class Bytes {
 public:
  Bytes() = default;
  Bytes(const Bytes& other) : block_(other.block_), data_(other.data_), size_(other.size_) {
    retain();
  }
  Bytes(Bytes&& other) noexcept
      : block_(std::exchange(other.block_, nullptr)),
        data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)) {}
  Bytes& operator=(Bytes other) noexcept {
    std::swap(block_, other.block_);
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~Bytes() { release(); }

  /// A new block holding a copy; sizes above 4 GiB - 1 are a bug of the caller.
  static Bytes copy(std::span<const std::byte> source);
  static Bytes copy(std::string_view source) { return copy(as_bytes(source)); }
  /// A new block holding the parts one after the other.
  static Bytes concat(std::initializer_list<std::span<const std::byte>> parts);

  const std::byte* data() const { return data_; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  std::span<const std::byte> span() const { return {data_, size_}; }
  std::string_view view() const { return as_text(span()); }

  /// The bytes [offset, offset + count), sharing this block; clamped to what is there.
  Bytes slice(std::size_t offset, std::size_t count = SIZE_MAX) const&;
  /// The same out of a value that is not needed any more: the count does not change.
  Bytes slice(std::size_t offset, std::size_t count = SIZE_MAX) &&;

  friend bool operator==(const Bytes& a, const Bytes& b) { return a.view() == b.view(); }

 private:
  struct Block {
    std::atomic<std::uint32_t> count;
  };
  static Block* allocate(std::size_t size);
  static void free_block(Block* block);
  void retain() const {
    if (block_ != nullptr) block_->count.fetch_add(1, std::memory_order_relaxed);
  }
  void release() {
    if (block_ == nullptr) return;
    // The only owner need not count down: nobody is left who could count up at the same time.
    if (block_->count.load(std::memory_order_acquire) == 1 ||
        block_->count.fetch_sub(1, std::memory_order_acq_rel) == 1)
      free_block(block_);
  }

  Block* block_ = nullptr;
  const std::byte* data_ = nullptr;
  std::uint32_t size_ = 0;
};

}  // namespace mqtt
