#include "tools/mq-bench/echo.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

#include "tests/tools/bench_line.hpp"
#include "tests/tools/bench_messages.hpp"
#include "tools/mq-bench/plan_echo.hpp"

using namespace mq_bench;
using support::error_of;
using support::read_line;

TEST_CASE("an answer has all that the message had, but for what belongs to one connection") {
  mqtt::Publish publish = support::message({support::kTag, 3, 7, 9});
  publish.topic = mqtt::Bytes::copy("there");
  publish.dup = publish.retain = true;
  publish.packet_id = 12;
  const auto properties = [](bool is_received) {
    mqtt::PropertiesBuilder builder;
    builder.add(mqtt::property::content_type, "text");
    if (is_received) builder.add(mqtt::property::topic_alias, std::uint16_t{3});
    builder.add_user_property("mqb", "00");
    if (is_received) builder.add(mqtt::property::subscription_identifier, 5U);
    return builder.build();
  };
  publish.properties = properties(true);
  const mqtt::Publish answer = Echo::answer_to(publish, mqtt::Bytes::copy("back"));
  CHECK(answer.topic.view() == "back");
  CHECK(answer.payload == publish.payload);
  CHECK(answer.qos == publish.qos);
  CHECK(answer.properties == properties(false));  // [MQTT-3.3.4-6]
  CHECK_FALSE(answer.dup);
  CHECK_FALSE(answer.retain);
}

TEST_CASE("in echo mode each pair has a third client, and only the answers are listened to") {
  const auto line = read_line({"pair", "--mode", "echo", "-c", "3", "-t", "a/%i"});
  REQUIRE(line->error == "");
  CHECK(line->options.mode() == Mode::echo);
  CHECK(line->options.connections() == 9);
  const auto plan = line->plan();
  CHECK(plan->census().connections() == 9);
  CHECK(plan->topic(2) == "a/2");
  CHECK(plan->echo_filters(2) == std::vector<std::string>{"a/2"});
  CHECK(plan->filters(2) == std::vector<std::string>{plan->answer_topic(2)});
  CHECK(plan->answer_topic(2) == "a/2/echo");
}

TEST_CASE("what makes no sense with --mode echo is refused before anything is connected") {
  CHECK(error_of({"pair", "--mode", "echo", "--assert", "rtt.p99<1s"}) == "");
  CHECK(error_of({"pair", "--mode", "echo", "--assert", "e2e.p99<1s"}) ==
        "--assert: e2e.p99<1s: --mode echo measures rtt, and no e2e");
  CHECK(error_of({"pair", "--mode", "echo", "--assert", "rtt.p99<2*e2e.p99"}) ==
        "--assert: rtt.p99<2*e2e.p99: --mode echo measures rtt, and no e2e");
  CHECK(error_of({"pair", "--mode", "echo", "--abort-on", "e2e.p99>1s"}) ==
        "--abort-on: e2e.p99>1s: --mode echo measures rtt, and no e2e");
  CHECK(error_of({"pair", "--assert", "rtt.p99<1s"}) ==
        "--assert: rtt.p99<1s: rtt needs --mode echo");
  CHECK(error_of({"pub", "--mode", "echo"}) == "--mode: has no meaning for pub");
  CHECK(error_of({"pair", "--mode", "round"}) == "--mode: 'round' is not a mode (oneway, echo)");
  CHECK(error_of({"pair", "--mode", "echo", "--loop", "closed"}) ==
        "--mode echo and --loop closed exclude each other");
  CHECK(error_of({"pair", "--mode", "echo", "-t", "a/%i", "--filter", "a/%i/#"}) ==
        "--filter: matches the answers (TOPIC/echo) too: they would be answered for ever");
  CHECK(error_of({"pair", "--mode", "echo", "-t", "a/%i", "--filter", "+/%i"}) == "");
}
