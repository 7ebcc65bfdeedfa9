#include <doctest/doctest.h>

#include "tests/e2e/tls_house.hpp"
#include "tests/support/loopback.hpp"
#include "tests/support/temp_dir.hpp"

using namespace e2e;

namespace {

Arguments with_key(const std::string& key, const Arguments& more) {
  Arguments all{"--psk", key, "--psk-identity", "lamp"};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

/// openssl s_server with the key of "lamp": what it is told to say goes to the client.
class KeyServer {
 public:
  KeyServer(const std::string& version, const std::string& key, bool has_certificate)
      : port_(support::free_port()), process_(command(version, key, has_certificate)) {
    REQUIRE(process_.wait_for_line("ACCEPT"));
  }
  std::uint16_t port() const { return port_; }
  /// Once the handshake is over: answers CONNECT.
  void accept_mqtt() {
    REQUIRE(process_.wait_for_line("Secure Renegotiation"));
    process_.write(std::string("\x20\x02\x00\x00", 4));
  }
  bool has_heard(std::string_view part) { return process_.wait_for_line(part).has_value(); }

 private:
  Command command(const std::string& version, const std::string& key, bool has_certificate) const {
    Command server{.argv = {"openssl", "s_server", "-accept", "127.0.0.1:" + std::to_string(port_),
                            version, "-psk", key, "-psk_identity", "lamp"},
                   .keep_input_open = true};
    Arguments certificate = {"-nocert"};
    if (has_certificate)
      certificate = {"-cert", house().broker.certfile, "-key", house().broker.keyfile};
    server.argv.insert(server.argv.end(), certificate.begin(), certificate.end());
    return server;
  }

  std::uint16_t port_;
  Process process_;
};

}  // namespace

TEST_CASE("mq-pub and mq-sub speak TLS with a shared key, and its identity can be the user") {
  const support::TempDir directory;
  const std::string keys = directory.write("keys", "lamp:0102FF\n");
  const std::string rules = directory.write("rules", "user lamp\ntopic readwrite greeting\n");
  BrokerProcess broker(
      BrokerProcess::Kind::mosquitto,
      {"psk_file " + keys, "psk_hint house", "use_identity_as_username true", "acl_file " + rules});
  publish(broker.port(), with_key("0102ff", {"-t", "greeting", "-m", "hello", "-q", "1", "-r"}));
  const Exit got = support::run(
      sub(broker.port(), with_key("0102FF", {"-t", "greeting", "-C", "1", "-W", "20"})));
  CHECK(got.out == "hello\n");
  CHECK(got.code == 0);
  const Exit wrong = support::run(pub(broker.port(), with_key("0102", {"-t", "a", "-m", "x"})));
  CHECK(wrong.code == 1);
  CHECK(wrong.err.find("TLS: ") != std::string::npos);
  CHECK(lines_of(wrong.err).size() == 1);
}

TEST_CASE(
    "a shared key opens a connection in TLS 1.2 and 1.3, whether or not there are certificates") {
  for (const std::string version : {"-tls1_2", "-tls1_3"}) {
    for (const bool has_certificate : {false, true}) {
      CAPTURE(version);
      CAPTURE(has_certificate);
      KeyServer server(version, "0102FF", has_certificate);
      Process publisher(pub(server.port(), with_key("0102ff", {"-t", "a", "-m", "hello"})));
      server.accept_mqtt();
      CHECK(publisher.wait().code == 0);
      CHECK(server.has_heard("hello"));
    }
  }
}

TEST_CASE("a server that does not have the key is not trusted, whatever certificate it shows") {
  for (const std::string version : {"-tls1_2", "-tls1_3"}) {
    CAPTURE(version);
    KeyServer server(version, "AABB", true);
    const auto end = support::run(pub(server.port(), with_key("0102ff", {"-t", "a", "-m", "x"})));
    CHECK(end.code == 1);
    CHECK(end.err.find("TLS: ") != std::string::npos);
  }
  BrokerProcess certified(tls_listener());
  const auto end = support::run(pub(certified.port(), with_key("0102ff", {"-t", "a", "-m", "x"})));
  CHECK(end.code == 1);
  CHECK(end.err.find("TLS: ") != std::string::npos);
}
