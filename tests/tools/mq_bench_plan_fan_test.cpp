#include "tools/mq-bench/plan_fan.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "libmqtt/codec/topic.hpp"
#include "tests/tools/bench_line.hpp"

using namespace mq_bench;
using support::read_line;
using Filters = std::vector<std::string>;

TEST_CASE("in a fanout every subscriber's filter finds every publisher's topic") {
  const auto line = read_line({"fanout", "--pub", "3", "--sub", "5"});
  const auto made = line->plan();
  const Plan& plan = *made;
  CHECK(plan.census().publishers == 3);
  CHECK(plan.census().subscribers == 5);
  CHECK(plan.census().receivers == 5);
  CHECK(plan.filters(4) == Filters{"mq-bench/r/+"});
  for (std::uint32_t p = 0; p < 3; ++p) {
    CHECK(mqtt::matches(plan.filters(0)[0], plan.topic(p)));
    CHECK(plan.senders_of(2).place_of(p) == p);
  }
  CHECK(line->options.connections() == 8);
  CHECK(read_line({"fanout", "-t", "a/%i/b"})->plan()->filters(0) == Filters{"a/+/b"});
  CHECK(read_line({"fanout", "-t", "a"})->plan()->filters(0) == Filters{"a"});
}

TEST_CASE("the rate of each publisher adds up over the publishers of a fan") {
  CHECK(read_line({"fanout", "--pub", "5", "--sub", "9", "-r", "50/s"})->options.total_rate() ==
        Rate{250, mqtt::Seconds(1)});
}

TEST_CASE("in a fanin each publisher has one receiver, and each receiver its publishers") {
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"fanin", "--pub", "11", "--sub", "4"},
        {"fanin", "--pub", "11", "--sub", "10", "--share", "g", "--members", "3"},
        {"fanin", "--pub", "11", "--sub", "5", "--share", "g"}}) {
    const auto line = read_line(words);
    REQUIRE(line->error == "");
    const auto made = line->plan();
    const Plan& plan = *made;
    const Plan::Census census = plan.census();
    std::set<std::uint32_t> heard;
    for (std::uint32_t r = 0; r < census.receivers; ++r) {
      const SenderSet senders = plan.senders_of(r);
      for (std::uint32_t i = 0; i < senders.count; ++i) {
        CHECK(heard.insert(senders.at(i)).second);
        for (std::uint32_t s = 0; s < census.subscribers; ++s) {
          std::string filter = plan.filters(s)[0];
          if (filter.starts_with("$share/g/")) filter.erase(0, 9);
          CHECK(mqtt::matches(filter, plan.topic(senders.at(i))) == (plan.receiver_of(s) == r));
        }
      }
    }
    CHECK(heard.size() == 11);
  }
}

TEST_CASE("--members makes groups, without it all are one") {
  CHECK(read_line({"fanin", "--pub", "20", "--sub", "10", "--share", "g", "--members", "5"})
            ->plan()
            ->census()
            .receivers == 2);
  const auto one = read_line({"fanin", "--pub", "20", "--sub", "10", "--share", "g"});
  CHECK(one->plan()->census().receivers == 1);
  CHECK(one->plan()->filters(7) == Filters{"$share/g/mq-bench/r/0/+"});
}

TEST_CASE("a fan that cannot work is refused with the flag") {
  const auto error = [](const std::vector<std::string>& words) { return read_line(words)->error; };
  CHECK(error({"fanin", "--pub", "2", "--sub", "3"}) ==
        "--pub: each of the 3 receivers needs a publisher");
  CHECK(error({"fanin", "--members", "3"}) == "--members: needs --share");
  CHECK(error({"fanin", "--pub", "2", "--sub", "2", "-t", "a/%i"}) ==
        "-t: with more than one receiver the topic needs %g, the receiver's number");
  CHECK(error({"fanin", "--pub", "2", "--sub", "2", "-t", "a/%g/%i"}) == "");
  CHECK(error({"fanout", "-t", "a%i"}) ==
        "-t: %i must be a whole level: subscribers have a + in its place");
  CHECK(error({"fanout", "-c", "5"}) == "-c: has no meaning for fanout");
  CHECK(error({"pair", "-t", "a/%i", "--filter", "b/%i"}) ==
        "--filter: does not match the topic (-t)");
  CHECK(error({"pair", "-t", "a/%i", "--filter", "+/%i"}) == "");
}

TEST_CASE("decoys differ, are valid, and match all of the topic but its last level") {
  const auto line = read_line({"pair", "-t", "a/b/c/%i/e", "--decoys", "20"});
  const Filters filters = line->plan()->filters(1);
  CHECK(filters.size() == 21);
  CHECK(filters[0] == "a/b/c/1/e");
  CHECK(std::set(filters.begin(), filters.end()).size() == filters.size());
  for (std::size_t i = 1; i < filters.size(); ++i) {
    CAPTURE(filters[i]);
    CHECK(mqtt::is_valid_topic_filter(filters[i]));
    CHECK(!mqtt::matches(filters[i], "a/b/c/1/e"));
    const std::string last = filters[i].substr(filters[i].rfind('/') + 1);
    CHECK(mqtt::matches(filters[i], "a/b/c/1/" + last));
  }
}
