#include <doctest/doctest.h>

#include <filesystem>

#include "tests/e2e/tls_house.hpp"

using namespace e2e;

namespace {

/// Ends with 0 once the broker has acknowledged.
int publishes(BrokerProcess& broker, const Arguments& credentials) {
  return support::run(pub(broker.port(), credentials + kHello, Family::mosquitto)).code;
}

}  // namespace

TEST_CASE("require_certificate lets in who shows a certificate of the authority's, nobody else") {
  BrokerProcess broker(tls_listener({"require_certificate true"}));
  CHECK(publishes(broker, showing(house().lamp)) == 0);
  CHECK(publishes(broker, trusting()) != 0);
  CHECK(broker.process().wait_for_error("TLS: the peer showed no certificate"));
  Authority stranger("Somebody else");
  CHECK(publishes(broker, showing(stranger.issue("lamp"))) != 0);
  CHECK(broker.process().wait_for_error(
      "TLS: certificate refused: unable to get local issuer certificate"));
  CHECK(publishes(broker, showing(house().old)) != 0);
  CHECK(broker.process().wait_for_error("TLS: certificate refused: certificate has expired"));
}

TEST_CASE("a certificate in the revocation list is refused, others are not") {
  house().authority.revoke(house().lost);
  BrokerProcess broker(
      tls_listener({"require_certificate true", "crlfile " + house().authority.crlfile()}));
  CHECK(publishes(broker, showing(house().lamp)) == 0);
  CHECK(publishes(broker, showing(house().lost)) != 0);
  CHECK(broker.process().wait_for_error("TLS: certificate refused: certificate revoked"));
}

TEST_CASE("capath is a directory of authorities") {
  const support::TempDir directory;
  std::filesystem::copy_file(house().authority.cafile(), directory.path() / "ca.crt");
  support::openssl({"rehash", directory.path().string()});
  Configuration configuration = tls_listener({"require_certificate true"});
  for (auto& line : configuration.lines)
    if (line.starts_with("cafile ")) line = "capath " + directory.path().string();
  BrokerProcess broker(configuration);
  CHECK(publishes(broker, showing(house().lamp)) == 0);
  CHECK(publishes(broker, trusting()) != 0);
}

TEST_CASE("a certificate's name, or its subject, is the user name that access rules speak of") {
  const support::TempDir directory;
  std::string key;
  std::string user;
  SUBCASE("its name") {
    key = "use_identity_as_username true";
    user = "lamp";
  }
  SUBCASE("its subject") {
    key = "use_subject_as_username true";
    user = "CN=lamp,O=House";
  }
  const auto rules = directory.write("acl", "user " + user + "\ntopic readwrite greeting\n");
  Configuration configuration = tls_listener({"require_certificate true", key});
  configuration.lines[1] = "allow_anonymous false";
  configuration.lines.push_back("acl_file " + rules);
  BrokerProcess broker(configuration);
  CHECK(publishes(broker, showing(house().lamp)) == 0);
  const Arguments intrusion = {"-t", "greeting", "-m", "intrusion", "-q", "1", "-r"};
  support::run(pub(broker.port(), showing(house().lost) + intrusion, Family::mosquitto));
  const Exit got =
      support::run(sub(broker.port(), showing(house().lamp) + kOneGreeting, Family::mosquitto));
  CHECK(got.out == "hello\n");
}
