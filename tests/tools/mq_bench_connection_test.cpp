#include "tools/mq-bench/connection.hpp"

#include <doctest/doctest.h>

#include "tests/net/loopback.hpp"
#include "tests/support/broker_process.hpp"
#include "tests/support/faults.hpp"

using namespace mq_bench;
using mqtt::net::test::run_until;
using support::BrokerProcess;

TEST_CASE("a client that leaves or is cut off is away, not over, and its return is timed") {
  BrokerProcess broker(BrokerProcess::Kind::mosquitto);
  for (const bool is_cut : {false, true}) {
    Result result;
    Ledger ledger(result);
    mqtt::net::Loop loop;
    mqtt::client::ClientOptions options;
    options.address = {mqtt::net::Address::Scheme::mqtt, "127.0.0.1", broker.port()};
    options.session.connect.version = mqtt::Version::v3_1_1;
    options.session.connect.client_id = mqtt::Bytes::copy("restless");
    Connection connection({ledger, loop}, options);
    CHECK_FALSE(connection.restart(loop.now()));
    connection.start(loop.now());
    REQUIRE(run_until(loop, [&] { return connection.is_online(); }));
    CHECK(is_cut ? connection.cut() : connection.leave());
    CHECK_FALSE(connection.leave());
    CHECK_FALSE(connection.cut());
    REQUIRE(run_until(loop, [&] { return connection.is_away(); }));
    CHECK(ledger.online() == 0);
    CHECK(ledger.over == 0);
    CHECK(result.departures == 1);
    REQUIRE(connection.restart(loop.now()));
    REQUIRE(run_until(loop, [&] { return connection.is_online(); }));
    CHECK(result.connected == 1);
    CHECK(result.reconnects == 1);
    CHECK(result.metrics.connect_total.histogram.count() == 2);
    CHECK(result.errors.empty());
    CHECK(connection.leave());
    REQUIRE(run_until(loop, [&] { return connection.is_away(); }));
    connection.stop();
    CHECK(connection.is_over());
    CHECK(ledger.over == 1);
  }
}

TEST_CASE("a client that is not let in on its return tries again, and every attempt is told") {
  using support::Fault;
  BrokerProcess broker(BrokerProcess::Kind::mosquitto);
  support::FaultProxy proxy(broker.port(), {.faults = {{.kind = Fault::Kind::reset,
                                                        .first = 2,
                                                        .count = 3,
                                                        .way = support::Way::up,
                                                        .type = mqtt::PacketType::connect}}});
  Result result;
  Ledger ledger(result);
  mqtt::net::Loop loop;
  mqtt::client::ClientOptions options;
  options.address = {mqtt::net::Address::Scheme::mqtt, "127.0.0.1", proxy.port()};
  options.session.connect.client_id = mqtt::Bytes::copy("patient");
  options.backoff = {std::chrono::milliseconds(1), std::chrono::milliseconds(5), 0.25};
  Connection connection({ledger, loop}, options);
  connection.start(loop.now());
  REQUIRE(run_until(loop, [&] { return connection.is_online(); }));
  connection.cut();
  REQUIRE(run_until(loop, [&] { return connection.is_away(); }));
  const mqtt::TimePoint due = loop.now();
  REQUIRE(connection.restart(due));
  REQUIRE(run_until(loop, [&] { return connection.is_online(); }));
  CHECK(result.return_retries == 3);
  CHECK(result.returns == 1);
  CHECK(result.errors.size() == 1);
  // How long it took to be back counts from when it was due; the steps of retries are not timed,
  // those of an attempt that failed are, as far as it came.
  CHECK(result.metrics.reconnect.histogram.count() == 1);
  CHECK(result.metrics.reconnect.histogram.min() >= std::chrono::milliseconds(3));
  CHECK(result.metrics.tcp.histogram.count() == 2);
  CHECK(result.metrics.connack.histogram.count() == 1);
}
