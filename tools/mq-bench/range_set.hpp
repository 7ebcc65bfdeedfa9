#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mq_bench {

/// A set of numbers kept as sorted, disjoint, non-adjacent ranges: small when its members come in
/// runs, cheap to extend at its upper end.
class RangeSet {
 public:
  struct Range {
    std::uint64_t first;
    std::uint64_t end;  ///< One past the last.
    friend bool operator==(const Range&, const Range&) = default;
  };

  /// Adds [first, end); numbers that are members already stay.
  void insert(std::uint64_t first, std::uint64_t end);
  /// Adds all members of the other; how many were members already.
  std::uint64_t unite(const RangeSet& other);
  /// Whether the number was a member; it no longer is.
  bool erase(std::uint64_t number);
  bool contains(std::uint64_t number) const;
  /// How many members lie in [first, end).
  std::uint64_t count_in(std::uint64_t first, std::uint64_t end) const;

  /// How many members there are.
  std::uint64_t size() const;

  const std::vector<Range>& ranges() const { return ranges_; }
  friend bool operator==(const RangeSet&, const RangeSet&) = default;
  /// Removes the lowest range, which must exist, and returns it.
  Range pop_lowest();

 private:
  std::vector<Range> ranges_;
};

/// "0-99 200-200": first and last of each range; and back, nothing when it is no such text or not
/// in order.
std::string to_text(const RangeSet& set);
std::optional<RangeSet> parse_ranges(std::string_view text);

}  // namespace mq_bench
