#include "tools/mq-pub/options.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tools/common/parse.hpp"

namespace {

using mq_pub::Source;
using Words = std::vector<std::string>;

struct Sample {
  mq_pub::Options options;
  cli::Tool tool = mq_pub::describe(options);
  std::string parse(const Words& words) {
    const auto parsed = cli::parse(tool, words);
    return parsed ? "" : parsed.error();
  }
};

TEST_CASE("mq-pub: the usual calls of scripts") {
  Sample sample;
  CHECK(sample.parse(
            {"-h", "b", "-p", "1884", "-t", "a", "-t", "b c", "-m", "-1", "-q", "2", "-r"}) == "");
  CHECK(sample.options.topics == Words{"a", "b c"});
  CHECK(sample.options.source == Source::text);
  CHECK(sample.options.text == "-1");
  CHECK(sample.options.qos == 2);
  CHECK(sample.options.retain);

  Sample lines;
  CHECK(lines.parse({"-l", "-t", "a", "-0", "--skip-empty", "--max-queue", "10"}) == "");
  CHECK(lines.options.source == Source::lines);
  CHECK(lines.options.line_end == '\0');
  CHECK(lines.options.skip_empty);
  CHECK(lines.options.maximum_queue == 10);

  Sample repeated;
  CHECK(repeated.parse({"-t", "a", "-n", "--repeat", "3", "--repeat-delay", "0.5", "-W", "2.5"}) ==
        "");
  CHECK(repeated.options.source == Source::empty);
  CHECK(repeated.options.repeat == 3);
  CHECK(repeated.options.repeat_delay == std::chrono::milliseconds(500));
  CHECK(repeated.options.timeout == std::chrono::milliseconds(2500));
}

TEST_CASE("mq-pub: one source of messages, not none and not two") {
  const std::string two = ": -m, -f, -l, --jsonl, --replay, -s and -n exclude each other";
  CHECK(Sample().parse({"-t", "a"}) ==
        "nothing to publish: give -m, -f, -l, --jsonl, --replay, -s or -n");
  CHECK(Sample().parse({"-t", "a", "-m", "x", "-n"}) == "-n" + two);
  CHECK(Sample().parse({"-t", "a", "-l", "-f", "x"}) == "-f" + two);
  CHECK(Sample().parse({"-t", "a", "-s", "-l"}) == "-l" + two);
  Sample sample;
  CHECK(sample.parse({"-t", "a", "-m", "x", "-m", ""}) == "");
  CHECK(sample.options.text.empty());
}

TEST_CASE("mq-pub: a topic comes from -t, from -L or with each line") {
  CHECK(Sample().parse({"-m", "x"}) == "no topic: give -t");
  Sample url;
  CHECK(url.parse({"-m", "x", "-L", "mqtt://host/a%20b/c"}) == "");
  CHECK(url.options.topics == Words{"a b/c"});
  Sample both;
  CHECK(both.parse({"-m", "x", "-L", "mqtt://host/url", "-t", "flag"}) == "");
  CHECK(both.options.topics == Words{"flag"});
  CHECK(
      Sample().parse({"-m", "x", "-L", "mqtt://host/a/#"}).starts_with("-L: 'a/#' is not a topic"));
  CHECK(Sample().parse({"-l", "--topic-separator", " "}) == "");
  CHECK(Sample().parse({"-l", "--topic-separator", " ", "-t", "a"}) ==
        "-t and --topic-separator exclude each other");
  CHECK(Sample().parse({"-l", "--topic-separator", ""}) ==
        "--topic-separator: the separator is empty");
}

TEST_CASE("mq-pub: objects bring their topics, or take those of -t") {
  Sample sample;
  CHECK(sample.parse({"--jsonl", "-0"}) == "");
  CHECK(sample.options.source == Source::lines);
  CHECK(sample.options.jsonl);
  CHECK(Sample().parse({"--jsonl", "-t", "a", "-q", "1"}) == "");
  CHECK(Sample().parse({"-m", "x", "--jsonl"}).starts_with("--jsonl: -m, -f, "));
  CHECK(Sample().parse({"--jsonl", "--topic-separator", " "}) ==
        "--jsonl and --topic-separator exclude each other");
}

TEST_CASE("mq-pub: a recording brings its topics; a speed is for recordings") {
  Sample sample;
  CHECK(sample.parse({"--replay", "file", "--speed", "2.5"}) == "");
  CHECK(sample.options.source == Source::recording);
  CHECK(sample.options.file == "file");
  CHECK(sample.options.speed == 2.5);
  CHECK(Sample().parse({"--replay", "file", "-t", "a"}) == "-t and --replay exclude each other");
  CHECK(Sample().parse({"-t", "a", "-n", "--speed", "2"}) == "--speed: needs --replay");
  CHECK(Sample().parse({"--speed", "-1"}) == "--speed: '-1' is not a speed, like 2 or 0.5");
}

TEST_CASE("mq-pub: a request is one message to one topic, in MQTT 5.0") {
  Sample sample;
  CHECK(sample.parse({"-t", "a", "-m", "x", "--reply"}) == "");
  CHECK(sample.options.connection.effective_version() == mqtt::Version::v5_0);
  const std::string one = "--reply: needs one message to one topic";
  CHECK(Sample().parse({"-t", "a", "-l", "--reply"}) == one);
  CHECK(Sample().parse({"-t", "a", "-t", "b", "-n", "--reply"}) == one);
  CHECK(Sample().parse({"-t", "a", "-n", "--repeat", "2", "--reply"}) == one);
  CHECK(Sample().parse({"-t", "a", "-n", "--reply", "-V", "3.1.1"}) == "--reply: needs -V 5");
  CHECK(Sample().parse({"-t", "a", "-n", "--reply", "--spool", "d"}) ==
        "--reply and --spool exclude each other");
}

TEST_CASE("mq-pub: a spool's size is in bytes, k, M or G") {
  Sample sample;
  CHECK(sample.parse({"-t", "a", "-n", "--spool", "dir", "--spool-max", "20M"}) == "");
  CHECK(sample.options.spool == "dir");
  CHECK(sample.options.spool_maximum == 20'000'000);
  for (const char* bad : {"", "M", "0", "1T", "-1", "1.5M"}) {
    CAPTURE(bad);
    CHECK(Sample().parse({"--spool-max", bad}).starts_with("--spool-max: '"));
  }
  CHECK(Sample().parse({"-t", "a", "-n", "--spool", "dir", "--repeat-delay", "1"}) ==
        "--spool and --repeat-delay exclude each other");
}

TEST_CASE("mq-pub: flags for lines are refused without -l") {
  CHECK(Sample().parse({"-t", "a", "-n", "-0"}) == "-0: needs -l or --jsonl");
  CHECK(Sample().parse({"-t", "a", "-n", "--skip-empty"}) == "--skip-empty: needs -l or --jsonl");
  CHECK(Sample().parse({"-n", "--topic-separator", " "}) == "--topic-separator: needs -l");
}

TEST_CASE("mq-pub: values that make no sense are refused by name") {
  CHECK(Sample().parse({"-q", "3"}) == "-q: '3' is not a QoS (0..2)");
  CHECK(Sample().parse({"-W", "0"}) == "-W: '0' is not a number of seconds above 0");
  CHECK(Sample().parse({"--repeat", "0"}) ==
        "--repeat: '0' is not a number of times (1..4294967295)");
  CHECK(Sample().parse({"-t", ""}) == "-t: the topic is empty");
  CHECK(Sample().parse({"-t", "a/+"}).starts_with("-t: 'a/+' is not a topic to publish to"));
  CHECK(Sample().parse({"-t", "a", "-n", "-c"}).starts_with("-c: "));
}

}  // namespace
