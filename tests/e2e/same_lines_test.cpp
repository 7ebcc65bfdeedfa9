#include <doctest/doctest.h>

#include <csignal>

#include "tests/e2e/clients.hpp"

using namespace e2e;

namespace {

struct Sent {
  std::string topic;
  std::string payload;
  bool retain = false;
};

/// The first is published before anybody subscribes.
const std::vector<Sent> kHouse{
    {"Maison/Capteurs/Grenier", "3,0 °C", true},
    {"Maison/Capteurs/Salon", "19,0 °C"},
    {"Maison/Capteurs/Cuisine é", "21,5 °C"},
    {"Maison/Capteurs/Entrée/Humidité", "54 % 💧"},
    {"Maison/Capteurs/Vide", ""},
    {"Maison/Capteurs/Cave", "11,0 °C", true},
    {"Maison/Capteurs", "the parent level belongs to '#'"},
    {"Maison/Capteurs/Salon", "two\nlines"},
};

std::string plain_line(const Sent& sent) {
  return sent.topic + " " + (sent.payload.empty() ? "(null)" : sent.payload) + "\n";
}

std::string detailed_line(const Sent& sent, int qos, bool is_retained) {
  return sent.topic + "|" + std::to_string(qos) + "|" + (is_retained ? "1" : "0") + "|" +
         std::to_string(sent.payload.size()) + "|" + sent.payload + "\n";
}

struct Cast {
  Family publisher;
  Family subscriber;
  std::string version;
  std::string qos;
};

void send(std::uint16_t port, const Sent& sent, const Cast& cast) {
  Arguments arguments{"-V", cast.version, "-q", cast.qos, "-t", sent.topic, "-m", sent.payload};
  if (sent.retain) arguments.push_back("-r");
  publish(port, arguments, cast.publisher);
}

void unretain(std::uint16_t port, const Sent& sent, const Cast& cast) {
  publish(port, {"-q", "1", "-t", sent.topic, "-n", "-r"}, cast.publisher);
}

void play(std::uint16_t port, const Cast& cast) {
  CAPTURE(name(cast.publisher));
  CAPTURE(name(cast.subscriber));
  CAPTURE(cast.version);
  CAPTURE(cast.qos);
  send(port, kHouse[0], cast);
  const Arguments common{"-V", cast.version, "-q", "2", "-t", "Maison/Capteurs/#"};
  auto plain = common, detailed = common;
  plain.push_back("-v");
  detailed.insert(detailed.end(), {"-F", "%t|%q|%r|%l|%p"});
  auto plain_reader = subscribed(port, plain, cast.subscriber);
  auto detailed_reader = subscribed(port, detailed, cast.subscriber);

  const int qos = std::stoi(cast.qos);
  std::string plain_lines = plain_line(kHouse[0]);
  std::string detailed_lines = detailed_line(kHouse[0], qos, true);
  for (std::size_t i = 1; i < kHouse.size(); ++i) {
    send(port, kHouse[i], cast);
    plain_lines += plain_line(kHouse[i]);
    detailed_lines += detailed_line(kHouse[i], qos, false);
    // One by one: messages of different publishers have no order among them otherwise.
    CHECK(plain_reader->wait_for_lines(1 + lines_of(plain_lines).size()));
    CHECK(detailed_reader->wait_for_lines(1 + lines_of(detailed_lines).size()));
  }
  plain_reader->signal(SIGTERM);
  detailed_reader->signal(SIGTERM);
  CHECK(without_ready(plain_reader->wait().out) == plain_lines);
  CHECK(without_ready(detailed_reader->wait().out) == detailed_lines);
  for (const auto& sent : kHouse) {
    if (sent.retain) unretain(port, sent, cast);
  }
}

void play_all(BrokerProcess::Kind kind) {
  BrokerProcess broker(kind);
  for (auto publisher : {Family::ours, Family::mosquitto}) {
    for (auto subscriber : {Family::ours, Family::mosquitto}) {
      for (const std::string version : {"mqttv311", "mqttv5"}) {
        for (const std::string qos : {"0", "1", "2"}) {
          play(broker.port(), {publisher, subscriber, version, qos});
        }
      }
    }
  }
}

}  // namespace

TEST_CASE("with mosquitto, mq-sub and mosquitto_sub print the same lines for both publishers") {
  play_all(BrokerProcess::Kind::mosquitto);
}

TEST_CASE(
    "with mq-broker-lite, mq-sub and mosquitto_sub print the same lines for both publishers") {
  play_all(BrokerProcess::Kind::mq_broker_lite);
}
