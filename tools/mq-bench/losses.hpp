#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace mq_bench {

/// Which publishers lost messages on the way to their receivers: of each how many, for all its
/// receivers together, and where it began. Kept for the publishers of the lowest numbers, so that
/// parts of a run may be added in any order.
class Losses {
 public:
  static constexpr std::size_t kMostPublishers = 1'000;

  struct Loss {
    std::uint64_t count = 0;
    std::uint64_t first = 0;  ///< The lowest sequence number.
    friend bool operator==(const Loss&, const Loss&) = default;
  };

  /// A loss of none is nothing.
  void add(std::uint32_t publisher, Loss loss);
  void add(const Losses& others);
  void clear() { by_publisher_.clear(); }

  bool empty() const { return by_publisher_.empty(); }
  const std::map<std::uint32_t, Loss>& by_publisher() const { return by_publisher_; }
  /// "; first: pub 17 seq 20411", or nothing.
  std::string first() const;
  /// For a person, a publisher a line, with no more of them than are worth reading.
  std::vector<std::string> lines() const;
  friend bool operator==(const Losses&, const Losses&) = default;

 private:
  std::map<std::uint32_t, Loss> by_publisher_;
};

}  // namespace mq_bench
