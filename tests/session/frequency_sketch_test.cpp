#include "libmqtt/session/frequency_sketch.hpp"

#include <doctest/doctest.h>

#include <functional>

using namespace mqtt;

TEST_CASE("A sketch never counts too low, and halves with age") {
  FrequencySketch sketch(10);
  const std::hash<int> hash;
  int last = 0;
  for (int i = 0; i < 100; ++i) last = sketch.add(hash(7));
  CHECK(last == 100);
  sketch.age();
  CHECK(sketch.add(hash(7)) == 51);
  for (int i = 0; i < 1'000; ++i) sketch.add(hash(7));
  CHECK(sketch.add(hash(7)) == 255);
}

TEST_CASE("Things that come once look rare among many others") {
  FrequencySketch sketch(10);
  int too_high = 0;
  for (int thing = 0; thing < static_cast<int>(sketch.size()); ++thing)
    if (sketch.add(std::hash<int>()(thing)) > 4) ++too_high;
  CHECK(too_high < static_cast<int>(sketch.size()) / 20);
}

TEST_CASE("Its size is bounded, however many things it is meant for") {
  CHECK(FrequencySketch(0).size() == 64);
  CHECK(FrequencySketch(65'535).size() == 4'096);
}
