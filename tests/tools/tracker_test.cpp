#include "tools/mq-bench/tracker.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <random>
#include <set>
#include <vector>

using namespace mq_bench;
using Arrival = SequenceTracker::Arrival;
using Range = RangeSet::Range;

TEST_CASE("a range set equals a plain set under random insertions and removals") {
  std::mt19937 random(7);
  RangeSet ranges;
  std::set<std::uint64_t> plain;
  for (int step = 0; step < 20'000; ++step) {
    const std::uint64_t first = random() % 300;
    const std::uint64_t end = first + random() % 9;
    if (random() % 3 == 0) {
      ranges.insert(first, end);
      for (auto n = first; n < end; ++n) plain.insert(n);
    } else {
      REQUIRE(ranges.erase(first) == (plain.erase(first) == 1));
    }
    REQUIRE(ranges.contains(end) == plain.contains(end));
    const auto counted = static_cast<std::uint64_t>(
        std::distance(plain.lower_bound(first), plain.lower_bound(first + 100)));
    REQUIRE(ranges.count_in(first, first + 100) == counted);
  }
  for (std::size_t i = 1; i < ranges.ranges().size(); ++i) {
    REQUIRE(ranges.ranges()[i - 1].end < ranges.ranges()[i].first);
  }
}

TEST_CASE("neighbouring ranges melt into one") {
  RangeSet ranges;
  ranges.insert(0, 2);
  ranges.insert(4, 6);
  ranges.insert(2, 4);
  CHECK(ranges.ranges() == std::vector<Range>{{0, 6}});
  CHECK(ranges.erase(3));
  CHECK(ranges.ranges() == std::vector<Range>{{0, 3}, {4, 6}});
  CHECK(ranges.pop_lowest() == Range{0, 3});
}

TEST_CASE("numbers in order are unique, in order, and none is lost") {
  SequenceTracker tracker;
  for (std::uint64_t n = 0; n < 100'000; ++n) {
    REQUIRE(tracker.arrived(n) == Arrival::unique);
    REQUIRE_FALSE(tracker.was_out_of_order());
  }
  CHECK(tracker.lost_in(0, 100'000) == 0);
  CHECK(tracker.lost_in(0, 100'010) == 10);
  CHECK(tracker.first_lost_in(0, 100'010) == 100'000);
}

TEST_CASE("a permuted, thinned and repeated sequence is accounted for number by number") {
  std::mt19937 random(11);
  constexpr std::uint64_t kCount = 50'000;
  for (const std::uint64_t reach :
       {1ULL, 40ULL, 3'000ULL}) {  // Within the bitmap and far behind it.
    CAPTURE(reach);
    std::vector<std::uint64_t> order;
    std::vector<int> copies(kCount);
    for (std::uint64_t n = 0; n < kCount; ++n) {
      copies[n] = random() % 50 == 0 ? 0 : random() % 50 == 1 ? 2 : 1;
      order.insert(order.end(), static_cast<std::size_t>(copies[n]), n);
    }
    for (std::size_t i = 0; i + reach < order.size(); i += reach) {
      const auto from = order.begin() + static_cast<std::ptrdiff_t>(i);
      std::shuffle(from, from + static_cast<std::ptrdiff_t>(reach), random);
    }
    SequenceTracker tracker;
    std::uint64_t unique = 0, duplicate = 0;
    for (const std::uint64_t n : order)
      ++(tracker.arrived(n) == Arrival::unique ? unique : duplicate);
    const auto lost = static_cast<std::uint64_t>(std::count(copies.begin(), copies.end(), 0));
    const auto twice = static_cast<std::uint64_t>(std::count(copies.begin(), copies.end(), 2));
    CHECK(unique == kCount - lost);
    CHECK(duplicate == twice);
    CHECK(tracker.lost_in(0, kCount) == lost);
    const auto later_half =
        static_cast<std::uint64_t>(std::count(copies.begin() + kCount / 2, copies.end(), 0));
    CHECK(tracker.lost_in(kCount / 2, kCount) == later_half);
    const auto first =
        static_cast<std::uint64_t>(std::find(copies.begin(), copies.end(), 0) - copies.begin());
    CHECK(tracker.first_lost_in(0, kCount) == first);
    CHECK(tracker.is_exact());
  }
}

TEST_CASE("out of order means: after a higher number; the displacement is how far behind it") {
  SequenceTracker tracker;
  for (const std::uint64_t n : {0U, 1U, 5U, 4U, 6U}) {
    tracker.arrived(n);
    CHECK(tracker.was_out_of_order() == (n == 4));
  }
  tracker.arrived(2);
  CHECK(tracker.was_out_of_order());
  CHECK(tracker.maximum_displacement() == 4);
  CHECK(tracker.arrived(2) == Arrival::duplicate);
  CHECK(tracker.maximum_displacement() == 4);
  CHECK(tracker.lost_in(0, 7) == 1);
  CHECK(tracker.first_lost_in(0, 7) == 3);
}

TEST_CASE("a jump far ahead costs neither time nor memory") {
  SequenceTracker tracker;
  tracker.arrived(3);
  CHECK(tracker.arrived(4'000'000'000) == Arrival::unique);
  CHECK(tracker.lost_in(0, 4'000'000'001) == 3'999'999'999);
  CHECK(tracker.arrived(3) == Arrival::duplicate);
  CHECK(tracker.arrived(77) == Arrival::unique);
  CHECK(tracker.lost_in(0, 4'000'000'001) == 3'999'999'998);
}

TEST_CASE("an excused number is not lost, and counts like any other when it comes all the same") {
  SequenceTracker tracker;
  for (std::uint64_t n = 0; n < 5'000; ++n) {
    if (n % 100 != 0) tracker.arrived(n);
  }
  tracker.excuse(100);
  tracker.excuse(200);
  tracker.excuse(4'900);
  tracker.excuse(101);  // Had arrived: nothing to excuse.
  CHECK(tracker.excused_in(0, 5'000) == 3);
  CHECK(tracker.lost_in(0, 5'000) == 47);
  CHECK(tracker.lost_in(150, 250) == 0);
  CHECK(tracker.first_lost_in(100, 5'000) == 300);
  CHECK(tracker.arrived(200) == Arrival::unique);
  CHECK(tracker.excused_in(0, 5'000) == 2);
  CHECK(tracker.lost_in(0, 5'000) == 47);
}

TEST_CASE("numbers below the first watched one are not judged") {
  SequenceTracker tracker(1'000);
  CHECK(tracker.arrived(999) == Arrival::unclassified);
  CHECK(tracker.arrived(1'000) == Arrival::unique);
  CHECK(tracker.lost_in(1'000, 1'001) == 0);
}

TEST_CASE("beyond the limit of separate gaps the oldest are given up, and that is said") {
  SequenceTracker tracker;
  constexpr std::uint64_t kGaps = SequenceTracker::kMaximumRanges + 10;
  constexpr std::uint64_t kEnd = 2 * kGaps + 2 * SequenceTracker::kWindow;
  for (std::uint64_t n = 0; n < kEnd; n += 2) tracker.arrived(n);
  CHECK_FALSE(tracker.is_exact());
  CHECK(tracker.lost_in(0, kEnd - 1) == kEnd / 2 - 1);
  CHECK(tracker.arrived(1) == Arrival::unclassified);
}

TEST_CASE("what arrived is told number by number, however far apart") {
  std::mt19937 random(5);
  SequenceTracker tracker(100);
  std::set<std::uint64_t> plain;
  std::uint64_t sequence = 100;
  for (int i = 0; i < 3'000; ++i) {
    sequence += random() % 7 == 0 ? random() % 2'000 : 1;
    tracker.arrived(sequence);
    plain.insert(sequence);
  }
  const RangeSet arrivals = tracker.arrivals();
  CHECK(arrivals.size() == plain.size());
  CHECK(std::ranges::all_of(plain, [&](std::uint64_t n) { return arrivals.contains(n); }));
  CHECK(SequenceTracker().arrivals().ranges().empty());
}
