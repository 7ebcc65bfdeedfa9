#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/e2e/tls_house.hpp"
#include "tests/support/loopback.hpp"
#include "tests/support/proxy.hpp"
#include "tests/support/tunnel_proxy.hpp"

using namespace e2e;
using support::TunnelProxy;

namespace {

/// A way to a broker: what its listener is told, and what our tools are.
struct Way {
  std::string name;
  Arguments listener;
  Arguments flags;
};

Arguments certificate(const Credentials& credentials) {
  return {"certfile " + credentials.certfile, "keyfile " + credentials.keyfile};
}

std::vector<Way> ways() {
  const Arguments websocket = {"protocol websockets"};
  const Arguments tls = certificate(house().broker);
  return {{"plain", {}, {}},
          {"TLS", tls, trusting()},
          {"WebSocket", websocket, {"--ws"}},
          {"WebSocket over TLS", websocket + tls, trusting() + Arguments{"--ws"}}};
}

constexpr auto kMosquitto = BrokerProcess::Kind::mosquitto;

/// A broker whose first listener has these lines.
std::unique_ptr<BrokerProcess> start(BrokerProcess::Kind kind, const Arguments& lines) {
  if (kind == kMosquitto) {
    // mosquitto 2.0 does not start with WebSocket listeners alone.
    static const support::TempDir directory;
    static int count = 0;
    const std::string other = directory.path().string() + "/" + std::to_string(++count);
    return std::make_unique<BrokerProcess>(kind, lines + Arguments{"listener 0 " + other});
  }
  return std::make_unique<BrokerProcess>(
      Configuration{Arguments{"listener 0 127.0.0.1", "allow_anonymous true"} + lines});
}

/// mq-pub and mq-sub pass a message by this port.
void check_passes(std::uint16_t port, const Arguments& flags) {
  publish(port, flags + kHello);
  const Exit got = support::run(sub(port, flags + kOneGreeting));
  CHECK(got.code == 0);
  CHECK(got.out == "hello\n");
  CHECK(got.err == "");
}

/// How mq-pub fails: one line, this code, these words.
void check_fails(std::uint16_t port, const Arguments& flags, std::string_view words, int code = 1) {
  const Exit end = support::run(pub(port, flags + kHello));
  CAPTURE(end.err);
  CHECK(end.code == code);
  CHECK(lines_of(end.err).size() == 1);
  CHECK(contains(end.err, words));
}

}  // namespace

TEST_CASE("our tools pass messages by every way, with our broker and with mosquitto") {
  for (const auto kind : {kLite, kMosquitto}) {
    for (const Way& way : ways()) {
      CAPTURE(name(kind));
      CAPTURE(way.name);
      const auto broker = start(kind, way.listener);
      check_passes(broker->port(), way.flags);
      check_passes(broker->port(), way.flags + Arguments{"-V", "5"});
    }
  }
}

TEST_CASE("a large payload and many small ones arrive whole by every way") {
  const support::TempDir directory;
  std::string lines;
  for (int i = 0; i < 5000; ++i) lines += "line " + std::to_string(i) + "\n";
  for (const auto kind : {kLite, kMosquitto}) {
    for (const Way& way : ways()) {
      CAPTURE(name(kind));
      CAPTURE(way.name);
      const auto broker = start(kind, way.listener + Arguments{"max_queued_messages 0"});
      const std::uint16_t port = broker->port();
      // mosquitto's WebSocket trickles what its socket does not take at once.
      const std::string payload(kind == kLite ? 3'000'000 : 60'000, 'x');
      const std::string file = directory.write("payload", payload);
      publish(port, way.flags + Arguments{"-t", "greeting", "-f", file, "-q", "1", "-r"});
      CHECK(support::run(sub(port, way.flags + kOneGreeting)).out.size() == payload.size() + 1);

      // The session is there before the lines are.
      const Arguments session = {"-t", "many", "-q", "1", "-i", "taker", "-c"};
      CHECK(support::run(sub(port, way.flags + session + Arguments{"-E"})).code == 0);
      Command publisher = pub(port, way.flags + Arguments{"-t", "many", "-l", "-q", "1"});
      publisher.input = lines;
      CHECK(support::run(publisher).code == 0);
      CHECK(support::run(sub(port, way.flags + session + Arguments{"-C", "5000"})).out == lines);
    }
  }
}

TEST_CASE("our tools pass messages by a Unix socket") {
  for (const auto kind : {kLite, kMosquitto}) {
    CAPTURE(name(kind));
    const support::TempDir directory;
    const std::string path = (directory.path() / "mqtt.sock").string();
    const auto broker = start(kind, {"listener 0 " + path, "allow_anonymous true"});
    check_passes(1, {"--unix", path});
    check_passes(1, {"-L", "unix:" + path});
    check_fails(1, {"--unix", path + "x"}, "connect " + path + "x: no such file or directory");
  }
}

TEST_CASE("our tools pass messages through proxies, which look up the broker's name") {
  for (const Way& way : ways()) {
    CAPTURE(way.name);
    const auto broker = start(kLite, way.listener);
    for (const auto kind : {TunnelProxy::Kind::socks5, TunnelProxy::Kind::http}) {
      const TunnelProxy proxy(kind, {"user", "p@ss"});
      std::string url = proxy.url();
      url.replace(url.find("p@ss"), 4, "p%40ss");
      check_passes(broker->port(), way.flags + Arguments{"--proxy", url, "-h", "localhost"});
      CHECK(proxy.targets().at(0) == "localhost:" + broker->port_text());
    }
  }
}

TEST_CASE("a connection that is lost comes back by every way") {
  for (const Way& way : ways()) {
    CAPTURE(way.name);
    const auto broker = start(kLite, way.listener);
    support::Proxy network(broker->port());
    publish(broker->port(), way.flags + kHello);
    Process subscriber(sub(network.port(), way.flags + Arguments{"-t", "greeting", "-q", "1"}));
    CHECK(subscriber.wait_for_line("hello"));
    network.reset_all();
    CHECK(subscriber.wait_for_error("connected again to "));
    CHECK(subscriber.wait_for_line("hello"));
  }
}

TEST_CASE("a certificate that is not to be trusted says why, with exit code 1") {
  const Credentials expired = house().authority.issue("expired", {.is_expired = true});
  const Credentials elsewhere =
      house().authority.issue("elsewhere", {.subject = "/CN=e", .names = "DNS:elsewhere.test"});
  const Authority stranger("A stranger");
  const std::string begin = ": TLS: certificate refused: ";
  {
    // mosquitto serves what our broker would not start with.
    const auto broker = start(kMosquitto, certificate(expired));
    const std::string where = "mq-pub: connect 127.0.0.1:" + broker->port_text();
    check_fails(broker->port(), trusting(), where + begin + "certificate has expired");
    check_passes(broker->port(), trusting() + Arguments{"--insecure"});
  }
  const auto broker = start(kLite, certificate(elsewhere));
  check_fails(broker->port(), trusting() + Arguments{"-h", "localhost"},
              begin + "hostname mismatch");
  check_fails(broker->port(), trusting(), begin + "IP address mismatch");
  check_fails(broker->port(), {"--cafile", stranger.cafile()}, begin);
  check_fails(broker->port(), {"--tls-use-os-certs"}, begin);
  check_passes(broker->port(), trusting() + Arguments{"--tls-server-name", "elsewhere.test"});
}

TEST_CASE("a broker that asks for a certificate gets ours, and its refusal is told") {
  const auto broker =
      start(kLite, certificate(house().broker) + Arguments{"cafile " + house().authority.cafile(),
                                                           "require_certificate true"});
  check_passes(broker->port(), showing(house().lamp));
  check_fails(broker->port(), trusting(), "TLS: the peer refused: certificate required");
}

TEST_CASE("the wrong way is told as what it is") {
  const auto plain = start(kLite, {});
  check_fails(plain->port(), trusting(), ": TLS: the peer ");
  check_fails(plain->port(), {"--ws"}, ": WebSocket: the peer closed the connection");
  const auto websocket = start(kLite, {"protocol websockets"});
  check_fails(websocket->port(), {}, "the peer does not speak MQTT: it answers in HTTP", 14);
  const auto tls = start(kLite, certificate(house().broker));
  check_fails(tls->port(), {"--ws"}, ": WebSocket: ");
}

TEST_CASE("a WebSocket is refused by path and by origin, with the HTTP status") {
  const auto broker = start(kLite, {"protocol websockets", "websockets_path /here",
                                    "websockets_origin http://house.test"});
  check_fails(broker->port(), {"--ws"}, ": WebSocket: HTTP 404 Not Found");
  const Arguments here = {"--ws", "--ws-path", "/here", "--ws-header"};
  check_fails(broker->port(), here + Arguments{"Origin: http://evil.test"},
              ": WebSocket: HTTP 403 Forbidden");
  check_passes(broker->port(), here + Arguments{"Origin: http://house.test"});
}

TEST_CASE("what a proxy refuses is told, with the proxy's name") {
  const TunnelProxy proxy(TunnelProxy::Kind::http, {"user", "secret"});
  const std::string by = " by proxy 127.0.0.1:" + std::to_string(proxy.port()) + ": ";
  const std::uint16_t nobody = support::free_port();
  check_fails(nobody, {"--proxy", proxy.url()}, by + "HTTP 502 Bad Gateway");
  check_fails(nobody, {"--proxy", "http://127.0.0.1:" + std::to_string(proxy.port())},
              by + "HTTP 407 Proxy Authentication Required");
}

TEST_CASE("whoever says nothing is waited for no longer than --connect-timeout, in every layer") {
  const support::Descriptor silent = support::listen_loopback();
  const std::uint16_t port = support::local_port(silent);
  const std::string proxy = "socks5h://127.0.0.1:" + std::to_string(port);
  const Arguments soon = {"--connect-timeout", "0.1"};
  check_fails(port, trusting() + soon, ": TLS: timed out", 27);
  check_fails(port, Arguments{"--ws"} + soon, ": WebSocket: timed out", 27);
  check_fails(port, Arguments{"--proxy", proxy} + soon, ": timed out", 27);
}

TEST_CASE("mq-bench measures by every way") {
  for (const Way& way : ways()) {
    CAPTURE(way.name);
    const auto broker = start(kLite, way.listener);
    Command bench{.argv = Arguments{support::tool("mq-bench"), "pair", "-h", "127.0.0.1", "-p",
                                    broker->port_text(), "-c", "2", "--rate", "200/s", "--warmup",
                                    "0s", "--duration", "300ms", "-q", "1", "--allow-limited"} +
                          way.flags};
    const Exit end = support::run(bench);
    CAPTURE(end.err);
    CHECK(end.code == 0);
  }
}
