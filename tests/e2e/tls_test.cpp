#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/e2e/tls_house.hpp"
#include "tests/support/raw_connection.hpp"

using namespace e2e;

namespace {

std::size_t count(const std::string& text, std::string_view part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

}  // namespace

TEST_CASE("mosquitto's clients publish and subscribe over TLS") {
  BrokerProcess broker(tls_listener());
  publish(broker.port(), trusting() + kHello, Family::mosquitto);
  const Exit got = support::run(sub(broker.port(), trusting() + kOneGreeting, Family::mosquitto));
  CHECK(got.code == 0);
  CHECK(got.out == "hello\n");
}

TEST_CASE("a payload of many records arrives whole over TLS") {
  BrokerProcess broker(tls_listener());
  const std::string payload(3'000'000, 'x');
  const support::TempDir directory;
  const std::string file = directory.write("payload", payload);
  publish(broker.port(), trusting() + Arguments{"-t", "greeting", "-f", file, "-q", "1", "-r"},
          Family::mosquitto);
  const Exit got = support::run(sub(broker.port(), trusting() + kOneGreeting, Family::mosquitto));
  CHECK(got.out.size() == payload.size() + 1);
}

TEST_CASE("a client that does not speak TLS gets nowhere, and the log says why") {
  BrokerProcess broker(tls_listener());
  const Exit plain = support::run(pub(broker.port(), kHello, Family::mosquitto));
  CHECK(plain.code != 0);
  CHECK(broker.process().wait_for_error("lost before CONNECT: TLS: the peer does not speak TLS"));
}

TEST_CASE("TLS 1.2 and 1.3 are spoken, 1.1 is not") {
  BrokerProcess broker(tls_listener());
  CHECK(contains(s_client(broker.port(), {"-tls1_2", "-brief"}).err, "Protocol version: TLSv1.2"));
  CHECK(contains(s_client(broker.port(), {"-tls1_3", "-brief"}).err, "Protocol version: TLSv1.3"));
  const Exit old = s_client(broker.port(), {"-tls1_1", "-cipher", "ALL:@SECLEVEL=0"});
  CHECK(old.code != 0);
  CHECK(contains(old.err, "protocol version"));
}

TEST_CASE("tls_version tlsv1.3 refuses TLS 1.2") {
  BrokerProcess broker(tls_listener({"tls_version tlsv1.3"}));
  CHECK(s_client(broker.port(), {"-tls1_2"}).code != 0);
  CHECK(s_client(broker.port(), {"-tls1_3"}).code == 0);
}

TEST_CASE("ciphers and ciphers_tls1.3 are what the broker is limited to") {
  BrokerProcess broker(tls_listener(
      {"ciphers ECDHE-ECDSA-AES128-GCM-SHA256", "ciphers_tls1.3 TLS_CHACHA20_POLY1305_SHA256"}));
  CHECK(contains(s_client(broker.port(), {"-tls1_2", "-brief"}).err,
                 "Ciphersuite: ECDHE-ECDSA-AES128-GCM-SHA256"));
  CHECK(contains(s_client(broker.port(), {"-tls1_3", "-brief"}).err,
                 "Ciphersuite: TLS_CHACHA20_POLY1305_SHA256"));
  CHECK(s_client(broker.port(), {"-tls1_2", "-cipher", "AES256-SHA"}).code != 0);
}

TEST_CASE("a TLS 1.2 session is resumed") {
  BrokerProcess broker(tls_listener());
  const Exit client = s_client(broker.port(), {"-tls1_2", "-reconnect"});
  CHECK(count(client.out, "New, TLSv1.2") == 1);
  CHECK(count(client.out, "Reused, TLSv1.2") == 5);
}

TEST_CASE("a TLS 1.3 session is resumed in another connection") {
  BrokerProcess broker(tls_listener());
  const std::string session = house().authority.path("session.pem");
  Process first(
      {.argv = {"openssl", "s_client", "-connect", "127.0.0.1:" + std::to_string(broker.port()),
                "-tls1_3", "-CAfile", house().authority.cafile(), "-sess_out", session},
       .keep_input_open = true});
  // The ticket comes after the handshake.
  REQUIRE(first.wait_for_line("Post-Handshake New Session Ticket arrived"));
  first.close_input();
  first.wait();
  const Exit second = s_client(broker.port(), {"-tls1_3", "-sess_in", session});
  CHECK(contains(second.out, "Reused, TLSv1.3"));
}

TEST_CASE("renegotiation is refused") {
  BrokerProcess broker(tls_listener());
  Process client(
      {.argv = {"openssl", "s_client", "-connect", "127.0.0.1:" + std::to_string(broker.port()),
                "-tls1_2", "-CAfile", house().authority.cafile()},
       .input = "R\n",
       .keep_input_open = true});
  CHECK(client.wait_for_error("no renegotiation"));
}

TEST_CASE("SNI and ALPN are no reason to refuse a client") {
  BrokerProcess broker(tls_listener());
  for (const Arguments& arguments :
       {Arguments{"-servername", "localhost"}, Arguments{"-servername", "some.other.name"},
        Arguments{"-noservername"}, Arguments{"-alpn", "x-amzn-mqtt-ca"}}) {
    CAPTURE(arguments.back());
    CHECK(s_client(broker.port(), arguments).code == 0);
  }
  CHECK(contains(s_client(broker.port(), {"-alpn", "h2,mqtt"}).out, "ALPN protocol: mqtt"));
}

TEST_CASE("a WebSocket listener chooses http/1.1") {
  BrokerProcess broker(tls_listener({"protocol websockets"}));
  CHECK(contains(s_client(broker.port(), {"-alpn", "h2,http/1.1"}).out, "ALPN protocol: http/1.1"));
}

TEST_CASE("keys are renewed within a connection (TLS 1.3 KeyUpdate)") {
  BrokerProcess broker(tls_listener());
  Process client(
      {.argv = {"openssl", "s_client", "-connect", "127.0.0.1:" + std::to_string(broker.port()),
                "-tls1_3", "-CAfile", house().authority.cafile()},
       .input = "K\n",
       .keep_input_open = true});
  REQUIRE(client.wait_for_error("KEYUPDATE"));
  // CONNECT and DISCONNECT: the broker answers and closes.
  client.write(support::from_hex("10 0D 00 04 4D 51 54 54 04 02 00 3C 00 01 6B E0 00"));
  const Exit exit = client.wait();
  CHECK(contains(exit.out, support::from_hex("20 02 00 00")));
  CHECK(broker.process().wait_for_error("client 'k' disconnected"));
}

TEST_CASE("a handshake that does not go on is ended, like a CONNECT that does not come") {
  BrokerProcess broker(tls_listener({"enable_proxy_protocol 1"}));
  // As much as a client may say before it falls silent; all of them wait at the same time.
  std::vector<support::RawConnection> silent;
  const std::string header = "PROXY TCP4 192.0.2.5 10.0.0.1 6275 1883\r\n";
  const std::string hello = support::from_hex("16 03 01 02 00 01 00 01 FC 03 03");
  for (const std::string& said : {std::string(), header.substr(0, 9), header, header + hello}) {
    silent.emplace_back(broker.port());
    silent.back().send(said);
  }
  for (auto& connection : silent) CHECK(connection.is_closed_by_peer());
}

TEST_CASE("--tls-keylog appends the secrets of each connection to a file of the owner's") {
  BrokerProcess broker(tls_listener());
  const support::TempDir directory;
  const std::string file = directory.path() / "keys";
  const Arguments logging{"--tls-keylog", file};
  publish(broker.port(), trusting() + kHello + logging);
  CHECK(support::run(sub(broker.port(), trusting() + kOneGreeting + logging)).out == "hello\n");
  std::ifstream stream(file);
  const std::string keys{std::istreambuf_iterator<char>(stream), {}};
  CHECK(count(keys, "CLIENT_HANDSHAKE_TRAFFIC_SECRET ") == 2);
  CHECK(std::filesystem::status(file).permissions() ==
        (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
  const Exit lost = support::run(
      pub(broker.port(), trusting() + kHello + Arguments{"--tls-keylog", "/nowhere/keys"}));
  CHECK(lost.code == 1);
  CHECK(contains(lost.err, "--tls-keylog: /nowhere/keys: no such file or directory"));
}
