#include "tools/common/transport_options.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/support/authority.hpp"
#include "tools/common/connection_rows.hpp"
#include "tools/common/parse.hpp"

namespace {

using mqtt::net::Address;
using Words = std::vector<std::string>;

/// The shared flags as a tool of their own.
struct Sample {
  cli::ConnectionOptions options;
  cli::Tool tool;
  Sample() {
    tool.options = cli::broker_rows(options);
    tool.check = [this] { return cli::check(options); };
  }
  std::string parse(const Words& words) {
    const auto parsed = cli::parse(tool, words);
    return parsed ? "" : parsed.error();
  }
};

mqtt::client::ClientOptions parsed(const Words& words) {
  Sample sample;
  REQUIRE(sample.parse(words) == "");
  return cli::client_options(sample.options);
}

/// The way that flags lead: "wss://host:8883", with a plus where TLS is ready.
std::string way(const Words& words) {
  const auto client = parsed(words);
  constexpr const char* kNames[] = {"mqtt", "mqtts", "ws", "wss", "unix"};
  return std::string(kNames[static_cast<int>(client.address.scheme)]) + "://" +
         mqtt::net::to_string(client.address) + (client.dial.tls ? "+" : "");
}

std::string complaint(const Words& words) { return Sample().parse(words); }

const std::string& cafile() {
  static const support::Authority authority;
  static const std::string path = authority.cafile();
  return path;
}

TEST_CASE("flags and URLs lead the same ways, each with its default port") {
  CHECK(way({}) == "mqtt://localhost:1883");
  CHECK(way({"-L", "mqtts://h/t"}) == "mqtts://h:8883+");
  CHECK(way({"-h", "h", "--tls-use-os-certs"}) == "mqtts://h:1883+");
  CHECK(way({"-h", "h", "--cafile", cafile()}) == "mqtts://h:8883+");
  CHECK(way({"-h", "h", "--capath", "/etc"}) == "mqtts://h:8883+");
  CHECK(way({"-h", "h", "-p", "8883"}) == "mqtts://h:8883+");
  CHECK(way({"-h", "h", "--cafile", cafile(), "-p", "1"}) == "mqtts://h:1+");
  CHECK(way({"-L", "ws://h/t"}) == "ws://h:1883");
  CHECK(way({"-h", "h", "--ws"}) == "ws://h:1883");
  CHECK(way({"-h", "h", "--ws", "-p", "8080"}) == "ws://h:8080");
  CHECK(way({"-L", "wss://h/t"}) == "wss://h:8883+");
  CHECK(way({"-L", "ws://h/t", "--cafile", cafile()}) == "wss://h:1883+");
  CHECK(way({"-h", "h", "--ws", "--cafile", cafile()}) == "wss://h:8883+");
  CHECK(way({"-L", "unix:/run/mqtt.sock"}) == "unix:///run/mqtt.sock");
  CHECK(way({"--unix", "/run/mqtt.sock", "-h", "h"}) == "unix:///run/mqtt.sock");
}

TEST_CASE("port 8883 means TLS only where -p says it") {
  CHECK(way({"-L", "mqtt://h:8883/t"}) == "mqtt://h:8883");
  CHECK(way({"-p", "8883", "-p", "1884"}) == "mqtt://localhost:1884");
}

TEST_CASE("--no-tls outweighs every other option") {
  CHECK(way({"-L", "mqtts://h:1/t", "--no-tls"}) == "mqtt://h:1");
  CHECK(way({"--cafile", "/nowhere", "--insecure", "--no-tls"}) == "mqtt://localhost:1883");
  CHECK(way({"-p", "8883", "--no-tls"}) == "mqtt://localhost:8883");
}

TEST_CASE("options that only change TLS never leave a connection open by mistake") {
  for (const Words& words :
       {Words{"--cert", "a", "--key", "b"}, Words{"--insecure"}, Words{"--tls-version", "tlsv1.3"},
        Words{"--ciphers", "HIGH"}, Words{"--tls-alpn", "mqtt"}, Words{"--tls-server-name", "n"}})
    CHECK(complaint(words) ==
          words[0] +
              ": needs TLS: give --cafile, --capath, --tls-use-os-certs, --psk or -L mqtts:");
  CHECK(complaint({"--cafile", cafile(), "--cert", "a"}) == "--cert and --key: both or none");
  CHECK(complaint({"--cafile", cafile(), "--key", "a"}) == "--cert and --key: both or none");
}

TEST_CASE("files that TLS cannot use are named with their flag") {
  CHECK(complaint({"--cafile", "/nowhere"}) == "--cafile: /nowhere: no such file or directory");
  CHECK(complaint({"--cafile", "/etc"}) == "--cafile: /etc: is a directory");
  CHECK(complaint({"--tls-use-os-certs", "--cert", "/nowhere", "--key", "/nowhere"})
            .starts_with("--cert: /nowhere: "));
  CHECK(complaint({"--cafile", cafile(), "--ciphers", "NONSENSE"}).starts_with("--ciphers: "));
}

TEST_CASE("a shared key asks for TLS, and stands in the place of certificates") {
  const Words both{"--psk", "0aFF", "--psk-identity", "lamp"};
  CHECK(way(both) == "mqtts://localhost:8883+");
  CHECK(complaint({"--psk", "0aFF"}) == "--psk and --psk-identity: both or none");
  CHECK(complaint({"--psk-identity", "lamp"}).starts_with("--psk-identity: needs TLS"));
  for (const char* bad : {"", "abc", "0x12", "zz"})
    CHECK(complaint({"--psk", bad}) ==
          "--psk: the key is not an even number of hexadecimal digits");
  for (const char* other : {"--cafile", "--capath"}) {
    Words words = both;
    words.insert(words.end(), {other, "/etc"});
    CHECK(complaint(words) == std::string("--psk and ") + other + " exclude each other");
  }
  CHECK(complaint({"--psk", std::string(2000, 'a'), "--psk-identity", "lamp"}) ==
        "--psk: 1 to 512 bytes are allowed");
}

TEST_CASE("ciphers of TLS 1.3 are kept apart from those before") {
  Sample sample;
  REQUIRE(sample.parse({"--cafile", cafile(), "--ciphers",
                        "ECDHE-RSA-AES128-GCM-SHA256:TLS_AES_128_GCM_SHA256:HIGH", "--tls-alpn",
                        "x-amzn-mqtt-ca", "--tls-version", "tlsv1.3"}) == "");
  const auto& tls = sample.options.transport.tls;
  CHECK(tls.ciphers == "ECDHE-RSA-AES128-GCM-SHA256:HIGH");
  CHECK(tls.ciphersuites == "TLS_AES_128_GCM_SHA256");
  CHECK(tls.alpn == std::vector<std::string>{"x-amzn-mqtt-ca"});
  CHECK(tls.minimum_version == mqtt::net::TlsVersion::v1_3);
  CHECK(complaint({"--tls-version", "tlsv1.1"}) ==
        "--tls-version: 'tlsv1.1' is not a version of TLS (tlsv1.2, tlsv1.3)");
}

TEST_CASE("a Unix socket goes with nothing else") {
  const std::string end = " has no meaning for a Unix socket";
  CHECK(complaint({"--unix", "/s", "--ws"}) == "--ws" + end);
  CHECK(complaint({"--unix", "/s", "--proxy", "http://p"}) == "--proxy" + end);
  CHECK(complaint({"--unix", "/s", "--cafile", cafile()}) == "TLS" + end);
  CHECK(complaint({"--unix", ""}) == "--unix: the path is empty");
}

TEST_CASE("path and headers of a WebSocket, and the proxy, reach the dial") {
  const auto client = parsed({"--ws", "--ws-path", "/a", "--ws-header", "A: b", "--ws-header",
                              "C: d", "--proxy", "socks5h://u:p@proxy"});
  CHECK(client.dial.websocket.path == "/a");
  CHECK(client.dial.websocket.headers == std::vector<std::string>{"A: b", "C: d"});
  REQUIRE(client.dial.proxy);
  CHECK(client.dial.proxy->host == "proxy");
  CHECK(client.dial.proxy->port == 1080);
  CHECK(parsed({}).dial.websocket.path == "/mqtt");
  CHECK(complaint({"--ws-path", "mqtt"}) == "--ws-path: 'mqtt' does not begin with '/'");
  CHECK(complaint({"--ws-header", "nonsense"}) ==
        "--ws-header: 'nonsense' is not a header (NAME: VALUE)");
  CHECK(complaint({"--proxy", "proxy:1080"}) ==
        "--proxy: a proxy begins with socks5h:// or http://");
}

}  // namespace

TEST_CASE("flags of mosquitto's that ask for what is so anyway are taken") {
  CHECK(complaint({"-h", "a", "--nodelay"}) == "");
  CHECK(parsed({"-h", "a", "--nodelay"}).dial.nodelay);
  CHECK(complaint({"-h", "a", "--keyform", "pem"}) == "");
  CHECK(complaint({"-h", "a", "--keyform", "engine"}) ==
        "--keyform: 'engine' is not a form of key (pem)");
}
