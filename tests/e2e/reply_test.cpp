#include <doctest/doctest.h>

#include "tests/e2e/clients.hpp"
#include "tests/support/raw_connection.hpp"

using namespace e2e;

namespace {

/// Answers the request that comes: takes its response topic and correlation data, and sends
/// `payload` there; once more with other data before.
void respond(std::uint16_t port, Process& subscriber, const std::string& payload) {
  const auto line = subscriber.wait_for_line("request ");
  REQUIRE(line.has_value());
  const auto blank = line->rfind(' ');
  const std::string topic = line->substr(8, blank - 8);
  const std::string data = line->substr(blank + 1);
  for (const std::string& correlation : {std::string("other"), data}) {
    publish(port,
            {"-V", "5", "-t", topic, "-q", "1", "-m", correlation == "other" ? "not this" : payload,
             "-D", "publish", "correlation-data", correlation});
  }
}

}  // namespace

TEST_CASE("--reply prints the reply to this request, and no other message") {
  BrokerProcess broker(kLite);
  auto subscriber = subscribed(broker.port(), {"-V", "5", "-t", "ask", "-F", "%p %R %D"});
  Process asking(pub(broker.port(), {"-t", "ask", "-m", "request", "--reply", "-q", "1"}));
  respond(broker.port(), *subscriber, "21,5 °C");
  const auto end = asking.wait();
  CHECK(end.out == "21,5 °C\n");
  CHECK(end.err == "");
  CHECK(end.code == 0);
}

TEST_CASE("--reply prints as mq-sub would: -F, -v, -N, --field, with -e as its topic") {
  BrokerProcess broker(kLite);
  auto subscriber = subscribed(broker.port(), {"-V", "5", "-t", "ask", "-F", "%p %R %D"});
  const struct {
    Arguments flags;
    std::string out;
  } cases[] = {
      {{"-F", "%t|%q|%p|%l"}, "the/answer|1|{\"a\":[1,2.50]}|14\n"},
      {{"-v"}, "the/answer {\"a\":[1,2.50]}\n"},
      {{"-N"}, "{\"a\":[1,2.50]}"},
      {{"--field", "a[1]"}, "2.50\n"},
  };
  for (const auto& [flags, out] : cases) {
    Arguments arguments{"-t", "ask", "-m", "request", "-e", "the/answer", "-q", "1"};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    Process asking(pub(broker.port(), arguments));
    respond(broker.port(), *subscriber, "{\"a\":[1,2.50]}");
    const auto end = asking.wait();
    CHECK(end.out == out);
    CHECK(end.err == "");
    CHECK(end.code == 0);
  }
}

TEST_CASE("--latency tells how long the reply took; a payload that is no JSON is told on stderr") {
  BrokerProcess broker(kLite);
  auto subscriber = subscribed(broker.port(), {"-V", "5", "-t", "ask", "-F", "%p %R %D"});
  Process asking(
      pub(broker.port(), {"-t", "ask", "-m", "request", "--reply", "--latency", "--field", "a"}));
  respond(broker.port(), *subscriber, "no JSON");
  const auto end = asking.wait();
  CHECK(end.out.starts_with("Latency: "));
  CHECK(end.out.ends_with("µs\n"));
  CHECK(end.err.find("the payload is not JSON") != std::string::npos);
  CHECK(end.code == 0);
}

TEST_CASE("--reply ends with 74 when the reply cannot be written, with 0 when nobody reads it") {
  BrokerProcess broker(kLite);
  auto subscriber = subscribed(broker.port(), {"-V", "5", "-t", "ask", "-F", "%p %R %D"});
  Command command = pub(broker.port(), {"-t", "ask", "-m", "request", "--reply", "-q", "1"});
  command.output_file = "/dev/full";
  Process asking(command);
  respond(broker.port(), *subscriber, "x");
  const auto end = asking.wait();
  CHECK(end.code == 74);
  CHECK(end.err == "mq-pub: stdout: no space left on device\n");

  Process unheard(pub(broker.port(), {"-t", "nowhere", "-m", "request", "--reply"}));
  unheard.close_output();
  CHECK(unheard.wait().code == 0);
}

TEST_CASE("--reply with mosquitto as broker") {
  BrokerProcess broker(BrokerProcess::Kind::mosquitto);
  auto subscriber = subscribed(broker.port(), {"-V", "5", "-t", "ask", "-F", "%p %R %D"});
  Process asking(pub(broker.port(), {"-t", "ask", "-m", "request", "--reply"}));
  respond(broker.port(), *subscriber, "yes");
  CHECK(asking.wait().out == "yes\n");
}

TEST_CASE("without a reply it is exit code 27; without permission for the topic, its reason code") {
  BrokerProcess broker(kLite);
  const auto late =
      support::run(pub(broker.port(), {"-t", "ask", "-m", "x", "--reply", "-W", "0.3"}));
  CHECK(late.code == 27);
  CHECK(late.out == "");
  CHECK(late.err == "mq-pub: Timed out after 0.3 s\n");

  support::ScriptedServer refusing(
      [](const std::string& packet) -> support::ScriptedServer::Answer {
        if (packet[0] == '\x10') return {support::from_hex("20 03 00 00 00")};
        if (packet[0] != '\x82') return {};
        return {support::from_hex("90 04") + packet.substr(2, 2) + support::from_hex("00 87")};
      });
  const auto refused = support::run(pub(refusing.port(), {"-t", "ask", "-m", "x", "--reply"}));
  CHECK(refused.code == 135);
  CHECK(refused.err.find("no subscription for the reply") != std::string::npos);
}
