#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "libmqtt/base/bytes.hpp"

namespace mqtt {

/// Bytes waiting to be written to one connection: small pieces are copied into one contiguous
/// buffer, large ones are shared by reference and spliced in at their place. Whoever writes asks
/// for the pieces at the front (gather), writes them, and says how much was taken (consume).
/// An empty Output holds no heap memory after release_memory().
class Output {
 public:
  /// Up to this size copying is cheaper than sharing (measured crossing: 256 B to 1 KiB).
  static constexpr std::size_t kShareAbove = 512;

  /// Room for `size` bytes at the end, to be filled by the caller at once, before any other call.
  std::byte* grow(std::size_t size) {
    if (size > buffer_.size() - end_) make_room(size);
    appended_ += size;
    end_ += size;
    return buffer_.data() + end_ - size;
  }
  void append(std::span<const std::byte> bytes);
  /// Copies up to kShareAbove bytes, shares larger blocks.
  void append(const Bytes& bytes);
  /// All that `other` holds; large blocks stay shared.
  void append(const Output& other);

  std::size_t size() const { return static_cast<std::size_t>(appended_ - consumed_); }
  bool empty() const { return appended_ == consumed_; }

  /// Fills `pieces` with the bytes at the front, in order; returns how many pieces were filled.
  /// The pieces stay valid until the next non-const call.
  std::size_t gather(std::span<std::span<const std::byte>> pieces) const;
  /// Drops `count` bytes from the front; count <= size().
  void consume(std::size_t count);
  /// Drops everything (the connection is gone).
  void clear();
  /// Gives back the buffer's memory; only when empty().
  void release_memory();
  /// Exchanges the contiguous buffer with a spare one; only when empty(). Lets a loop lend one
  /// buffer to whichever connection writes, so that idle connections hold none. The bytes of a
  /// spare one are lost, but its size() is room already filled: a clear() in between only costs
  /// time.
  void swap_buffer(std::vector<std::byte>& spare);

  /// Totals since construction, clear() included: a position p has been written once consumed() >=
  /// p.
  std::uint64_t appended() const { return appended_; }
  std::uint64_t consumed() const { return consumed_; }

 private:
  struct Splice {
    std::size_t before;  ///< Offset in buffer_ that this block precedes.
    Bytes bytes;
  };
  void make_room(std::size_t size);
  void drop_consumed();

  std::vector<std::byte> buffer_;  ///< All of it is room: growing zero-fills only when it moves.
  std::size_t head_ = 0;           ///< Consumed bytes at the front of buffer_.
  std::size_t end_ = 0;            ///< Bytes of buffer_ in use, consumed ones included.
  std::vector<Splice> splices_;
  std::size_t first_splice_ = 0;  ///< Consumed splices at the front of splices_.
  std::uint64_t appended_ = 0;
  std::uint64_t consumed_ = 0;
};

}  // namespace mqtt
