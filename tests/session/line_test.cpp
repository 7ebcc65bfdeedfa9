#include "libmqtt/session/line.hpp"

#include <doctest/doctest.h>

using namespace mqtt;

TEST_CASE("A line gives back its items in order, however far it runs ahead") {
  Line<int> line;
  int pushed = 0;
  int popped = 0;
  for (int turn = 0; turn < 100; ++turn) {
    for (int i = 0; i < 100; ++i) line.push(pushed++);
    for (int i = 0; i < 97; ++i) REQUIRE(line.pop() == popped++);
    REQUIRE(line.size() == static_cast<std::size_t>(pushed - popped));
  }
  REQUIRE(line.front() == popped);
  for (const int item : line) REQUIRE(item == popped++);
  CHECK(popped == pushed);
  line.clear();
  CHECK(line.empty());
  line.push(7);
  CHECK(line.pop() == 7);
  CHECK(line.empty());
}

TEST_CASE("Items are taken out of a line from the middle, the others keep their order") {
  Line<int> line;
  for (int i = 0; i < 10; ++i) line.push(i);
  line.pop();
  line.erase_if([](int item) { return item % 3 == 0; });
  std::vector<int> left;
  for (const int item : line) left.push_back(item);
  CHECK(left == std::vector{1, 2, 4, 5, 7, 8});
  line.erase_if([](int) { return true; });
  CHECK(line.empty());
}
