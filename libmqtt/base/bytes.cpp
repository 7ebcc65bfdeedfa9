#include "libmqtt/base/bytes.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <new>

namespace mqtt {

Bytes::Block* Bytes::allocate(std::size_t size) {
  assert(size <= UINT32_MAX);
  void* memory = ::operator new(sizeof(Block) + size);
  return new (memory) Block{1};
}

void Bytes::free_block(Block* block) {
  block->~Block();
  ::operator delete(block);
}

Bytes Bytes::copy(std::span<const std::byte> source) { return concat({source}); }

Bytes Bytes::concat(std::initializer_list<std::span<const std::byte>> parts) {
  std::size_t size = 0;
  for (auto part : parts) size += part.size();
  Bytes result;
  if (size == 0) return result;
  result.block_ = allocate(size);
  auto* out = reinterpret_cast<std::byte*>(result.block_ + 1);
  result.data_ = out;
  result.size_ = static_cast<std::uint32_t>(size);
  for (auto part : parts) {
    if (part.empty()) continue;
    std::memcpy(out, part.data(), part.size());
    out += part.size();
  }
  return result;
}

Bytes Bytes::slice(std::size_t offset, std::size_t count) const& {
  if (offset >= size_ || count == 0) return {};
  return Bytes(*this).slice(offset, count);
}

Bytes Bytes::slice(std::size_t offset, std::size_t count) && {
  if (offset >= size_ || count == 0) return {};
  data_ += offset;
  size_ = static_cast<std::uint32_t>(std::min(count, size_ - offset));
  return std::move(*this);
}

}  // namespace mqtt
