#include "libmqtt/base/output.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace mqtt {
namespace {

constexpr std::size_t kSmallestBuffer = 256;

}  // namespace

void Output::append(std::span<const std::byte> bytes) {
  if (!bytes.empty()) std::memcpy(grow(bytes.size()), bytes.data(), bytes.size());
}

void Output::append(const Bytes& bytes) {
  if (bytes.size() <= kShareAbove) return append(bytes.span());
  if (splices_.size() == splices_.capacity()) drop_consumed();
  splices_.push_back({end_, bytes});
  appended_ += bytes.size();
}

void Output::append(const Output& other) {
  std::size_t at = other.head_;
  for (std::size_t i = other.first_splice_; i < other.splices_.size(); ++i) {
    const Splice& splice = other.splices_[i];
    append(std::span(other.buffer_).subspan(at, splice.before - at));
    append(splice.bytes);
    at = splice.before;
  }
  append(std::span(other.buffer_).subspan(at, other.end_ - at));
}

void Output::make_room(std::size_t size) {
  drop_consumed();
  if (size <= buffer_.size() - end_) return;
  buffer_.resize(std::max({kSmallestBuffer, end_ + size, 2 * buffer_.size()}));
}

void Output::drop_consumed() {
  // A receiver that never drains its output must not make it grow for ever. Moving pays once at
  // least half is consumed: then no byte is moved more than once on average.
  if (head_ >= end_ - head_ && head_ > 0) {
    std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(head_),
              buffer_.begin() + static_cast<std::ptrdiff_t>(end_), buffer_.begin());
    for (auto& splice : splices_) splice.before -= std::min(head_, splice.before);
    end_ -= head_;
    head_ = 0;
  }
  if (first_splice_ >= splices_.size() - first_splice_) {
    splices_.erase(splices_.begin(), splices_.begin() + static_cast<std::ptrdiff_t>(first_splice_));
    first_splice_ = 0;
  }
}

std::size_t Output::gather(std::span<std::span<const std::byte>> pieces) const {
  std::size_t count = 0;
  std::size_t at = head_;
  std::size_t splice = first_splice_;
  while (count < pieces.size()) {
    const std::size_t end = splice < splices_.size() ? splices_[splice].before : end_;
    if (at < end) {
      pieces[count++] = std::span(buffer_).subspan(at, end - at);
      at = end;
    } else if (splice < splices_.size()) {
      pieces[count++] = splices_[splice++].bytes.span();
    } else {
      break;
    }
  }
  return count;
}

void Output::consume(std::size_t count) {
  assert(count <= size());
  consumed_ += count;
  while (count > 0) {
    const bool spliced = first_splice_ < splices_.size();
    const std::size_t end = spliced ? splices_[first_splice_].before : end_;
    const std::size_t plain = std::min(count, end - head_);
    head_ += plain;
    count -= plain;
    if (count == 0 || !spliced) break;
    Bytes& block = splices_[first_splice_].bytes;
    const std::size_t taken = std::min(count, block.size());
    count -= taken;
    block = std::move(block).slice(taken);
    if (block.empty()) ++first_splice_;
  }
  if (!empty()) return;
  head_ = 0;
  end_ = 0;
  splices_.clear();
  first_splice_ = 0;
}

void Output::clear() { consume(size()); }

void Output::release_memory() {
  assert(empty());
  std::vector<std::byte>().swap(buffer_);
  std::vector<Splice>().swap(splices_);
}

void Output::swap_buffer(std::vector<std::byte>& spare) {
  assert(empty());
  buffer_.swap(spare);
}

}  // namespace mqtt
