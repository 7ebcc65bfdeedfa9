#include <doctest/doctest.h>

#include "tests/e2e/bench_runs.hpp"
#include "tests/e2e/tls_house.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/tunnel_proxy.hpp"

using namespace e2e;
using support::TunnelProxy;

namespace {

constexpr auto kMosquitto = BrokerProcess::Kind::mosquitto;
const Arguments kBrief{"-c", "3",        "--rate", "600/s",      "-q",
                       "1",  "--warmup", "0s",     "--duration", "200ms"};

void check_complete(const BenchRun& run) {
  CAPTURE(run.end().err);
  CHECK(run.code() == 0);
  run.check_balance();
  CHECK(run.counter("unique") == 120);
  CHECK(run.counter("acked") == 120);
  CHECK(run.counter("connected") == 6);
}

Arguments certificate() {
  return {"certfile " + house().broker.certfile, "keyfile " + house().broker.keyfile};
}

}  // namespace

TEST_CASE("mq-bench loads a broker by TLS, WebSocket and both") {
  const Arguments open{"listener 0 127.0.0.1", "allow_anonymous true"};
  const Arguments websocket{"protocol websockets"};
  struct Way {
    Arguments listener, flags;
  };
  for (const auto& [listener, flags] :
       {Way{certificate(), trusting()}, Way{websocket, {"--ws"}},
        Way{websocket + certificate(), trusting() + Arguments{"--ws"}}}) {
    BrokerProcess broker(Configuration{open + listener});
    for (const char* version : {"3.1.1", "5"})
      check_complete(run_bench(broker.port(), "pair", kBrief + flags + Arguments{"-V", version}));
  }
  BrokerProcess mosquitto(kMosquitto, certificate());
  const auto run = run_bench(mosquitto.port(), "pair", kBrief + trusting());
  check_complete(run);
  CHECK(run.number("/metrics/tls/n") == run.counter("connected"));
  CHECK(run.number("/metrics/tcp/n") == run.counter("connected"));
  CHECK(run.number("/metrics/tls/min") > 0);
}

TEST_CASE("a certificate that is not trusted keeps every client out: 3, with the reason") {
  BrokerProcess broker(tls_listener());
  const Authority stranger;
  const auto run =
      run_bench(broker.port(), "pair", kBrief + Arguments{"--cafile", stranger.cafile()});
  CHECK(run.code() == 3);
  CHECK(run.counter("connected") == 0);
  CHECK(contains(run.end().err, "6 x "));
  CHECK(contains(run.end().err, "certificate"));
}

TEST_CASE("mq-bench shows a client certificate") {
  BrokerProcess broker(tls_listener({"require_certificate true"}));
  check_complete(run_bench(broker.port(), "pair", kBrief + showing(house().lamp)));
  CHECK(run_bench(broker.port(), "pair", kBrief + trusting()).code() == 3);
}

TEST_CASE("mq-bench goes through a proxy") {
  BrokerProcess broker(kLite);
  for (const auto kind : {TunnelProxy::Kind::socks5, TunnelProxy::Kind::http}) {
    const TunnelProxy proxy(kind);
    check_complete(run_bench(broker.port(), "pair", kBrief + Arguments{"--proxy", proxy.url()}));
    CHECK(proxy.targets().size() == 6);
  }
}

TEST_CASE("every client logs in with its own name, and the wrong ones fail the run") {
  const support::TempDir directory;
  const std::string plain = directory.write("plain", "dev0:secret\ndev1:secret\n");
  REQUIRE(support::run({.argv = {"mosquitto_passwd", "-U", plain}}).code == 0);
  BrokerProcess broker(Configuration{{"listener 0 127.0.0.1", "password_file " + plain}});
  const Arguments login{"-u", "dev%i", "-P", "secret", "--rate", "1000/s", "--hold", "50ms"};
  CHECK(run_bench(broker.port(), "conn", login + Arguments{"-c", "2"}).code() == 0);
  const auto some = run_bench(broker.port(), "conn", login + Arguments{"-c", "3"});
  CHECK(some.code() == 99);
  CHECK(some.counter("connected") == 2);
  CHECK(contains(some.end().err, "1 x "));
  const auto none =
      run_bench(broker.port(), "conn", {"-u", "dev%i", "-P", "wrong", "-c", "2", "--hold", "0s"});
  CHECK(none.code() == 3);
  CHECK(none.counter("connected") == 0);
}

TEST_CASE("client ids begin with what is asked for, and differ") {
  BrokerProcess broker(kLite, {"-v"});
  const auto run = run_bench(broker.port(), "conn", {"-i", "load-", "-c", "3", "--hold", "50ms"});
  CHECK(run.code() == 0);
  for (const char* id : {"load--c0", "load--c1", "load--c2"})
    CHECK(broker.process().wait_for_error(id).has_value());
}
