#include "tools/mq-bench/range_set.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <iterator>
#include <limits>

#include "tools/mq-bench/text.hpp"

namespace mq_bench {
namespace {

/// The first range that ends behind `number`.
template <class Ranges>
auto find_range(Ranges& ranges, std::uint64_t number) {
  return std::upper_bound(
      ranges.begin(), ranges.end(), number,
      [](std::uint64_t n, const RangeSet::Range& range) { return n < range.end; });
}

}  // namespace

void RangeSet::insert(std::uint64_t first, std::uint64_t end) {
  if (first >= end) return;
  // Ranges that touch or overlap the new one melt into it; `from` may end exactly at `first`.
  const auto from = first == 0 ? ranges_.begin() : find_range(ranges_, first - 1);
  auto to = from;
  while (to != ranges_.end() && to->first <= end) {
    first = std::min(first, to->first);
    end = std::max(end, to->end);
    ++to;
  }
  if (from == to) {
    ranges_.insert(from, {first, end});
    return;
  }
  *from = {first, end};
  ranges_.erase(from + 1, to);
}

std::uint64_t RangeSet::unite(const RangeSet& other) {
  if (other.ranges_.empty()) return 0;
  const std::uint64_t before = size() + other.size();
  std::vector<Range> both;
  both.reserve(ranges_.size() + other.ranges_.size());
  std::ranges::merge(ranges_, other.ranges_, std::back_inserter(both), {}, &Range::first,
                     &Range::first);
  ranges_.clear();
  for (const Range& range : both) {
    if (!ranges_.empty() && range.first <= ranges_.back().end) {
      ranges_.back().end = std::max(ranges_.back().end, range.end);
    } else {
      ranges_.push_back(range);
    }
  }
  return before - size();
}

bool RangeSet::erase(std::uint64_t number) {
  const auto range = find_range(ranges_, number);
  if (range == ranges_.end() || number < range->first) return false;
  const Range upper{number + 1, range->end};
  range->end = number;
  const bool lower_empty = range->first == range->end;
  const bool upper_empty = upper.first == upper.end;
  if (lower_empty && upper_empty) {
    ranges_.erase(range);
  } else if (lower_empty) {
    *range = upper;
  } else if (!upper_empty) {
    ranges_.insert(range + 1, upper);
  }
  return true;
}

bool RangeSet::contains(std::uint64_t number) const {
  const auto range = find_range(ranges_, number);
  return range != ranges_.end() && number >= range->first;
}

std::uint64_t RangeSet::count_in(std::uint64_t first, std::uint64_t end) const {
  std::uint64_t count = 0;
  for (auto range = find_range(ranges_, first); range != ranges_.end() && range->first < end;
       ++range) {
    count += std::min(range->end, end) - std::max(range->first, first);
  }
  return count;
}

RangeSet::Range RangeSet::pop_lowest() {
  assert(!ranges_.empty());
  const Range lowest = ranges_.front();
  ranges_.erase(ranges_.begin());
  return lowest;
}

std::uint64_t RangeSet::size() const {
  std::uint64_t size = 0;
  for (const Range& range : ranges_) size += range.end - range.first;
  return size;
}

std::string to_text(const RangeSet& set) {
  std::string text;
  for (const auto& [first, end] : set.ranges())
    fmt::format_to(std::back_inserter(text), "{}{}-{}", text.empty() ? "" : " ", first, end - 1);
  return text;
}

std::optional<RangeSet> parse_ranges(std::string_view text) {
  RangeSet set;
  while (!text.empty()) {
    const auto first = take_natural(text, '-');
    const auto last = take_natural(text, ' ');
    if (!first || !last || *first > *last || *last == std::numeric_limits<std::uint64_t>::max())
      return std::nullopt;
    // Two ranges that touch would be one.
    if (!set.ranges().empty() && *first <= set.ranges().back().end) return std::nullopt;
    set.insert(*first, *last + 1);
  }
  return set;
}

}  // namespace mq_bench
