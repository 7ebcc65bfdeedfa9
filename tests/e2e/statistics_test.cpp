#include <doctest/doctest.h>

#include <algorithm>
#include <csignal>
#include <map>

#include "tests/e2e/clients.hpp"
#include "tests/support/loopback.hpp"
#include "tests/support/raw_connection.hpp"

using namespace e2e;
using support::RawConnection;

namespace {

/// A broker whose /metrics is read with Python's HTTP client.
class Watched {
 public:
  explicit Watched(Arguments arguments = {}) : broker_(kLite, with_metrics(std::move(arguments))) {
    const auto line = broker_.process().wait_for_line("metrics on ");
    REQUIRE(line);
    url_ = line->substr(line->find("http://"));
  }

  BrokerProcess& broker() { return broker_; }
  const std::string& url() const { return url_; }

  std::map<std::string, double> metrics() const {
    const auto page = support::run({.argv = {"python3", "-c",
                                             "import sys, urllib.request as r\n"
                                             "a = r.urlopen(sys.argv[1], timeout=30)\n"
                                             "assert a.headers['Content-Type'].startswith("
                                             "'text/plain; version=0.0.4'), a.headers\n"
                                             "sys.stdout.write(a.read().decode())",
                                             url_}});
    REQUIRE_MESSAGE(page.code == 0, page.err);
    std::map<std::string, double> values;
    for (const auto& line : lines_of(page.out))
      if (!line.starts_with('#')) values[line.substr(0, line.rfind(' '))] = number_of(line);
    return values;
  }
  double metric(const std::string& name) const {
    const auto values = metrics();
    CAPTURE(name);
    REQUIRE(values.contains(name));
    return values.at(name);
  }

 private:
  static Arguments with_metrics(Arguments arguments) {
    arguments.insert(arguments.end(), {"--metrics-port", "0"});
    return arguments;
  }
  static double number_of(const std::string& line) {
    return std::stod(line.substr(line.rfind(' ')));
  }

  BrokerProcess broker_;
  std::string url_;
};

const std::string kConnect = support::from_hex("10 0D 00 04 4D 51 54 54 04 02 00 3C 00 01 61");

/// Whether the server greets; nothing is read from a connection that it has closed.
bool is_welcome(RawConnection& connection) {
  connection.send(kConnect);
  return support::to_hex(connection.read_packet()) == "20 02 00 00";
}

}  // namespace

TEST_CASE("mosquitto_sub sees the statistics under $SYS, retained, and those that change again") {
  BrokerProcess broker(kLite, {"--sys-interval", "1"});
  const auto subscriber =
      subscribed(broker.port(), {"-v", "-t", "$SYS/broker/#"}, Family::mosquitto);
  Process other(sub(broker.port(), {"-v", "-R", "-t", "$SYS/broker/uptime"}, Family::mosquitto));
  for (const char* line :
       {"$SYS/broker/version mq-broker-lite version ", "$SYS/broker/clients/total ",
        "$SYS/broker/load/messages/received/15min ", "$SYS/broker/heap/current "}) {
    CAPTURE(line);
    const auto retained = support::run(
        sub(broker.port(),
            {"-v", "-C", "1", "-t", std::string(line).substr(0, std::string_view(line).find(' '))},
            Family::mosquitto));
    CHECK(retained.out.starts_with(line));
  }
  CHECK(other.wait_for_line("$SYS/broker/uptime "));
  CHECK(subscriber->wait_for_line("$SYS/broker/clients/connected 2"));
}

TEST_CASE("$SYS is nobody's to publish, not below '#', and off at interval 0") {
  BrokerProcess broker(kLite, {"--sys-interval", "0"});
  const auto all = subscribed(broker.port(), {"-v", "-t", "#", "-t", "$SYS/#"}, Family::mosquitto);
  publish(broker.port(), {"-t", "$SYS/broker/uptime", "-m", "forged"}, Family::mosquitto);
  publish(broker.port(), {"-t", "last", "-m", "one"}, Family::mosquitto);
  REQUIRE(all->wait_for_line("last one"));
  all->signal(SIGINT);
  CHECK(all->wait().out.find("$SYS") == std::string::npos);
}

TEST_CASE("/metrics counts what clients do") {
  Watched watched;
  const auto subscriber = subscribed(watched.broker().port(), {"-t", "a"}, Family::mosquitto);
  publish(watched.broker().port(), {"-t", "a", "-m", "12345"}, Family::mosquitto);
  REQUIRE(subscriber->wait_for_line("12345"));
  const auto metrics = watched.metrics();
  CHECK(metrics.at("mq_broker_clients_connected") == 1);
  CHECK(metrics.at("mq_broker_subscriptions") == 2);
  CHECK(metrics.at("mq_broker_connects_total") == 3);
  CHECK(metrics.at("mq_broker_publishes_received_total") == 2);
  CHECK(metrics.at("mq_broker_publishes_sent_total") == 2);
  CHECK(metrics.at("process_open_fds") > 5);
}

TEST_CASE("who comes over max_connections is closed at once, counted and told; room comes again") {
  support::TempDir directory;
  const auto file = directory.write("conf",
                                    "listener 0 127.0.0.1\nallow_anonymous true\n"
                                    "max_connections 2\nlistener 0 127.0.0.1\n");
  Process process({.argv = {support::tool("mq-broker-lite"), "-c", file, "--metrics-port", "0",
                            "--global-max-connections", "3"}});
  std::array<std::uint16_t, 2> ports{};
  for (auto& port : ports) {
    const auto line = process.wait_for_line("listening on ");
    REQUIRE(line);
    port = static_cast<std::uint16_t>(std::stoul(line->substr(line->rfind(':') + 1)));
  }
  RawConnection first(ports[0]);
  CHECK(is_welcome(first));
  {
    RawConnection second(ports[0]);
    CHECK(is_welcome(second));
    RawConnection third(ports[0]);
    CHECK(third.is_closed_by_peer());
    CHECK(process.wait_for_error("refused: max_connections 2 reached"));
    RawConnection elsewhere(ports[1]);
    CHECK(is_welcome(elsewhere));
    RawConnection last(ports[1]);
    CHECK(last.is_closed_by_peer());
    CHECK(process.wait_for_error("refused: global_max_connections 3 reached"));
    second.send(support::from_hex("E0 00"));
    CHECK(second.is_closed_by_peer());
  }
  // The server may not have seen yet that the others are gone.
  bool is_back = false;
  for (int attempt = 0; attempt < 100'000 && !is_back; ++attempt) {
    RawConnection again(ports[0]);
    is_back = is_welcome(again);
  }
  CHECK(is_back);
}

TEST_CASE("every refusal for a limit of connections is in the metrics") {
  Watched watched({"--global-max-connections", "1"});
  RawConnection first(watched.broker().port());
  REQUIRE(is_welcome(first));
  for (int i = 0; i < 5; ++i) CHECK(RawConnection(watched.broker().port()).is_closed_by_peer());
  const auto metrics = watched.metrics();
  CHECK(metrics.at("mq_broker_connections_refused_total{reason=\"global_max_connections\"}") == 5);
  CHECK(metrics.at("mq_broker_connections_open") == 1);
}

TEST_CASE("out of descriptors the broker goes on, says so, and serves those who waited") {
  Process process({.argv = {"sh", "-c", "ulimit -n 40; exec \"$0\" -p 0 -b 127.0.0.1",
                            support::tool("mq-broker-lite")}});
  const auto line = process.wait_for_line("listening on 127.0.0.1:");
  REQUIRE(line);
  const auto port = static_cast<std::uint16_t>(std::stoul(line->substr(line->rfind(':') + 1)));
  std::vector<RawConnection> many;
  for (int i = 0; i < 60; ++i) many.emplace_back(port);
  CHECK(process.wait_for_error("accepting rests: Too many open files"));
  RawConnection& last = many.back();
  last.send(kConnect);
  for (int i = 0; i < 50; ++i) many[static_cast<std::size_t>(i)].reset();
  CHECK(support::to_hex(last.read_packet()) == "20 02 00 00");
  CHECK(process.is_running());
}

TEST_CASE("SIGUSR1 writes statistics to the log, whatever its level") {
  BrokerProcess broker(kLite);
  RawConnection client(broker.port());
  REQUIRE(is_welcome(client));
  broker.process().signal(SIGUSR1);
  CHECK(broker.process().wait_for_error(", 1 clients connected (at most 1), "));
  CHECK(broker.process().wait_for_error(" bytes of heap, "));
}
