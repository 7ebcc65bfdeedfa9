#include "tools/mq-bench/division.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <vector>

#include "tests/tools/bench_line.hpp"

using namespace mq_bench;
using support::error_of;
using support::read_line;

namespace {

using Words = std::vector<std::string>;

Words shard(Words words, const std::string& which) {
  for (const char* const word : {"--run-id", "r", "--start-at", "2199-01-01T00:00:00Z", "--shard"})
    words.emplace_back(word);
  words.push_back(which);
  return words;
}

}  // namespace

TEST_CASE("every load can be divided") {
  for (const Words& words : {Words{"fanout", "--pub", "2", "--sub", "3"},
                             {"fanin", "--pub", "3", "--sub", "1"},
                             {"fanin", "--pub", "3", "--sub", "3", "--share", "g"},
                             {"storm", "-c", "3"},
                             {"retained", "--sub", "3"},
                             {"wills", "-c", "3", "--sub", "3"},
                             {"run", "sharedsub-1k-5"},
                             {"run", "fanout-5-1000-250k"},
                             {"run", "emqx-fanin"},
                             {"run", "lwt-mass"}}) {
    CAPTURE(words.back());
    CHECK(error_of(shard(words, "2/3")) == "");
  }
}

TEST_CASE("what keeps a load from being divided is told") {
  CHECK(error_of(shard({"fanout", "--pub", "1", "--sub", "2"}, "2/3")) ==
        "--shard: 2 clients are not enough for 3 shards");
  CHECK(error_of(shard({"wills", "-c", "2", "--sub", "2", "-t", "x/%i"}, "0/2")) ==
        "-t: in several shards the topic needs %g, the shard's number");
  CHECK(error_of({"fanout", "--sub", "2", "--run-id", "r", "--shard", "0/2"}) ==
        "--shard: fanout needs --barrier or --start-at: all must be there before the first "
        "message");
  CHECK(error_of({"retained", "--sub", "2", "--run-id", "r", "--shard", "0/2"})
            .starts_with("--shard: retained needs --barrier or --start-at"));
  CHECK(error_of({"fanin", "--pub", "4", "--sub", "2", "--run-id", "r", "--shard", "0/2"}) == "");
  CHECK(error_of({"fanin", "--pub", "4", "--sub", "2", "--run-id", "r", "--shard", "0/2",
                  "--clock-bound", "1ms"}) ==
        "--clock-bound: has no meaning where no message goes from one shard to another");
}

TEST_CASE("a fanin whose receivers the shards divide evenly stays within them") {
  const Words words{"fanin", "--pub", "11", "--sub", "12", "--share", "g", "--members", "3"};
  const auto even = read_line(shard(words, "0/2"));
  CHECK_FALSE(even->plan()->crosses_shards());
  for (std::uint32_t receiver = 0; receiver < 4; ++receiver) {
    const SenderSet senders = even->plan()->senders_of(receiver);
    for (std::uint32_t i = 0; i < senders.count; ++i) CHECK(senders.at(i) % 2 == receiver % 2);
  }
  for (std::uint32_t s = 0; s < 12; ++s)
    CHECK(even->plan()->home_of_subscriber(s) == even->plan()->receiver_of(s));
  const auto uneven = read_line(shard(words, "0/3"));
  CHECK(uneven->plan()->crosses_shards());
  CHECK(uneven->plan()->home_of_subscriber(7) == 7);
  CHECK(uneven->plan()->reach() == 4);
}

TEST_CASE("each shard of a will load has its own topics") {
  const auto client = [](const Words& words, std::uint32_t index) {
    mqtt::client::ClientOptions options;
    read_line(words)->plan()->equip(Plan::Role::holder, index, options);
    return std::string(options.session.connect.will->topic.view());
  };
  const Words wills{"wills", "-c", "4", "--sub", "2"};
  CHECK(client(wills, 3) == "mq-bench/r/3");
  CHECK(client(shard(wills, "1/2"), 3) == "mq-bench/r/1/3");
  CHECK(client(shard({"wills", "-c", "4", "--sub", "2", "-t", "x/%g/%i/y"}, "1/2"), 3) ==
        "x/1/3/y");
}
