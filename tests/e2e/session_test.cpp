#include <doctest/doctest.h>

#include <csignal>

#include "tests/e2e/clients.hpp"
#include "tests/support/proxy.hpp"

using namespace e2e;

namespace {

/// Registers a durable session and leaves.
void register_session(std::uint16_t port, Arguments arguments) {
  arguments.insert(arguments.end(), {"-q", "2", "-E"});
  const auto end = support::run(sub(port, arguments));
  CHECK(end.err == "");
  CHECK(end.code == 0);
}

std::string drain(std::uint16_t port, Arguments arguments, std::size_t count) {
  arguments.insert(arguments.end(), {"-q", "2", "-C", std::to_string(count)});
  return support::run(sub(port, arguments)).out;
}

}  // namespace

TEST_CASE("a kept session collects what is published while its client is away [MQTT-3.1.2-5]") {
  BrokerProcess broker(kLite);
  for (const std::string version : {"3.1.1", "5"}) {
    for (const std::string qos : {"1", "2"}) {
      CAPTURE(version);
      CAPTURE(qos);
      const Arguments session{"-V", version, "-c", "-i", "keeper", "-t", "a"};
      register_session(broker.port(), session);
      for (const std::string text : {"one", "two", "three"}) {
        publish(broker.port(), {"-t", "a", "-m", text, "-q", qos});
      }
      CHECK(drain(broker.port(), session, 3) == "one\ntwo\nthree\n");
    }
  }
}

TEST_CASE("-C takes no more from a kept session than it prints") {
  BrokerProcess broker(kLite);
  for (const std::string version : {"3.1.1", "5"}) {
    for (const std::string qos : {"1", "2"}) {
      CAPTURE(version);
      CAPTURE(qos);
      const Arguments session{"-V", version, "-c", "-i", "sparing", "-t", "a"};
      register_session(broker.port(), session);
      auto command = pub(broker.port(), {"-t", "a", "-l", "-q", qos});
      command.input = "1\n2\n3\n4\n5\n6\n";
      CHECK(support::run(command).code == 0);
      CHECK(drain(broker.port(), session, 1) == "1\n");
      CHECK(drain(broker.port(), session, 2) == "2\n3\n");
      CHECK(drain(broker.port(), session, 3) == "4\n5\n6\n");
    }
  }
}

TEST_CASE("a session without an expiry ends with its connection [MQTT-3.1.2-23]") {
  BrokerProcess broker(kLite);
  register_session(broker.port(), {"-V", "5", "-i", "fleeting", "-t", "a"});
  publish(broker.port(), {"-t", "a", "-m", "missed", "-q", "1"});
  auto back = subscribed(broker.port(), {"-V", "5", "-c", "-i", "fleeting", "-t", "b"});
  publish(broker.port(), {"-t", "b", "-m", "fresh", "-q", "1"});
  CHECK(back->wait_for_line("fresh").has_value());
  back->signal(SIGTERM);
  CHECK(without_ready(back->wait().out) == "fresh\n");
}

TEST_CASE("a session is there until its expiry, and gone after it [MQTT-3.1.2-23]") {
  BrokerProcess broker(kLite);
  const Arguments lasting{"-V", "5", "-c", "-x", "100", "-i", "lasting", "-t", "a"};
  register_session(broker.port(), lasting);
  publish(broker.port(), {"-t", "a", "-m", "kept", "-q", "1"});
  CHECK(drain(broker.port(), lasting, 1) == "kept\n");

  // The will with a delay longer than the session comes when the session ends [MQTT-3.1.3-9]: the
  // event to wait for.
  auto witness = subscribed(broker.port(), {"-t", "will"});
  auto brief =
      subscribed(broker.port(), {"-V", "5", "-c", "-x", "1", "-i", "brief", "-t", "a",
                                 "--will-topic", "will", "--will-payload", "the session ended",
                                 "-D", "will", "will-delay-interval", "100"});
  brief->signal(SIGKILL);
  brief->wait();
  publish(broker.port(), {"-t", "a", "-m", "in vain", "-q", "1"});
  CHECK(witness->wait_for_line("the session ended").has_value());
  auto back = subscribed(broker.port(), {"-V", "5", "-c", "-x", "1", "-i", "brief", "-t", "b"});
  publish(broker.port(), {"-t", "b", "-m", "fresh", "-q", "1"});
  CHECK(back->wait_for_line("fresh").has_value());
  back->signal(SIGTERM);
  CHECK(without_ready(back->wait().out) == "fresh\n");
}

TEST_CASE("a second client with the id takes over, and the first one says so [MQTT-3.1.4-3]") {
  BrokerProcess broker(kLite);
  auto first = subscribed(broker.port(), {"-V", "5", "-i", "twin", "-t", "a"});
  auto second = subscribed(broker.port(), {"-V", "5", "-i", "twin", "-t", "a"});
  const auto end = first->wait();
  CHECK(end.code == 142);
  CHECK(lines_of(end.err).size() == 1);
  publish(broker.port(), {"-t", "a", "-m", "to the second", "-q", "1"});
  CHECK(second->wait_for_line("to the second").has_value());
}

TEST_CASE("a subscriber comes back by itself after a cut, and says so on stderr") {
  BrokerProcess broker(kLite);
  support::Proxy proxy(broker.port());
  auto subscriber = subscribed(broker.port(), {"-c", "-i", "stays", "-q", "1", "-t", "a"},
                               Family::ours, proxy.port());
  proxy.reset_all();
  CHECK(subscriber->wait_for_error("mq-sub: ").has_value());
  publish(broker.port(), {"-t", "a", "-m", "while away or back", "-q", "1"});
  CHECK(subscriber->wait_for_line("while away or back").has_value());
}
