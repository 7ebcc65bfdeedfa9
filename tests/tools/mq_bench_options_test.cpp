#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "tests/tools/bench_line.hpp"
#include "tools/mq-bench/config_record.hpp"
#include "tools/mq-bench/options.hpp"

using namespace mq_bench;
using support::read_line;
using namespace std::chrono_literals;

TEST_CASE("mq-bench pair reads its load from the command line") {
  const auto line = read_line(
      {"pair", "-h",          "::1",     "-p", "1884",       "-V",  "5",      "-c",
       "10",   "--rate",      "20000/s", "-q", "1",          "-s",  "64",     "--duration",
       "5s",   "--warmup=1s", "--drain", "2s", "--inflight", "100", "--json", "-"});
  CHECK(line->error.empty());
  const Options& options = line->options;
  CHECK(options.mode() == Mode::pair);
  CHECK(options.connection.address.host == "::1");
  CHECK(options.connection.address.port == 1884);
  CHECK(options.connection.effective_version() == mqtt::Version::v5_0);
  CHECK(options.clients == 10);
  CHECK(options.total_rate() == Rate{20'000, 1s});
  CHECK(options.qos == 1);
  CHECK(options.payloads.size() == SizeRange{64, 64});
  CHECK(options.duration == mqtt::Duration(5s));
  CHECK(options.warmup == mqtt::Duration(1s));
  CHECK(options.drain == mqtt::Duration(2s));
  CHECK(options.maximum_in_flight == 100);
  CHECK(options.json_file == "-");
}

TEST_CASE("the rate of each client adds up to the total") {
  CHECK(read_line({"pub", "-c", "100", "-r", "10/s"})->options.total_rate() == Rate{1'000, 1s});
  CHECK(read_line({"pub", "-c", "7"})->options.total_rate() == Rate{7, 1s});
  CHECK(read_line({"conn", "-c", "7"})->options.total_rate() == Rate{100, 1s});
}

TEST_CASE("a count of messages is the time in which they are due, whatever the schedule") {
  const auto duration = [](const std::vector<std::string>& words) {
    const auto line = read_line(words);
    CHECK(line->error == "");
    return line->options.duration;
  };
  CHECK(duration({"pair", "-c", "3", "--rate", "1000/s", "--count", "250"}) == 250ms);
  CHECK(duration({"fanout", "--rate", "2/h", "--warmup", "0s", "--count", "48"}) == 24h);
  CHECK(duration({"pub", "--arrival", "burst:5", "--rate", "10/s", "--count", "10"}) == 1s);
  CHECK(duration({"pub", "--ramp", "0..10/s:1s", "--count", "10"}) == 1s);
  const auto error = [](const std::vector<std::string>& words) { return read_line(words)->error; };
  CHECK(error({"pair", "--count", "0"}).starts_with("--count: "));
  CHECK(error({"pair", "--count", "5", "--duration", "1s"}) ==
        "--count and --duration exclude each other");
  CHECK(error({"pair", "--count", "5", "--loop", "closed"}) ==
        "--count: needs a schedule, which --loop closed is without");
  CHECK(error({"pair", "--count", "12", "--arrival", "burst:5"}) ==
        "--count: 12 is no multiple of bursts of 5");
  CHECK(error({"pair", "--count", "10000", "--rate", "1/h"}) ==
        "--count: 10000 messages would take more than a year");
  CHECK(error({"sub", "-t", "a", "--count", "5"}) == "--count: has no meaning for sub");
  CHECK(duration({"run", "ci-smoke", "--count", "500"}) == 500ms);
  CHECK(duration({"run", "ci-smoke", "--duration", "7s"}) == 7s);
}

TEST_CASE("a ramp ends with the rate, and lasts before anything is measured") {
  const auto line = read_line({"pair", "-c", "2", "--ramp", "0..500/s:3s", "--warmup", "1s"});
  CHECK(line->error.empty());
  CHECK(line->options.total_rate() == Rate{500, 1s});
  CHECK(line->options.time_before_measuring() == mqtt::Duration(4s));
  CHECK(line->options.pace(2).ramp == &*line->options.ramp);
}

TEST_CASE("a wrong mq-bench command line gives one line that names the flag") {
  const auto error = [](const std::vector<std::string>& words) { return read_line(words)->error; };
  CHECK(error({}).starts_with("no subcommand: pair, pub, sub, conn"));
  CHECK(error({"flood"}).starts_with("'flood' is not a subcommand (pair, pub, sub, conn"));
  CHECK(error({"pair", "pub"}) == "unexpected word 'pub': pair is the subcommand");
  CHECK(error({"conn", "-q", "1"}) == "-q: has no meaning for conn");
  CHECK(error({"pair", "--hold", "3s"}) == "--hold: has no meaning for pair");
  CHECK(error({"sub", "-t", "a", "--rate", "1/s"}) == "--rate: has no meaning for sub");
  CHECK(error({"pair", "--rate", "1/s", "-r", "1/s"}) == "--rate and -r exclude each other");
  CHECK(error({"pair", "--ramp", "0..9/s:1s", "-r", "1/s"}) ==
        "--ramp excludes --rate and -r: it ends with a rate of its own");
  CHECK(error({"pair", "--ramp", "0..9/s:1s", "--arrival", "poisson"}) ==
        "--ramp and --arrival exclude each other");
  CHECK(error({"pub", "-c", "100000", "--rate", "1/h", "--arrival", "burst:100000"}) ==
        "the rate is too low for so many clients");
  CHECK(error({"pair", "--duration", "10"}) ==
        "--duration: '10' is not a duration with its unit, like 10s or 500ms");
  CHECK(error({"pair", "--duration", "0s"}) == "--duration: '0s' is not a duration above 0");
  CHECK(error({"pair", "--rate", "5"}) ==
        "--rate: '5' is not a rate with its unit, like 20000/s or 6/m");
  CHECK(
      error({"pair", "-s", "15"}) ==
      "-s: 15 bytes cannot hold the 16 bytes of sequence number and time; with -V 5 they go into a "
      "user property");
  CHECK(error({"pair", "-c", "0"}) == "-c: '0' is not a number of clients (1..1000000)");
  CHECK(error({"sub"}) == "sub: needs a filter (-t)");
  CHECK(error({"pub", "-t", "a/#"}) == "-t: 'a/#' is not a topic to publish to");
  CHECK(error({"pair", "-c", "2", "-t", "a"}) ==
        "-t: with more than one pair the topic needs %i, so that each pair has its own");
  CHECK(error({"pair", "-c", "1", "-t", "a"}).empty());
  CHECK(error({"pair", "--phases", "random", "--arrival", "poisson"}) ==
        "--phases: is for a fixed rate, without --loop closed, --ramp or --arrival poisson");
  CHECK(error({"pair", "--phases", "random", "--arrival", "burst:5"}).empty());
  CHECK(error({"pair", "--expected-interval", "1ms"}) ==
        "--expected-interval: needs --loop closed");
  CHECK(error({"pair", "--clock-bound", "1ms", "--run-id", "r"}) ==
        "--clock-bound: has no meaning for pairs that live together (--affinity pair)");
  CHECK(error({"pair", "--affinity", "split"}) ==
        "--affinity split: needs --shard, which the ends of a pair are divided among");
  CHECK(error({"pair", "-c", "2", "--affinity", "split", "--shard", "0/2", "--run-id", "r"}) ==
        "--affinity split: needs --barrier or --start-at, since each shard waits for others");
  CHECK(error({"pub", "--inflight", "0"}) ==
        "--inflight: '0' is not a number of messages (1..65535)");
  CHECK(error({"pair", "--assert", "e3e.p99<5ms"}) ==
        "--assert: 'e3e.p99' is not a figure that a result has");
  CHECK(
      read_line({"pair", "--assert", "loss==0", "--assert", "dup==0"})->options.conditions.size() ==
      2);
  CHECK(error({"pub", "-c", "1000000", "--rate", "0.001/h"}) ==
        "the rate is too low for so many clients");
}

TEST_CASE("what would silently mean nothing, or another thing, is refused") {
  const auto error = [](const std::vector<std::string>& words) { return read_line(words)->error; };
  CHECK(error({"pair", "--tolerance", "e2e.p99:+15%"}) ==
        "--tolerance: needs a --baseline to compare the run with");
  CHECK(error({"pair", "--force-compare"}) ==
        "--force-compare: needs a --baseline to compare the run with");
  CHECK(error({"pair", "--force-compare", "--baseline", "b.json"}) == "");
  CHECK(error({"compare", "a", "b", "--tolerance", "loss:+1%"}) == "");
  CHECK(error({"pair", "-V", "3.1.1", "-D", "publish", "content-type", "text"}) ==
        "-D: needs MQTT 5.0, and -V says otherwise");
  CHECK(error({"pair", "-V", "5", "-D", "publish", "content-type", "text"}) == "");
  for (const char* group : {"g/x", "g+", "#", ""}) {
    CAPTURE(group);
    CHECK(error({"sub", "-t", "a", "--share", group}).ends_with("without /, + and #"));
    CHECK(error({"fanin", "--share", group}).starts_with("--share: "));
  }
}

TEST_CASE("the path in a WebSocket's URL is what the WebSocket is asked for, in others the topic") {
  const auto line = read_line({"pair", "-c", "2", "--url", "ws://h:8083/mqtt/v2?a=%20"});
  CHECK(line->error == "");
  CHECK_FALSE(line->options.topic.has_value());
  CHECK(line->options.connection.transport.websocket_options.path == "/mqtt/v2?a=%20");
  CHECK(line->options.connection.address.port == 8083);
  CHECK(
      read_line({"pair", "--url", "ws://h"})->options.connection.transport.websocket_options.path ==
      "/mqtt");
  CHECK(read_line({"pair", "--url", "ws://h/a#b"})->error.starts_with("--url: '/a#b' has a "));
  CHECK(read_line({"pair", "--url", "mqtt://h/t"})->options.topic == "t");
}

TEST_CASE("%i in a topic is the client's number, however often it stands there") {
  CHECK(expand("dev/%i/up", 7) == "dev/7/up");
  CHECK(expand("%i/%i", 10) == "10/10");
  CHECK(expand("plain", 3) == "plain");
}

TEST_CASE("the record of a run's settings holds no credentials and tells different loads apart") {
  const auto record_of = [](const std::vector<std::string>& words) {
    return record(read_line(words)->options);
  };
  const auto one = record_of({"pair", "-u", "user", "-P", "secret", "-h", "a"});
  for (const auto& [key, value] : one) {
    CHECK(value != "user");
    CHECK(value != "secret");
  }
  CHECK(one == record_of({"pair", "-h", "b"}));
  CHECK(one != record_of({"pair", "-q", "1"}));
  CHECK(one != record_of({"pair", "--rate", "2/s"}));
  CHECK(one != record_of({"pair", "--phases", "random"}));
  CHECK(one != record_of({"pair", "--mode", "echo"}));
  CHECK_FALSE(record_of({"pair", "--loop", "closed"}).contains("rate"));
}
