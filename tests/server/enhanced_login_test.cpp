#include "libmqtt/server/enhanced_login.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace mqtt;
using namespace mqtt::server;

namespace {

// A whole exchange, and again on a live connection: tests/conformance/auth_exchange_test.cpp.

std::shared_ptr<const PasswordFile> users() {
  const auto file = PasswordFile::parse(
      "user:$scram-sha-256$5000$W22ZaJ0SNY7soEsUEjb6gQ==$"
      "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=$"
      "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=\n");
  REQUIRE(file);
  return *file;
}

Properties with(std::string_view data, std::string_view method = kScramMethod) {
  return PropertiesBuilder()
      .add(property::authentication_method, method)
      .add(property::authentication_data, data)
      .build();
}

ReasonCode refusal(const EnhancedLogin::Step& step) {
  REQUIRE(std::holds_alternative<login::Refused>(step));
  return std::get<login::Refused>(step).reason_code;
}

/// "s=…,i=…" of what this user is asked for.
std::string challenge(std::string_view user, std::string_view secret) {
  EnhancedLogin login(users(), secret);
  const auto step = login.receive(with("n,,n=" + std::string(user) + ",r=x"));
  REQUIRE(std::holds_alternative<login::Continued>(step));
  CHECK(login.username() == user);
  const auto data = std::get<login::Continued>(step).properties.find(property::authentication_data);
  REQUIRE(data);
  return std::string(data->view().substr(data->view().find(",s=") + 1));
}

}  // namespace

TEST_CASE("a user who isn't there has a salt that stays, of his own, and the file's iterations") {
  const std::string known = challenge("user", "secret");
  CHECK(known == "s=W22ZaJ0SNY7soEsUEjb6gQ==,i=5000");
  const std::string unknown = challenge("nobody", "secret");
  CHECK(unknown.size() == known.size());
  CHECK(unknown.ends_with(",i=5000"));
  CHECK(challenge("nobody", "secret") == unknown);
  CHECK(challenge("nobody else", "secret") != unknown);
  CHECK(challenge("nobody", "another process's") != unknown);
}

TEST_CASE("nonces are never the same") {
  const auto nonce = [] {
    EnhancedLogin login(users(), "secret");
    const auto step = login.receive(with("n,,n=user,r=x"));
    return std::get<login::Continued>(step).properties;
  };
  CHECK(nonce() != nonce());
}

TEST_CASE("an exchange that has failed is over, and so is one that names another method") {
  EnhancedLogin malformed(users(), "secret");
  CHECK(refusal(malformed.receive(with("nonsense"))) == ReasonCode::not_authorized);
  CHECK(refusal(malformed.receive(with("n,,n=user,r=x"))) == ReasonCode::protocol_error);
  EnhancedLogin wrong(users(), "secret");
  wrong.receive(with("n,,n=user,r=x"));
  CHECK(refusal(wrong.receive(with("c=biws,r=x,p=AAAA"))) == ReasonCode::not_authorized);
  CHECK(refusal(wrong.receive(with("c=biws,r=x,p=AAAA"))) == ReasonCode::protocol_error);
  EnhancedLogin other(users(), "secret");
  CHECK(refusal(other.receive(with("x", "PLAIN"))) == ReasonCode::bad_authentication_method);
  CHECK(refusal(other.receive({})) == ReasonCode::bad_authentication_method);
}
