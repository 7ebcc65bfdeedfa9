#include <doctest/doctest.h>

#include <csignal>

#include "tests/e2e/clients.hpp"

using namespace e2e;

TEST_CASE("what mq-sub --json prints, mq-pub --jsonl publishes again as it was") {
  BrokerProcess broker(kLite);
  publish(broker.port(), {"-V", "5", "-t", "from/a", "-m", "21,5 °C\n", "-r", "-q", "1", "-D",
                          "publish", "content-type", "text/plain"});
  const auto first =
      support::run(sub(broker.port(), {"-V", "5", "-t", "from/a", "-C", "1", "--json", "-q", "1"}));
  REQUIRE(first.code == 0);
  publish(broker.port(), {"-t", "from/a", "-n", "-r"});

  auto again = pub(broker.port(), {"-V", "5", "--jsonl"});
  again.input = first.out + "{\"topic\":\"from/b\",\"payload_base64\":\"AP8=\",\"retain\":true}\n";
  const auto sent = support::run(again);
  CHECK(sent.err == "mq-pub: 2 sent, 0 lost\n");
  CHECK(sent.code == 0);
  const auto format =
      Arguments{"-V", "5", "-t", "from/#", "-C", "2", "-q", "1", "-F", "%t %q %r %C %x"};
  CHECK(support::run(sub(broker.port(), format)).out ==
        "from/a 1 1 text/plain 32312c3520c2b0430a\nfrom/b 0 1  00ff\n");
}

TEST_CASE("a wrong object is named by its line, the others are sent, and the exit code is 4") {
  BrokerProcess broker(kLite);
  auto subscriber = subscribed(broker.port(), {"-t", "a", "-q", "1"});
  auto command = pub(broker.port(), {"--jsonl", "-q", "1", "-t", "a"});
  command.input = "{\"payload\":\"1\"}\n{\"payload\":\n{\"payload\":\"3\"}\n";
  const auto end = support::run(command);
  CHECK(end.code == 4);
  CHECK(end.err == "mq-pub: line 2: not a JSON object\nmq-pub: 2 sent, 1 lost\n");
  CHECK(subscriber->wait_for_line("3").has_value());
  subscriber->signal(SIGTERM);
  CHECK(without_ready(subscriber->wait().out) == "1\n3\n");
}
