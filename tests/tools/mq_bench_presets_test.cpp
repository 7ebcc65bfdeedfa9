#include "tools/mq-bench/presets.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>

#include "tools/mq-bench/list.hpp"
#include "tools/mq-bench/preflight.hpp"
#include "tools/mq-bench/scenario.hpp"

using namespace mq_bench;

TEST_CASE("every preset reads as a scenario, says what it does, and passes the checks") {
  for (const Preset& preset : all_presets()) {
    CAPTURE(preset.name);
    const auto scenario = parse_scenario(preset.text, std::string(preset.name));
    REQUIRE_MESSAGE(scenario.has_value(), scenario.error());
    CHECK(!scenario->description.empty());
    Options options;
    CHECK(settle(*scenario, options) == "");
    CHECK(options.connections() > 0);
    Machine machine{.descriptors = 10'000'000,
                    .descriptors_hard = 10'000'000,
                    .first_port = 1'024,
                    .last_port = 65'535};
    Needs needs = needs_of(options);
    needs.sources = 20;
    CHECK(impossibility(examine(needs, machine)) == "");
  }
}

TEST_CASE("no preset asserts what holds for its own number of clients only") {
  for (const Preset& preset : all_presets()) {
    CAPTURE(preset.name);
    CHECK_FALSE(preset.text.contains("connected==2"));
  }
}

TEST_CASE("no two presets have the same name") {
  const auto names = preset_names();
  CHECK(std::set(names.begin(), names.end()).size() == names.size());
}

TEST_CASE("list shows every preset in a line, and one as the text it is") {
  Options options;
  options.command = Command::list;
  const auto all = list(options);
  REQUIRE(all.has_value());
  CHECK(std::ranges::count(*all, '\n') == static_cast<long>(all_presets().size()) + 1);
  CHECK(all->contains("ci-smoke                     100     1000/s      10s  does the broker"));
  CHECK(all->contains("conn-10k                   10000      100/s       5m  10,000 connections"));
  options.words = {"ci-smoke"};
  CHECK(list(options) == std::string(find_preset("ci-smoke")->text));
  options.words = {"ci-smok"};
  CHECK(!list(options).has_value());
  options.words = {"ci-smoke", "p2p-1k"};
  CHECK(!list(options).has_value());
}
