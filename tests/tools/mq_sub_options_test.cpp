#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tools/common/parse.hpp"
#include "tools/mq-sub/options.hpp"
#include "tools/mq-sub/output_rows.hpp"
#include "tools/mq-sub/packets.hpp"

using mq_sub::Options;
using Args = std::vector<std::string>;

namespace {

/// The options of a command line that must be right.
Options parsed(const Args& words) {
  Options options;
  const cli::Tool tool = mq_sub::describe(options);
  const auto result = cli::parse(tool, words);
  REQUIRE_MESSAGE(result.has_value(), result.error());
  return options;
}

std::string error(const Args& words) {
  Options options;
  const cli::Tool tool = mq_sub::describe(options);
  const auto result = cli::parse(tool, words);
  return result ? "no error" : result.error();
}

std::string text(const Options& options, std::string_view payload) {
  mqtt::Publish message;
  message.topic = mqtt::Bytes::copy("t");
  message.payload = mqtt::Bytes::copy(payload);
  std::string out;
  CHECK(mq_sub::output_format(options).append(out, message, {}, {}) == "");
  return out;
}

}  // namespace

TEST_CASE("mq-sub: several -t make one SUBSCRIBE, each filter once, all with one QoS") {
  const Options options = parsed({"-t", "a/#", "-t", "b", "-q", "2", "-t", "a/#"});
  const mqtt::Subscribe subscribe = mq_sub::subscribe_packet(options);
  REQUIRE(subscribe.requests.size() == 2);
  CHECK(subscribe.requests[0].filter.view() == "a/#");
  CHECK(subscribe.requests[1].filter.view() == "b");
  CHECK(subscribe.requests[1].options.qos == mqtt::Qos::exactly_once);
  CHECK(subscribe.requests[1].options.retain_handling == mqtt::RetainHandling::send);
}

TEST_CASE("mq-sub: the topic of -L is one to subscribe to") {
  const Options options = parsed({"-L", "mqtt://broker/a/%2B", "-t", "b"});
  CHECK(options.topics == std::vector<std::string>{"b", "a/+"});
  CHECK(error({"-L", "mqtt://broker/a%23"}).starts_with("-L: 'a#' is not a topic filter"));
}

TEST_CASE("mq-sub: -U is enough, no topic at all is not") {
  const Options options = parsed({"-U", "a/+", "-c", "-i", "me", "-E"});
  CHECK(options.topics.empty());
  CHECK(options.exit_after_subscribing);
  const mqtt::Unsubscribe unsubscribe = mq_sub::unsubscribe_packet(options);
  REQUIRE(unsubscribe.filters.size() == 1);
  CHECK(unsubscribe.filters[0].view() == "a/+");
  CHECK(error({}).starts_with("-t: "));
}

TEST_CASE("mq-sub: wrong values are named before any connection") {
  CHECK(error({"-t", "a/#/b"}) == "-t: 'a/#/b' is not a topic filter");
  CHECK(error({"-t", ""}) == "-t: '' is not a topic filter");
  CHECK(error({"-t", "$share/g"}) == "-t: '$share/g' is not a topic filter");
  CHECK(error({"-t", "a", "-T", "a+"}) == "-T: 'a+' is not a topic filter");
  CHECK(error({"-t", "a", "-U", "\xff"}) == "-U: '\\xff' is not a topic filter");
  CHECK(error({"-t", "a", "-q", "3"}).starts_with("-q: '3' is not a QoS"));
  CHECK(error({"-t", "a", "-C", "0"}).starts_with("-C: '0' is not a number of messages"));
  CHECK(error({"-t", "a", "-W", "0"}).starts_with("-W: '0' is not"));
  CHECK(error({"-t", "a", "-W", "-1"}).starts_with("-W: '-1' is not"));
  CHECK(error({"-t", "a", "-F", "%z"}) == "-F: Invalid format specifier 'z'.");
  CHECK(error({"-t", "a", "-F", "%"}) == "-F: Incomplete format specifier.");
  CHECK(error({"-t", "a", "-F", "\\q"}) == "-F: Invalid escape specifier 'q'.");
  CHECK(error({"-t", "a", "--retain-handling", "maybe"}).starts_with("--retain-handling: 'maybe'"));
  CHECK(error({"-t", "a", "--ready-fd", "60000"}).starts_with("--ready-fd: "));
  CHECK(error({"-t", "a", "-R", "--retained-only"}).starts_with("-R and --retained-only"));
  CHECK(error({"-t", "a", "-c"}).starts_with("-c: "));
  CHECK(error({"-t", "a", "b"}).starts_with("unexpected word 'b'"));
}

TEST_CASE("mq-sub: -F wins over -v, -N takes the line feed away") {
  CHECK(text(parsed({"-t", "a"}), "x") == "x\n");
  CHECK(text(parsed({"-t", "a"}), "") == "");
  CHECK(text(parsed({"-t", "a", "-v"}), "x") == "t x\n");
  CHECK(text(parsed({"-t", "a", "-v"}), "") == "t (null)\n");
  CHECK(text(parsed({"-t", "a", "-F", "<%p>", "-v"}), "x") == "<x>\n");
  CHECK(text(parsed({"-t", "a", "-F", "%q", "-F", "%l"}), "x") == "1\n");
  CHECK(text(parsed({"-t", "a", "-Nv"}), "x") == "t x");
}

TEST_CASE("mq-sub: -W takes fractions of a second") {
  CHECK(parsed({"-t", "a", "-W", "0.25"}).timeout == std::chrono::milliseconds(250));
}

TEST_CASE("mq-sub: -C lowers the Receive Maximum in 5.0, and only there") {
  const auto receive_maximum = [](const Args& words) {
    const auto client = mq_sub::client_options(parsed(words));
    return client.session.connect.properties.find(mqtt::property::receive_maximum);
  };
  CHECK(receive_maximum({"-t", "a", "-C", "3", "-V", "5"}) == 3);
  CHECK(receive_maximum({"-t", "a", "-C", "19", "-V", "5"}) == 19);
  CHECK_FALSE(receive_maximum({"-t", "a", "-C", "20", "-V", "5"}));
  CHECK_FALSE(receive_maximum({"-t", "a", "-C", "3"}));
  CHECK_FALSE(receive_maximum({"-t", "a", "-V", "5"}));
  CHECK(receive_maximum({"-t", "a", "-C", "3", "-D", "connect", "receive-maximum", "7"}) == 7);
}

TEST_CASE("mq-sub: messages are acknowledged by hand") {
  CHECK(mq_sub::client_options(parsed({"-t", "a"})).session.manual_acknowledgement);
}

TEST_CASE("mq-sub: retain options go into a 5.0 subscription") {
  const auto options = [](Args words) {
    words.insert(words.begin(), {"-t", "a"});
    return mq_sub::subscribe_packet(parsed(words)).requests[0].options;
  };
  using mqtt::RetainHandling;
  CHECK(options({"-V", "5", "-R"}).retain_handling == RetainHandling::do_not_send);
  CHECK(options({"-V", "5", "--retain-handling", "new"}).retain_handling ==
        RetainHandling::send_if_new);
  CHECK(options({"-V", "5", "-R", "--retain-handling", "always"}).retain_handling ==
        RetainHandling::send);
  CHECK(options({"-V", "5", "--retain-as-published"}).retain_as_published);
  CHECK_FALSE(options({"-V", "5"}).retain_as_published);
  CHECK(options({"-R"}).retain_handling == RetainHandling::send);
}

TEST_CASE("mq-sub: -D properties go into SUBSCRIBE and UNSUBSCRIBE") {
  const Options options =
      parsed({"-t", "a", "-U", "b", "-D", "subscribe", "subscription-identifier", "9", "-D",
              "unsubscribe", "user-property", "k", "v"});
  CHECK(mq_sub::subscribe_packet(options).properties.find(
            mqtt::property::subscription_identifier) == 9);
  CHECK_FALSE(mq_sub::unsubscribe_packet(options).properties.empty());
}

TEST_CASE("mq-sub: what becomes of messages is checked before any connection") {
  CHECK(error({"-t", "a", "--field", "a["}).starts_with("--field: 'a[' is not a path"));
  CHECK(error({"-t", "a", "--exec", "'x"}).starts_with("--exec: ''x' has a quote"));
  CHECK(error({"-t", "a", "--exec", ""}) == "--exec: '' is not a command");
  CHECK(error({"-t", "a", "--jobs", "0", "--exec", "x"}).starts_with("--jobs: '0' is not"));
  CHECK(error({"-t", "a", "--jobs", "2"}) == "--jobs: there is no --exec");
  CHECK(error({"-t", "a", "--color", "maybe"}).starts_with("--color: 'maybe' is not"));
  CHECK(error({"-t", "a", "--json", "--field", "x"}) == "--field does not go with -F and --json");
  CHECK(error({"-t", "a", "--exec", "x", "--message-rate"}) ==
        "--exec, --watch and --message-rate exclude each other");
  for (const std::string percent : {"0", "0.09", "101", "nan", "1e1", "x", ""}) {
    CHECK(error({"-t", "a", "--random-filter", percent}) ==
          "--random-filter: '" + percent + "' is not a percentage (0.1..100)");
  }
  CHECK(parsed({"-t", "a", "--random-filter", "12.5"}).random_filter == 12.5);
  CHECK(parsed({"-t", "a", "--exec", "a 'b c'"}).command == Args{"a", "b c"});
}

TEST_CASE("mq-sub: --json, --field, --pretty and --separator say what a line looks like") {
  CHECK(text(parsed({"-t", "a", "-v", "--separator", "\t"}), "x") == "t\tx\n");
  CHECK(text(parsed({"-t", "a", "--field", "b", "-N"}), R"({"b":1.0})") == "1.0");
  CHECK(text(parsed({"-t", "a", "--json"}), "x").ends_with("\"payload\":\"x\"}\n"));
  CHECK(text(parsed({"-t", "a", "--json", "--pretty"}), "x").ends_with("\n}\n"));
  CHECK(text(parsed({"-t", "a", "--record", "f"}), "x") == "");
  CHECK(text(parsed({"-t", "a", "--record", "f", "-v"}), "x") == "t x\n");
}

TEST_CASE("mq-sub: colour is for those who want it") {
  const auto is_colored = [](const Args& more, int output) {
    Args words = {"-t", "a"};
    words.insert(words.end(), more.begin(), more.end());
    return cli::output_style(parsed(words).print, output).is_colored;
  };
  CHECK(is_colored({"--color", "always"}, -1));
  CHECK_FALSE(is_colored({}, -1));
  CHECK_FALSE(is_colored({"--color", "never"}, -1));
}
