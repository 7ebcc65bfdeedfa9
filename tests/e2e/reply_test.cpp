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
