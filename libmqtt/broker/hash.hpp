#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace mqtt::broker {

/// The hash of all tables in this folder: multiply 64 x 64 bits and fold the halves. Peers choose
/// topics and filters, so a seed that they cannot know keeps them from choosing what collides.
class Hash {
 public:
  explicit Hash(std::uint64_t seed = 0) : seed_(fold(seed ^ kFirst, kSecond)) {}

  std::uint32_t operator()(std::string_view text) const {
    const char* at = text.data();
    std::size_t left = text.size();
    std::uint64_t state = seed_ ^ left;
    for (; left > 16; at += 16, left -= 16) {
      // Both factors depend on the seed: none can be made zero without knowing it.
      state = fold(load<std::uint64_t>(at) ^ seed_, load<std::uint64_t>(at + 8) ^ state ^ kFirst);
    }
    std::uint64_t low = 0;
    std::uint64_t high = 0;
    if (left >= 8) {
      low = load<std::uint64_t>(at);
      high = load<std::uint64_t>(at + left - 8);
    } else if (left >= 4) {
      low = load<std::uint32_t>(at);
      high = load<std::uint32_t>(at + left - 4);
    } else if (left > 0) {
      low = byte(at[0]) | byte(at[left / 2]) << 8 | byte(at[left - 1]) << 16;
    }
    return narrow(fold(low ^ seed_, high ^ state ^ kSecond));
  }

  std::uint32_t operator()(std::uint32_t first, std::uint32_t second) const {
    return narrow(fold((std::uint64_t{first} << 32 | second) ^ seed_, kFirst));
  }

 private:
  static constexpr std::uint64_t kFirst = 0x9D39247E33776D41;
  static constexpr std::uint64_t kSecond = 0x2AF7398005AAA5C7;

  template <class Word>
  static std::uint64_t load(const char* at) {
    Word word;
    std::memcpy(&word, at, sizeof word);
    return word;
  }
  static std::uint64_t byte(char c) { return static_cast<unsigned char>(c); }
  static std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
    __extension__ using Product = unsigned __int128;
    const Product product = static_cast<Product>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
  }
  static std::uint32_t narrow(std::uint64_t hash) {
    return static_cast<std::uint32_t>(hash ^ hash >> 32);
  }

  std::uint64_t seed_;
};

}  // namespace mqtt::broker
