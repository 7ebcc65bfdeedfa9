#include "libmqtt/server/login.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace mqtt;
using namespace mqtt::server;

namespace {

/// What a CONNECT comes to: "as NAME", "check", or the code of a refusal.
struct Case {
  Connect connect = {};
  Door door = {};
  ListenerSettings listener = {};
  std::optional<net::PeerCertificate> certificate = {};

  Case& user(std::string_view name) {
    connect.username = Bytes::copy(name);
    connect.password = Bytes::copy("secret");
    return *this;
  }
  Case& method(std::string_view name) {
    connect.properties = PropertiesBuilder().add(property::authentication_method, name).build();
    return *this;
  }
  Case& anonymous(bool allowed = true) {
    door.allow_anonymous = allowed;
    return *this;
  }
  Case& users() {
    door.users = *PasswordFile::parse("");
    return *this;
  }
  std::string answer() const {
    const auto judgement = judge_credentials(connect, door, listener, certificate);
    if (const auto* accepted = std::get_if<login::Accepted>(&judgement))
      return "as " + accepted->username;
    if (const auto* refused = std::get_if<login::Refused>(&judgement))
      return std::string(name(refused->reason_code));
    return "check";
  }
};

const std::string kNotAuthorized(name(ReasonCode::not_authorized));
const std::string kBadUser(name(ReasonCode::bad_user_name_or_password));
const std::string kBadMethod(name(ReasonCode::bad_authentication_method));

}  // namespace

TEST_CASE("nobody is let in by a door that says nothing") {
  CHECK(Case().answer() == kNotAuthorized);
  CHECK(Case().user("ann").answer() == kNotAuthorized);
  CHECK(Case().users().answer() == kNotAuthorized);
}

TEST_CASE("anonymous clients come in where they may; names without a password file are as given") {
  CHECK(Case().anonymous().answer() == "as ");
  CHECK(Case().anonymous().user("ann").answer() == "as ann");
  CHECK(Case().anonymous().user("").answer() == "as ");
}

TEST_CASE("with a password file every name is checked, the empty one too, whoever else may enter") {
  CHECK(Case().users().user("ann").answer() == "check");
  CHECK(Case().users().anonymous().user("ann").answer() == "check");
  CHECK(Case().users().anonymous().user("").answer() == "check");
  CHECK(Case().users().anonymous().answer() == "as ");
}

TEST_CASE("a method is only taken up where there is a password file for it [MQTT-4.12.0-1]") {
  CHECK(Case().anonymous().method("SCRAM-SHA-256").answer() == kBadMethod);
  CHECK(Case().users().method("SCRAM-SHA-256").answer() == "check");
  CHECK(Case().users().anonymous().method("SCRAM-SHA-1").answer() == kBadMethod);
  CHECK(Case().users().anonymous().method("").answer() == kBadMethod);
}

TEST_CASE("where the certificate says who it is, nothing else does") {
  Case by_name = Case().anonymous().users().user("admin");
  by_name.listener.use_identity_as_username = true;
  CHECK(by_name.answer() == kBadUser);  // No certificate.
  by_name.certificate = {.common_name = "ann", .subject = "CN=ann,O=house"};
  CHECK(by_name.answer() == "as ann");
  CHECK(Case(by_name).method("SCRAM-SHA-256").answer() == kBadMethod);
  by_name.certificate->common_name = "";
  CHECK(by_name.answer() == kBadUser);
  by_name.certificate->common_name = "a\xFF";
  CHECK(by_name.answer() == kBadUser);

  Case by_subject = Case().anonymous(false);
  by_subject.listener.use_subject_as_username = true;
  by_subject.certificate = {.common_name = "", .subject = "CN=ann,O=house"};
  CHECK(by_subject.answer() == "as CN=ann,O=house");
  by_subject.certificate.reset();
  CHECK(by_subject.answer() == kBadUser);
}
