#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tests/support/temp_dir.hpp"
#include "tools/mq-broker-lite/configuration.hpp"

using namespace mq_broker_lite;

namespace {

using Words = std::vector<std::string>;
using mqtt::server::ListenerSettings;

std::vector<ListenerSettings> listeners(const Words& words) {
  auto loaded = load(words);
  REQUIRE_MESSAGE(loaded.has_value(), loaded.error());
  return loaded->settings.listeners;
}

/// Of a file of this text; its path is written as FILE.
std::string refusal(const std::string& text) {
  const support::TempDir directory;
  const std::string file = directory.write("a.conf", text);
  const auto loaded = load(Words{"-c", file});
  if (loaded) return "";
  return "FILE" + loaded.error().substr(std::min(file.size(), loaded.error().size()));
}

const std::string kOpen =
    "this listener can be reached from the network and nothing says who may come in: give "
    "password_file, or allow_anonymous true";

TEST_CASE("a bare start listens on the loopback addresses and lets in anonymous clients") {
  const auto bare = load({});
  REQUIRE(bare.has_value());
  CHECK(bare->is_open_by_default);
  for (const ListenerSettings& each : bare->settings.listeners) {
    CHECK((each.socket.address == "127.0.0.1" || each.socket.address == "::1"));
    CHECK(each.socket.port == 1883);
    CHECK(each.access.allow_anonymous == true);
  }
  CHECK(bare->settings.listeners[0].block == bare->settings.listeners.back().block);
}

TEST_CASE("-p, --ws-port and --unix mean this machine, and each is a listener") {
  const auto all = listeners({"-p", "1", "-p", "2", "--ws-port", "3", "--unix", "/tmp/x"});
  CHECK(all.front().socket.port == 1);
  CHECK(all.back().socket.unix_path == "/tmp/x");
  CHECK(all.back().block == 3);
  for (const ListenerSettings& each : all) {
    CHECK((each.protocol == ListenerSettings::Protocol::websockets) == (each.block == 2));
    CHECK(each.access.allow_anonymous == true);
  }
}

TEST_CASE("an address that no listener takes is told") {
  const auto loaded = load(Words{"-b", "0.0.0.0", "--listener", "0 127.0.0.1"});
  REQUIRE(loaded.has_value());
  REQUIRE(loaded->warnings.size() == 1);
  CHECK(loaded->warnings[0].starts_with("-b: no listener takes this address"));
}

TEST_CASE("what can be reached from the network starts only when something says who may come in") {
  CHECK(load(Words{"-b", "0.0.0.0"}).error() == "-b: " + kOpen);
  CHECK(load(Words{"-b", "192.0.2.1", "-p", "0"}).error() == "-p: " + kOpen);
  CHECK(load(Words{"--listener", "1883"}).error() == "--listener: " + kOpen);
  CHECK(refusal("port 1883\n") == "FILE:1: " + kOpen);
  CHECK(refusal("bind_address ::\n") == "FILE:1: " + kOpen);
  CHECK(refusal("# x\nlistener 1883 127.0.0.1\nlistener 1884\n") == "FILE:3: " + kOpen);
  CHECK(refusal("acl_file x\nlistener 1883\n") == "FILE:2: " + kOpen);
  CHECK(refusal("per_listener_settings true\npassword_file x\nlistener 1884\n") ==
        "FILE:3: " + kOpen);
  CHECK(refusal("listener 1884\nallow_anonymous true\n") == "");
  CHECK(refusal("listener 1884\nlistener_allow_anonymous true\n") == "");
  CHECK(refusal("listener 1884\nallow_anonymous false\n") == "");
  CHECK(refusal("listener 1884\npassword_file x\n") == "");
}

TEST_CASE("anonymous clients stay out once passwords are asked for, unless they are allowed") {
  const auto closed = listeners({"--password-file", "x"});
  CHECK(closed[0].access.allow_anonymous == false);
  CHECK_FALSE(load(Words{"--password-file", "x"})->is_open_by_default);
  const auto open = listeners({"--password-file", "x", "--allow-anonymous"});
  CHECK(open[0].access.allow_anonymous == true);
  const auto mixed = listeners({"--password-file", "x", "--listener", "0 127.0.0.1", "--listener",
                                "0 127.0.0.1", "--listener-allow-anonymous"});
  CHECK(mixed[0].access.allow_anonymous == false);
  CHECK(mixed[1].access.allow_anonymous == true);
}

TEST_CASE("per_listener_settings gives each listener its own files, and must come first") {
  const auto own = listeners({"--per-listener-settings", "--listener", "0 127.0.0.1",
                              "--password-file", "a", "--listener", "0 127.0.0.1"});
  CHECK(own[0].access.password_file == "a");
  CHECK(own[0].access.allow_anonymous == false);
  CHECK(own[1].access.password_file.empty());
  CHECK(own[1].access.allow_anonymous == true);
  CHECK(refusal("acl_file x\nper_listener_settings true\n") ==
        "FILE:2: per_listener_settings: must stand before allow_anonymous, password_file and "
        "acl_file");
}

TEST_CASE("a listener is never plain by mistake: TLS keys without a certificate are refused") {
  const std::string listener = "listener 0 127.0.0.1\n";
  CHECK(refusal(listener + "cafile x\n") == "FILE:1: TLS needs certfile: none is given");
  CHECK(refusal(listener + "certfile x\n") == "FILE:1: certfile needs keyfile: none is given");
  CHECK(refusal(listener + "require_certificate true\n") ==
        "FILE:1: TLS needs certfile: none is given");
  CHECK(refusal(listener + "certfile x\nkeyfile y\nrequire_certificate true\n") ==
        "FILE:1: require_certificate needs cafile or capath: none is given");
  CHECK(refusal(listener + "use_identity_as_username true\n") ==
        "FILE:1: user names from certificates need certfile and keyfile");
  CHECK(refusal(listener + "certfile x\nkeyfile y\nuse_subject_as_username true\n") ==
        "FILE:1: user names from certificates need require_certificate true");
  CHECK(load(Words{"--tls-port", "0"}).error() == "--tls-port: TLS needs certfile: none is given");
  CHECK(load(Words{"--wss-port", "0"}).error() == "--wss-port: TLS needs certfile: none is given");
}

TEST_CASE("the certificate of the command line goes to --tls-port where there is one, else to -p") {
  const Words files = {"--certfile", "c", "--keyfile", "k"};
  Words words = files;
  words.insert(words.end(), {"-p", "1", "--tls-port", "2"});
  for (const ListenerSettings& each : listeners(words))
    CHECK(each.tls.has_value() == (each.socket.port == 2));
  words = files;
  words.insert(words.end(), {"-p", "1"});
  CHECK(listeners(words)[0].tls.has_value());
}

TEST_CASE("certificates that name their users are authentication enough for the network") {
  const auto all = listeners({"--listener", "8883", "--certfile", "c", "--keyfile", "k", "--cafile",
                              "a", "--require-certificate", "--use-identity-as-username"});
  CHECK(all[0].socket.address == "0.0.0.0");
  CHECK(all[0].access.allow_anonymous == false);
}

TEST_CASE("addresses may be names or stand in brackets, and one family can be asked for") {
  CHECK(listeners({"-b", "[::1]"})[0].socket.address == "::1");
  const auto v4 = listeners({"--listener", "1 localhost", "--socket-domain", "ipv4"});
  REQUIRE(v4.size() == 1);
  CHECK(v4[0].socket.address == "127.0.0.1");
  CHECK(refusal("listener 1883 no.such.host.invalid\n").starts_with("FILE:1: "));
}

}  // namespace
