#include "libmqtt/base/output.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace mqtt {

void Output::append(std::span<const std::byte> bytes) {
  if (!bytes.empty()) std::memcpy(grow(bytes.size()), bytes.data(), bytes.size());
}

void Output::append(const Bytes& bytes) {
  if (bytes.size() <= kShareAbove) return append(bytes.span());
  splices_.push_back({buffer_.size(), bytes});
  appended_ += bytes.size();
}

std::size_t Output::gather(std::span<std::span<const std::byte>> pieces) const {
  std::size_t count = 0;
  std::size_t at = head_;
  std::size_t splice = first_splice_;
  while (count < pieces.size()) {
    const std::size_t end = splice < splices_.size() ? splices_[splice].before : buffer_.size();
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
    const std::size_t end = spliced ? splices_[first_splice_].before : buffer_.size();
    const std::size_t plain = std::min(count, end - head_);
    head_ += plain;
    count -= plain;
    if (count == 0 || !spliced) break;
    Bytes& block = splices_[first_splice_].bytes;
    const std::size_t taken = std::min(count, block.size());
    count -= taken;
    block = block.slice(taken);
    if (block.empty()) ++first_splice_;
  }
  if (!empty()) return;
  buffer_.clear();
  head_ = 0;
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
  assert(empty() && spare.empty());
  buffer_.swap(spare);
}

}  // namespace mqtt
