#include "tools/mq-bench/connection.hpp"

#include <doctest/doctest.h>

#include "tests/net/loopback.hpp"
#include "tests/support/broker_process.hpp"

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
