#include <doctest/doctest.h>

#include <chrono>
#include <string>

#include "tools/mq-bench/text.hpp"
#include "tools/mq-bench/units.hpp"

using namespace mq_bench;
using namespace std::chrono_literals;

TEST_CASE("a duration is a decimal number with its unit") {
  CHECK(parse_duration("10s") == mqtt::Duration(10s));
  CHECK(parse_duration("500ms") == mqtt::Duration(500ms));
  CHECK(parse_duration("1.5m") == mqtt::Duration(90s));
  CHECK(parse_duration("2h") == mqtt::Duration(2h));
  CHECK(parse_duration("100us") == mqtt::Duration(100us));
  CHECK(parse_duration("0.000000001s") == mqtt::Duration(1ns));
  CHECK(parse_duration("0s") == mqtt::Duration(0));
  CHECK(parse_duration("24000h") == mqtt::Duration(24000h));
}

TEST_CASE("a duration without a unit, or that is none, is refused") {
  for (const char* text : {"10", "", "s", "-1s", "1 s", "1e3s", "1.s", ".5s", "1s2", "10sec",
                           "1.2.3s", "24001h", "99999999999s", "0.0000000001s"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_duration(text).has_value());
  }
  CHECK(parse_duration("10").error() == "'10' is not a duration with its unit, like 10s or 500ms");
}

TEST_CASE("a rate is a decimal number per second, minute or hour, kept as an exact fraction") {
  CHECK(parse_rate("20000/s") == Rate{20'000, 1s});
  CHECK(parse_rate("0.5/s") == Rate{5, 10s});
  CHECK(parse_rate("6/m") == Rate{6, 1min});
  CHECK(parse_rate("1.25/h") == Rate{125, 100h});
  CHECK(parse_rate("1000000000/s") == Rate{1'000'000'000, 1s});
  CHECK(parse_rate("20000/s")->per_second() == doctest::Approx(20'000));
}

TEST_CASE("a rate of nothing, without its unit or beyond sense is refused") {
  for (const char* text :
       {"0/s", "20000", "/s", "1/d", "1/", "-1/s", "1000000001/s", "0.0001/s", "k/s"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_rate(text).has_value());
  }
}

TEST_CASE("durations are shown with three significant digits") {
  CHECK(milliseconds(617'432ns) == "0.617ms");
  CHECK(milliseconds(52'100ns) == "0.0521ms");
  CHECK(milliseconds(30ns) == "0.03us");
  CHECK(milliseconds(2'900us) == "2.9ms");
  CHECK(milliseconds(11'840us) == "11.8ms");
  CHECK(milliseconds(999'400us) == "999ms");
  CHECK(milliseconds(1'234ms) == "1.23s");
  CHECK(milliseconds(3'600s) == "3600s");
  CHECK(milliseconds(0ns) == "0ms");
  CHECK(milliseconds(-5ms) == "-5ms");
}

TEST_CASE("an exact duration takes the largest unit that needs no fraction") {
  CHECK(exact_duration(5s) == "5s");
  CHECK(exact_duration(90s) == "90s");
  CHECK(exact_duration(1500ms) == "1500ms");
  CHECK(exact_duration(1us) == "1us");
  CHECK(exact_duration(1001ns) == "1001ns");
}

TEST_CASE("a ramp has two rates with one unit, and a time") {
  CHECK(parse_ramp("0..1000/s:30s") == Ramp{0, 1'000, 1s, 30s});
  CHECK(parse_ramp("1.5..2/s:1m") == Ramp{15, 20, 10s, 1min});
  CHECK(parse_ramp("60..0.5/m:1h") == Ramp{600, 5, 10min, 1h});
  for (const char* wrong :
       {"", "5/s", "0..5/s", "0..5:3s", "0..0/s:3s", "0..5/s:0s", "0..5/s:25h", "..5/s:3s",
        "0..5/d:3s", "0..0.0001/s:3s", "0/s..5:3s", "-1..5/s:3s", "0..2000000000/s:3s"}) {
    CAPTURE(wrong);
    CHECK(!parse_ramp(wrong).has_value());
  }
}

TEST_CASE("messages arrive uniformly, by chance or in bursts") {
  CHECK(parse_arrival("uniform") == Arrival{});
  CHECK(parse_arrival("poisson") == Arrival{Arrival::Kind::poisson, 1});
  CHECK(parse_arrival("burst:20") == Arrival{Arrival::Kind::burst, 20});
  for (const char* wrong : {"", "random", "burst", "burst:", "burst:0", "burst:x"}) {
    CAPTURE(wrong);
    CHECK(!parse_arrival(wrong).has_value());
  }
}
