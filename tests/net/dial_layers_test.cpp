#include <doctest/doctest.h>
#include <sys/socket.h>

#include <chrono>
#include <functional>
#include <list>
#include <optional>
#include <string>

#include "libmqtt/base/bytes.hpp"
#include "libmqtt/net/dial.hpp"
#include "libmqtt/net/listen.hpp"
#include "libmqtt/net/pump.hpp"
#include "libmqtt/net/tls_stream.hpp"
#include "libmqtt/net/ws_stream.hpp"
#include "tests/net/dialling.hpp"
#include "tests/net/loopback.hpp"
#include "tests/support/authority.hpp"
#include "tests/support/loopback.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/tunnel_proxy.hpp"

using namespace mqtt;
using namespace mqtt::net;
using namespace mqtt::net::test;
using Scheme = Address::Scheme;
using Step = DialError::Step;
using support::TunnelProxy;

namespace {

/// What a server does with a new socket: puts layers around it.
using Wrap = std::function<std::unique_ptr<Stream>(std::unique_ptr<Stream>)>;

/// A server on the loop that sends back what it gets.
class Echo : public Listener::Handler {
 public:
  explicit Echo(Loop& loop, Wrap wrap = {}, const ListenOptions& where = {.port = 0})
      : loop_(loop), wrap_(std::move(wrap)) {
    auto listener = Listener::open(loop, where, *this);
    REQUIRE(listener.has_value());
    listener_ = std::move(*listener);
  }
  Address address(Scheme scheme, std::string host = "127.0.0.1") const {
    return {scheme, std::move(host), listener_->port()};
  }
  void on_stream(std::unique_ptr<Stream> stream) override {
    auto& client = clients_.emplace_back();
    client.pump =
        std::make_unique<Pump>(loop_, wrap_ ? wrap_(std::move(stream)) : std::move(stream), client);
    client.pump->start();
  }
  void on_accept_error(std::error_code) override {}

 private:
  struct Client : Pump::Handler {
    void on_bytes(std::span<const std::byte> bytes) override { pending.append(bytes); }
    void fill_output() override {}
    Output& output() override { return pending; }
    void on_written(std::size_t count) override { pending.consume(count); }
    void on_closed(std::error_code) override {}
    Output pending;
    std::unique_ptr<Pump> pump;
  };
  Loop& loop_;
  Wrap wrap_;
  std::unique_ptr<Listener> listener_;
  std::list<Client> clients_;
};

/// Making keys takes longer than all the tests.
struct Keys {
  support::Authority authority;
  support::Credentials server = authority.issue("server");
  support::Credentials elsewhere =
      authority.issue("elsewhere", {.subject = "/CN=elsewhere", .names = "DNS:elsewhere.test"});
};
Keys& keys() {
  static Keys all;
  return all;
}

Wrap tls_with(const support::Credentials& credentials) {
  const auto context =
      TlsContext::server({.certfile = credentials.certfile, .keyfile = credentials.keyfile});
  REQUIRE(context.has_value());
  return [context = *context](std::unique_ptr<Stream> stream) {
    return std::make_unique<TlsStream>(std::move(stream), context);
  };
}
Wrap websocket(WsServerOptions options = {.path = "/mqtt"}) {
  return [options = std::move(options)](std::unique_ptr<Stream> stream) {
    return WsStream::server(std::move(stream), options);
  };
}

DialOptions with_tls(const TlsClientOptions& tls = {.cafile = keys().authority.cafile()}) {
  auto context = TlsContext::client(tls);
  REQUIRE(context.has_value());
  DialOptions options;
  options.tls = std::move(*context);
  return options;
}

DialOptions through(const TunnelProxy& proxy, DialOptions options = {}) {
  auto address = parse_proxy_url(proxy.url());
  REQUIRE(address.has_value());
  options.proxy = std::move(*address);
  return options;
}

/// What comes back of a text that is said over a dialled stream.
std::string talk(Loop& loop, DialResult& dialled, std::string_view text = "hello") {
  REQUIRE_MESSAGE(dialled.has_value(), (dialled ? "" : dialled.error().text));
  Stream& stream = **dialled;
  const std::array<std::span<const std::byte>, 1> pieces{as_bytes(text)};
  CHECK(stream.try_write(pieces).bytes == text.size());
  std::string heard;
  CHECK(run_until(loop, [&] {
    std::array<std::byte, 1024> buffer;
    if (stream.wants_write()) stream.try_write({});
    heard += as_text(std::span(buffer).first(stream.try_read(buffer).bytes));
    asio::post(loop.context(), [] {});  // There is something to run.
    return heard.size() >= text.size();
  }));
  return heard;
}

/// How a dial fails: the step and, without the port, the text.
std::string failure(Loop& loop, const Address& address, const DialOptions& options, Step step) {
  const DialResult result = dial_once(loop, address, options);
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().step == step);
  std::string text = result.error().text;
  const std::string port = ":" + std::to_string(address.port);
  if (const auto at = text.find(port); at != std::string::npos) text.replace(at, port.size(), "");
  return text;
}

}  // namespace

TEST_CASE("a Unix socket is dialled by its path, and its absence told by it") {
  Loop loop;
  const support::TempDir directory;
  const std::string path = (directory.path() / "mqtt.sock").string();
  const Address address{Scheme::unix_socket, path, 0};
  CHECK(failure(loop, address, {}, Step::connect) ==
        "connect " + path + ": no such file or directory");
  const Echo echo(loop, {}, {.unix_path = path});
  auto dialled = dial_once(loop, address);
  CHECK(talk(loop, dialled) == "hello");
  CHECK((*dialled)->peer() == path);
  const Address too_long{Scheme::unix_socket, std::string(200, 'x'), 0};
  CHECK(failure(loop, too_long, {}, Step::connect).ends_with(": file name too long"));
}

TEST_CASE("TLS, WebSocket, and WebSocket over TLS") {
  Loop loop;
  SUBCASE("TLS") {
    const Echo echo(loop, tls_with(keys().server));
    auto dialled = dial_once(loop, echo.address(Scheme::mqtts), with_tls());
    CHECK(talk(loop, dialled) == "hello");
  }
  SUBCASE("WebSocket") {
    const Echo echo(loop, websocket());
    auto dialled = dial_once(loop, echo.address(Scheme::ws));
    CHECK(talk(loop, dialled) == "hello");
  }
  SUBCASE("both") {
    const Wrap tls = tls_with(keys().server);
    const Echo echo(loop, [tls, ws = websocket()](std::unique_ptr<Stream> stream) {
      return ws(tls(std::move(stream)));
    });
    auto dialled = dial_once(loop, echo.address(Scheme::wss), with_tls());
    CHECK(talk(loop, dialled, std::string(100'000, 'x')) == std::string(100'000, 'x'));
  }
}

TEST_CASE("a certificate that is not to be trusted is refused with its reason") {
  Loop loop;
  const auto error = [&](const support::Credentials& shown, const DialOptions& options) {
    const Echo echo(loop, tls_with(shown));
    return failure(loop, echo.address(Scheme::mqtts), options, Step::tls);
  };
  const std::string begin = "connect 127.0.0.1: TLS: certificate refused: ";
  CHECK(error(keys().elsewhere, with_tls()) == begin + "IP address mismatch");
  const support::Authority stranger("A stranger");
  CHECK(error(keys().server, with_tls({.cafile = stranger.cafile()})).starts_with(begin));
  // Without a context the system's authorities are asked.
  CHECK(error(keys().server, {}).starts_with(begin));
}

TEST_CASE("another name for SNI and certificate, and no check at all when told so") {
  Loop loop;
  const Echo echo(loop, tls_with(keys().elsewhere));
  auto renamed =
      dial_once(loop, echo.address(Scheme::mqtts),
                with_tls({.cafile = keys().authority.cafile(), .server_name = "elsewhere.test"}));
  CHECK(talk(loop, renamed) == "hello");
  auto insecure = dial_once(loop, echo.address(Scheme::mqtts), with_tls({.insecure = true}));
  CHECK(talk(loop, insecure) == "hello");
}

TEST_CASE("a server that does not speak TLS, or says nothing, is told as that") {
  Loop loop;
  const Echo plain(loop);
  CHECK(failure(loop, plain.address(Scheme::mqtts), with_tls(), Step::tls)
            .starts_with("connect 127.0.0.1: TLS: "));
  // It listens, and nobody ever accepts.
  const support::Descriptor silent = support::listen_loopback();
  const Address address{Scheme::mqtts, "127.0.0.1", support::local_port(silent)};
  DialOptions options = with_tls();
  options.timeout = std::chrono::milliseconds(30);
  CHECK(failure(loop, address, options, Step::timeout) == "connect 127.0.0.1: TLS: timed out");
}

TEST_CASE("a WebSocket that is refused is told with the HTTP status") {
  Loop loop;
  const Echo echo(loop, websocket({.path = "/other", .origins = {"http://house.test"}}));
  const Address address = echo.address(Scheme::ws);
  CHECK(failure(loop, address, {}, Step::websocket) ==
        "connect 127.0.0.1: WebSocket: HTTP 404 Not Found");
  DialOptions options;
  options.websocket = {.path = "/other", .headers = {"Origin: http://evil.test"}};
  CHECK(failure(loop, address, options, Step::websocket) ==
        "connect 127.0.0.1: WebSocket: HTTP 403 Forbidden");
  options.websocket.headers = {"Origin: http://house.test"};
  auto dialled = dial_once(loop, address, options);
  CHECK(talk(loop, dialled) == "hello");
}

TEST_CASE("a server that does not speak HTTP, or says nothing, is told as that") {
  Loop loop;
  const Echo echo(loop);
  CHECK(failure(loop, echo.address(Scheme::ws), {}, Step::websocket) ==
        "connect 127.0.0.1: WebSocket: the answer is not HTTP");
  const support::Descriptor silent = support::listen_loopback();
  const Address address{Scheme::ws, "127.0.0.1", support::local_port(silent)};
  DialOptions options;
  options.timeout = std::chrono::milliseconds(30);
  CHECK(failure(loop, address, options, Step::timeout) ==
        "connect 127.0.0.1: WebSocket: timed out");
}

TEST_CASE("both kinds of proxy, with and without login, under every layer") {
  Loop loop;
  const Wrap tls = tls_with(keys().server);
  const Echo plain(loop);
  const Echo secure(loop, [tls, ws = websocket()](std::unique_ptr<Stream> stream) {
    return ws(tls(std::move(stream)));
  });
  for (const auto kind : {TunnelProxy::Kind::socks5, TunnelProxy::Kind::http}) {
    for (const TunnelProxy::Login& login :
         {TunnelProxy::Login{}, TunnelProxy::Login{"user", "secret"}}) {
      const TunnelProxy proxy(kind, login);
      // Only the proxy knows this name.
      auto by_name = dial_once(loop, plain.address(Scheme::mqtt, "broker.test"), through(proxy));
      CHECK(talk(loop, by_name) == "hello");
      auto layered =
          dial_once(loop, secure.address(Scheme::wss, "localhost"), through(proxy, with_tls()));
      CHECK(talk(loop, layered) == "hello");
      const std::string port = std::to_string(plain.address(Scheme::mqtt).port);
      CHECK(proxy.targets().front() == "broker.test:" + port);
    }
  }
}

TEST_CASE("what a proxy refuses is told in its words, and which proxy it was") {
  Loop loop;
  const Address nowhere{Scheme::mqtt, "broker.test", support::free_port()};
  const auto text = [&](const TunnelProxy& proxy, const DialOptions& options) {
    std::string all = failure(loop, nowhere, options, Step::proxy);
    const std::string by = "connect broker.test by proxy 127.0.0.1:" + std::to_string(proxy.port());
    REQUIRE(all.starts_with(by + ": "));
    return all.substr(by.size() + 2);
  };
  const TunnelProxy socks(TunnelProxy::Kind::socks5, {"user", "secret"});
  const TunnelProxy http(TunnelProxy::Kind::http, {"user", "secret"});
  CHECK(text(socks, through(socks)) == "connection refused");
  CHECK(text(http, through(http)) == "HTTP 502 Bad Gateway");
  DialOptions wrong = through(socks);
  wrong.proxy->password = "wrong";
  CHECK(text(socks, wrong) == "the proxy refuses the user name or the password");
  wrong.proxy->has_credentials = false;
  CHECK(text(socks, wrong) == "the proxy asks for a user name and a password");
  DialOptions unknown = through(http);
  unknown.proxy->has_credentials = false;
  CHECK(text(http, unknown) == "HTTP 407 Proxy Authentication Required");
}

TEST_CASE("a proxy that is not there, not one, or silent") {
  Loop loop;
  const Address address{Scheme::mqtt, "broker.test", 1883};
  DialOptions options;
  options.proxy = {.host = "127.0.0.1", .port = support::free_port()};
  const std::string by = "proxy 127.0.0.1:";
  CHECK(failure(loop, address, options, Step::connect) ==
        "connect " + by + std::to_string(options.proxy->port) + ": connection refused");
  options.proxy->host = "nosuch.invalid";
  CHECK(failure(loop, address, options, Step::resolve).starts_with("lookup nosuch.invalid: "));
  options.proxy->host = "127.0.0.1";
  const Echo echo(loop);
  options.proxy->port = echo.address(Scheme::mqtt).port;
  CHECK(failure(loop, address, options, Step::proxy)
            .ends_with("the proxy chose a method of authentication that was not offered"));
  const support::Descriptor silent = support::listen_loopback();
  options.proxy->port = support::local_port(silent);
  options.timeout = std::chrono::milliseconds(30);
  CHECK(failure(loop, address, options, Step::timeout).ends_with(": timed out"));
}

TEST_CASE("a proxy that says more than its answer is not trusted with the rest") {
  Loop loop;
  const support::Descriptor listener = support::listen_loopback();
  DialOptions options;
  options.proxy = {ProxyAddress::Kind::http, "127.0.0.1", support::local_port(listener)};
  std::optional<DialResult> result;
  start_dial(loop, {Scheme::mqtt, "broker.test", 1883}, options, result);
  poll(loop);
  const Socket proxy(::accept(listener.number(), nullptr, nullptr));
  proxy.send("HTTP/1.1 200 OK\r\n\r\nmore");
  REQUIRE(run_until(loop, [&] { return result.has_value(); }));
  REQUIRE_FALSE(result->has_value());
  CHECK(result->error().text.ends_with(": the proxy says more than its answer"));
}

TEST_CASE("a dial is cancelled, and its loop destroyed, in whatever layer it is") {
  const support::Descriptor silent = support::listen_loopback();
  const std::uint16_t port = support::local_port(silent);
  for (const Scheme scheme : {Scheme::mqtts, Scheme::ws}) {
    DialOptions options = with_tls();
    std::stop_source stop;
    options.cancel = stop.get_token();
    std::optional<DialResult> cancelled;
    {
      Loop loop;
      start_dial(loop, {scheme, "127.0.0.1", port}, options, cancelled);
      poll(loop);
      CHECK_FALSE(cancelled.has_value());
      stop.request_stop();
      loop.context().restart();
      loop.run();  // Nothing is left that could keep it.
    }
    REQUIRE(cancelled.has_value());
    CHECK(cancelled->error().error == asio::error::operation_aborted);

    std::optional<DialResult> abandoned;
    {
      Loop loop;
      start_dial(loop, {scheme, "127.0.0.1", port}, with_tls(), abandoned);
      poll(loop);
    }
    CHECK_FALSE(abandoned.has_value());
  }
}
