#include "libmqtt/server/scram.hpp"

#include <doctest/doctest.h>

#include <string>

#include "libmqtt/base/base64.hpp"

using namespace mqtt::server;

namespace {

const std::string kClientFirst = "n,,n=user,r=rOprNGfwEbeRWgbNEkqO";
const std::string kServerNonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
const std::string kNonces = "rOprNGfwEbeRWgbNEkqO" + kServerNonce;
const std::string kServerFirst = "r=" + kNonces + ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
const std::string kProof = ",p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
const std::string kClientFinal = "c=biws,r=" + kNonces + kProof;

ScramEntry entry() {
  return scram_entry("pencil", *mqtt::from_base64("W22ZaJ0SNY7soEsUEjb6gQ=="), 4096);
}

/// An exchange that has come to where the client-final-message is due.
ScramExchange challenged() {
  ScramExchange exchange(kServerNonce);
  REQUIRE(exchange.begin(kClientFirst) == "user");
  REQUIRE(exchange.challenge(entry()) == kServerFirst);
  return exchange;
}

}  // namespace

TEST_CASE("SCRAM-SHA-256: the exchange of RFC 7677 §3") {
  CHECK(challenged().finish(kClientFinal) == "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
}

TEST_CASE("SCRAM: no other entry, proof, nonce or header is taken") {
  ScramExchange other(kServerNonce);
  REQUIRE(other.begin(kClientFirst));
  other.challenge(scram_entry("Pencil", entry().salt, 4096));
  CHECK_FALSE(other.finish(kClientFinal));

  const ScramExchange exchange = challenged();
  for (const std::string& message :
       {std::string(), std::string("c=biws,r=" + kNonces), kClientFinal + "x",
        "c=biws,r=" + kNonces + "x" + kProof, "c=biws,r=rOprNGfwEbeRWgbNEkqO" + kProof,
        "c=eSws,r=" + kNonces + kProof, "r=" + kNonces + ",c=biws" + kProof,
        "c=biws,r=" + kNonces + ",p=", "c=biws,r=" + kNonces + ",p=dHzbZapWIk4jUhN+",
        "c=biws,r=" + kNonces + ",p=eHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
        "c=biws,r=" + kNonces + ",x=more" + kProof})
    CHECK_FALSE(exchange.finish(message));
}

TEST_CASE("SCRAM: names are unescaped, and may be repeated as the one to act for (RFC 5802 §5.1)") {
  CHECK(ScramExchange("s").begin("n,,n=a=2Cb=3Dc,r=x") == "a,b=c");
  CHECK(ScramExchange("s").begin("y,,n=user,r=x") == "user");
  CHECK(ScramExchange("s").begin("n,a=user,n=user,r=x") == "user");
  CHECK(ScramExchange("s").begin("n,,n=gr\xC3\xBCn,r=x,ext=1") == "gr\xC3\xBCn");
}

TEST_CASE("SCRAM: a client-first-message that is not one is refused") {
  for (const char* message : {"",
                              "n",
                              "n,",
                              "n,,",
                              "n,,n=user",
                              "n,,n=user,",
                              "n,,n=user,r=",
                              "n,,r=x,n=user",
                              "n,,n=,r=x",
                              "n,,n=us=er,r=x",
                              "n,,n=us=2c,r=x",
                              "n,,n=u=2,r=x",
                              "n,,n=\xFF,r=x",
                              "x,,n=user,r=x",
                              "n,user,n=user,r=x",
                              "n,,n=user,r=a b",
                              "n,,n=user,r=a\x7F",
                              "p=tls-unique,,n=user,r=x",
                              "n,a=admin,n=user,r=x",
                              "n,,m=ext,n=user,r=x"})
    CHECK_FALSE(ScramExchange("s").begin(message));
  CHECK_FALSE(ScramExchange("s").begin(std::string("n,,n=us\0er,r=x", 14)));
}
