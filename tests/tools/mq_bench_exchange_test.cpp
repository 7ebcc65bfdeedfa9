#include "tools/mq-bench/exchange.hpp"

#include <doctest/doctest.h>

#include <utility>
#include <vector>

#include "tools/mq-bench/result.hpp"

using namespace mq_bench;

namespace {

using Ranges = std::vector<RangeSet::Range>;

RangeSet set_of(const Ranges& ranges) {
  RangeSet set;
  for (const auto& [first, end] : ranges) set.insert(first, end);
  return set;
}

/// Publisher 3 sent ten messages, the last six of them for the measurement.
Result sender() {
  Result result;
  result.exchange.sent[3] = {4, 10, {}};
  return result;
}

Result receiver(std::uint32_t number, const Ranges& came, const Ranges& excused = {}) {
  Result result;
  result.exchange.received[{3, number}] = {set_of(came), set_of(excused)};
  result.measure.unique = result.measure.expected =
      result.exchange.received[{3, number}].came.size();
  return result;
}

Result settled(const std::vector<Result>& parts) {
  Result whole;
  for (const Result& part : parts) add(whole, part);
  settle_exchange(whole);
  return whole;
}

void check(const Counters& books, std::uint64_t expected, std::uint64_t unique,
           std::uint64_t lost) {
  CHECK(books.expected == expected);
  CHECK(books.unique == unique);
  CHECK(books.lost == lost);
}

}  // namespace

TEST_CASE("what a publisher of one part sent and no receiver of another one got is lost") {
  const Result whole =
      settled({receiver(0, {{0, 10}}), sender(), receiver(1, {{0, 1}, {2, 7}, {8, 10}})});
  check(whole.warm, 8, 7, 1);
  check(whole.measure, 12, 11, 1);
  CHECK(whole.losses.by_publisher().at(3) == Losses::Loss{2, 1});
  const Result none = settled({sender(), receiver(0, {})});
  check(none.warm, 4, 0, 4);
  check(none.measure, 6, 0, 6);
}

TEST_CASE("nobody is owed what was refused, or sent while it was away; unless it came") {
  Result from = sender();
  from.exchange.sent[3].refused = set_of({{5, 6}, {9, 10}});
  const Result whole = settled({from, receiver(0, {{0, 2}, {4, 6}, {8, 9}}, {{2, 7}})});
  check(whole.warm, 2, 2, 0);     // 2 and 3 were excused.
  check(whole.measure, 4, 3, 1);  // 4, 5, 7 and 8 are owed.
  CHECK(whole.losses.by_publisher().at(3) == Losses::Loss{1, 7});
}

TEST_CASE(
    "members of a group in several parts are one receiver, and what two of them got is double") {
  const Result whole = settled({receiver(0, {{0, 6}}), receiver(0, {{5, 8}, {9, 10}}), sender()});
  check(whole.warm, 4, 4, 0);
  check(whole.measure, 6, 5, 1);
  CHECK(whole.measure.duplicates == 1);
}

TEST_CASE("of publishers that are no part of the run the numbers between the ends are expected") {
  const Result whole = settled({receiver(0, {{2, 4}, {6, 8}})});
  check(whole.warm, 0, 0, 0);
  check(whole.measure, 6, 4, 2);
  CHECK(whole.losses.by_publisher().at(3) == Losses::Loss{2, 4});
  Result other = receiver(1, {{0, 10}});
  other.exchange.sent[9] = {0, 5, {}};
  check(settled({receiver(0, {{2, 4}, {6, 8}}), other}).measure, 0, 0, 0);
}

TEST_CASE("sets of ranges unite in one walk, and tell how much they had in common") {
  RangeSet set = set_of({{0, 5}, {10, 20}, {30, 31}});
  CHECK(set.unite(set_of({{5, 6}, {8, 12}, {19, 30}, {40, 41}})) == 3);
  CHECK(set.ranges() == Ranges{{0, 6}, {8, 31}, {40, 41}});
  CHECK(set.unite({}) == 0);
  RangeSet empty;
  CHECK(empty.unite(set) == 0);
  CHECK(empty == set);
}
