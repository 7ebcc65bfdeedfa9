#include <doctest/doctest.h>

#include <algorithm>
#include <csignal>

#include "tests/e2e/clients.hpp"

using namespace e2e;

namespace {

/// Ends a subscriber once this text has come, and gives all it printed before.
std::string output_until(Process& subscriber, std::uint16_t port, const std::string& topic,
                         const std::string& text) {
  publish(port, {"-t", topic, "-m", text, "-q", "1"});
  CHECK(subscriber.wait_for_line(text).has_value());
  subscriber.signal(SIGTERM);
  auto out = without_ready(subscriber.wait().out);
  return out.substr(0, out.find(text));
}

}  // namespace

TEST_CASE("a killed client's will is published; a clean end discards it [MQTT-3.1.2-8]") {
  BrokerProcess broker(kLite);
  for (const std::string version : {"3.1.1", "5"}) {
    CAPTURE(version);
    auto witness = subscribed(broker.port(), {"-t", "Maison/Absents", "-q", "2", "-F", "%q|%p"});
    const Arguments mortal{"-V",
                           version,
                           "-t",
                           "a",
                           "--will-topic",
                           "Maison/Absents",
                           "--will-payload",
                           "le capteur s'est tû",
                           "--will-qos",
                           "2"};
    auto clean = subscribed(broker.port(), mortal);
    clean->signal(SIGTERM);
    clean->wait();
    auto killed = subscribed(broker.port(), mortal);
    killed->signal(SIGKILL);
    CHECK(witness->wait_for_line("le capteur s'est tû") == "2|le capteur s'est tû");
    CHECK(output_until(*witness, broker.port(), "Maison/Absents", "the end") ==
          "2|le capteur s'est tû\n1|");
  }
}

TEST_CASE("a retained will waits for later subscribers [MQTT-3.1.2-17]") {
  BrokerProcess broker(kLite);
  auto witness = subscribed(broker.port(), {"-t", "will"});
  auto mortal = subscribed(broker.port(), {"-t", "a", "--will-topic", "will", "--will-payload",
                                           "dead", "--will-retain", "--will-qos", "1"});
  mortal->signal(SIGKILL);
  CHECK(witness->wait_for_line("dead").has_value());
  CHECK(support::run(sub(broker.port(), {"-t", "will", "-C", "1", "-F", "%r %p"})).out ==
        "1 dead\n");
}

TEST_CASE("a new subscriber gets the last retained message; an empty one clears it") {
  BrokerProcess broker(kLite);
  for (const std::string text : {"19,0 °C", "19,5 °C"}) {
    publish(broker.port(), {"-t", "Maison/Salon", "-m", text, "-r", "-q", "1"});
  }
  CHECK(support::run(sub(broker.port(), {"-t", "Maison/+", "-C", "1", "-v"})).out ==
        "Maison/Salon 19,5 °C\n");
  publish(broker.port(), {"-t", "Maison/Salon", "-n", "-r", "-q", "1"});
  auto late = subscribed(broker.port(), {"-t", "Maison/+"});
  CHECK(output_until(*late, broker.port(), "Maison/Cuisine", "the end") == "");
}

TEST_CASE("-R hides retained messages and shows live ones") {
  BrokerProcess broker(kLite);
  publish(broker.port(), {"-t", "a", "-m", "old", "-r", "-q", "1"});
  for (const std::string version : {"3.1.1", "5"}) {
    CAPTURE(version);
    // The kept session is the sign that the subscription stands: -R would hide the usual one.
    const Arguments session{"-V", version, "-R", "-c", "-i", "now", "-q", "1", "-t", "a"};
    auto with_end = session;
    with_end.push_back("-E");
    CHECK(support::run(sub(broker.port(), with_end)).code == 0);
    publish(broker.port(), {"-t", "a", "-m", "new", "-q", "1"});
    auto with_count = session;
    with_count.insert(with_count.end(), {"-C", "1"});
    CHECK(support::run(sub(broker.port(), with_count)).out == "new\n");
  }
}

TEST_CASE("wildcards at the front do not match topics that begin with '$' [MQTT-4.7.2-1]") {
  BrokerProcess broker(kLite);
  auto all = subscribed(broker.port(), {"-t", "#", "-v"});
  auto one_level = subscribed(broker.port(), {"-t", "+/x", "-v"});
  auto named = subscribed(broker.port(), {"-t", "$special/#", "-v"});
  publish(broker.port(), {"-t", "$special/x", "-m", "hidden", "-q", "1"});
  CHECK(named->wait_for_line("hidden").has_value());
  publish(broker.port(), {"-t", "open/x", "-m", "seen", "-q", "1"});
  CHECK(one_level->wait_for_line("x") == "open/x seen");
  CHECK(all->wait_for_line("x") == "open/x seen");
}

TEST_CASE("two members of a shared group divide the messages between them [MQTT-4.8.2-4]") {
  BrokerProcess broker(kLite);
  constexpr std::size_t kMessages = 1000;
  const Arguments member{"-V", "5", "-q", "1", "-t", "$share/équipe/travail/+"};
  auto one = subscribed(broker.port(), member);
  auto two = subscribed(broker.port(), member);
  auto alone = subscribed(broker.port(),
                          {"-q", "1", "-t", "travail/+", "-C", std::to_string(kMessages + 1)});
  auto command = pub(broker.port(), {"-t", "travail/a", "-l", "-q", "1"});
  std::vector<std::string> sent;
  for (std::size_t i = 0; i < kMessages; ++i) {
    sent.push_back("tâche " + std::to_string(i));
    command.input += sent.back() + "\n";
  }
  CHECK(support::run(command).code == 0);
  CHECK(lines_of(without_ready(alone->wait().out)) == sent);

  std::vector<std::string> received;
  for (auto* process : {one.get(), two.get()}) {
    publish(broker.port(), {"-t", "travail/fin", "-m", "fin", "-q", "1"});
    publish(broker.port(), {"-t", "travail/fin", "-m", "fin", "-q", "1"});
    CHECK(process->wait_for_line("fin").has_value());
    process->signal(SIGTERM);
    auto lines = lines_of(without_ready(process->wait().out));
    std::erase(lines, "fin");
    CHECK(lines.size() > 0);
    received.insert(received.end(), lines.begin(), lines.end());
  }
  std::sort(received.begin(), received.end());
  std::sort(sent.begin(), sent.end());
  CHECK(received == sent);
}

TEST_CASE("the broker can be reached by name, over IPv4 and over IPv6 where the machine has it") {
  BrokerProcess broker(kLite);
  std::vector<std::string> hosts{"127.0.0.1", "localhost"};
  // The line for IPv6 is printed right behind the one for IPv4, or not at all.
  broker.process().signal(SIGTERM);
  if (broker.process().wait().out.find("listening on [::1]:") != std::string::npos) {
    hosts.push_back("::1");
  }
  BrokerProcess second(kLite);
  for (const auto& host : hosts) {
    CAPTURE(host);
    const Arguments address{"-h", host, "-p", second.port_text()};
    Command publisher{.argv = {support::tool("mq-pub")}},
        subscriber{.argv = {support::tool("mq-sub")}};
    for (auto* command : {&publisher, &subscriber}) {
      command->argv.insert(command->argv.end(), address.begin(), address.end());
      command->argv.insert(command->argv.end(), {"-t", "a", "-q", "1"});
    }
    publisher.argv.insert(publisher.argv.end(), {"-m", host, "-r"});
    subscriber.argv.insert(subscriber.argv.end(), {"-C", "1"});
    CHECK(support::run(publisher).code == 0);
    CHECK(support::run(subscriber).out == host + "\n");
  }
}
