#include <doctest/doctest.h>

#include <algorithm>

#include "tests/e2e/tls_house.hpp"

using namespace e2e;

namespace {

/// The subject of the certificate that a new connection is shown.
std::string subject_at(BrokerProcess& broker) {
  const std::string text = s_client(broker.port(), {"-brief"}).err;
  const auto at = text.find("Peer certificate: ");
  return at == std::string::npos ? text : text.substr(at, text.find('\n', at) - at);
}

/// Stays connected over TLS with what it is subscribed to on stdout.
std::unique_ptr<Process> subscriber(BrokerProcess& broker) {
  publish(broker.port(), trusting() + kHello, Family::mosquitto);
  auto process = std::make_unique<Process>(
      sub(broker.port(), trusting() + Arguments{"-t", "greeting"}, Family::mosquitto));
  REQUIRE(process->wait_for_line("hello"));
  return process;
}

}  // namespace

TEST_CASE("a reload shows a new certificate to new connections and keeps the open ones") {
  const Credentials renewed = house().authority.issue("renewed", {.subject = "/CN=renewed"});
  BrokerProcess broker(tls_listener());
  CHECK(subject_at(broker) == "Peer certificate: CN = localhost");
  const auto open = subscriber(broker);
  Configuration changed = tls_listener();
  for (auto& line : changed.lines) {
    if (line.starts_with("certfile ")) line = "certfile " + renewed.certfile;
    if (line.starts_with("keyfile ")) line = "keyfile " + renewed.keyfile;
  }
  CHECK(contains(broker.reload(changed), "are read again"));
  CHECK(subject_at(broker) == "Peer certificate: CN = renewed");
  publish(broker.port(), trusting() + Arguments{"-t", "greeting", "-m", "after"},
          Family::mosquitto);
  CHECK(open->wait_for_line("after"));
}

TEST_CASE("a reload reads a new revocation list") {
  const Credentials thief = house().authority.issue("thief", {.subject = "/CN=thief", .names = ""});
  const auto with_list = [] {
    return tls_listener({"require_certificate true", "crlfile " + house().authority.crlfile()});
  };
  BrokerProcess broker(with_list());
  const Command command = pub(broker.port(), showing(thief) + kHello, Family::mosquitto);
  CHECK(support::run(command).code == 0);
  house().authority.revoke(thief);
  CHECK(contains(broker.reload(with_list()), "are read again"));
  CHECK(support::run(command).code != 0);
  CHECK(support::run(pub(broker.port(), showing(house().lamp) + kHello, Family::mosquitto)).code ==
        0);
}

TEST_CASE("a reload with a bad file changes nothing and says why") {
  BrokerProcess broker(tls_listener());
  const auto open = subscriber(broker);
  Configuration changed = tls_listener();
  std::string reason;
  SUBCASE("expired") {
    changed.lines[2] = "certfile " + house().old.certfile;
    changed.lines[3] = "keyfile " + house().old.keyfile;
    reason = house().old.certfile + ": expired on 2020-02-01 00:00:00 UTC: everything stays";
  }
  SUBCASE("another key") {
    changed.lines[3] = "keyfile " + house().old.keyfile;
    reason = house().old.keyfile + ": the key does not match the certificate in ";
  }
  SUBCASE("missing") {
    changed.lines[4] = "cafile /nowhere/ca.crt";
    reason = "cafile /nowhere/ca.crt: no such file or directory: everything stays";
  }
  CHECK(contains(broker.reload(changed), reason));
  CHECK(subject_at(broker) == "Peer certificate: CN = localhost");
  publish(broker.port(), trusting() + Arguments{"-t", "greeting", "-m", "after"},
          Family::mosquitto);
  CHECK(open->wait_for_line("after"));
}

TEST_CASE("a broker with a bad file does not start and says why in one line") {
  const support::TempDir directory;
  const auto start = [&](const Configuration& configuration) {
    std::string text;
    for (const auto& line : configuration.lines) text += line + "\n";
    return support::run(
        {.argv = {support::tool("mq-broker-lite"), "-c", directory.write("broker.conf", text)}});
  };
  Configuration configuration = tls_listener();
  configuration.lines[2] = "certfile " + house().old.certfile;
  configuration.lines[3] = "keyfile " + house().old.keyfile;
  const Exit expired = start(configuration);
  CHECK(expired.code == 1);
  CHECK(contains(expired.err,
                 "certfile " + house().old.certfile + ": expired on 2020-02-01 00:00:00 UTC\n"));
  CHECK(expired.out.empty());
  configuration.lines[2] = "certfile /nowhere/file";
  const Exit missing = start(configuration);
  CHECK(missing.code == 1);
  CHECK(contains(missing.err, "certfile /nowhere/file: no such file or directory\n"));
  CHECK(std::ranges::count(missing.err, '\n') == 1);
}
