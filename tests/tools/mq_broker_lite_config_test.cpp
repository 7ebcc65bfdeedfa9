#include <doctest/doctest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/temp_dir.hpp"
#include "tools/mq-broker-lite/configuration.hpp"
#include "tools/mq-broker-lite/foreign_keys.hpp"

using namespace mq_broker_lite;

namespace {

using Words = std::vector<std::string>;

/// What a file of this text, and words behind it, come to.
struct Loaded {
  support::TempDir directory;
  std::string file;
  std::expected<Configuration, std::string> result;

  explicit Loaded(const std::string& text, Words words = {})
      : file(directory.write("a.conf", text)) {
    words.insert(words.begin(), {"-c", file});
    result = load(words);
  }
  const mqtt::server::ServerSettings& settings() const {
    REQUIRE_MESSAGE(result.has_value(), result.error());
    return result->settings;
  }
  /// The error, with the path of the directory taken off; empty: there was none.
  std::string error() const {
    if (result) return "";
    const std::string prefix = directory.path().string() + "/";
    std::string text = result.error();
    for (auto at = text.find(prefix); at != std::string::npos; at = text.find(prefix))
      text.erase(at, prefix.size());
    return text;
  }
};

TEST_CASE("every key of a file reaches its setting") {
  const Loaded loaded(
      "listener 0 127.0.0.1\n"
      "max_connections 7\n"
      "max_inflight_messages 5\n"
      "max_queued_messages 0\n"
      "message_size_limit 1000\n"
      "max_keepalive 60\n"
      "persistent_client_expiration 2w\n"
      "queue_qos0_messages true\n"
      "retain_available false\n"
      "sys_interval 3\n"
      "log_type error\n"
      "log_type warning\n"
      "log_dest file /tmp/a b\n"
      "auto_id_prefix our id-\n"
      "accept_protocol_versions 4, 5\n"
      "mount_point house\n"
      "allow_zero_length_clientid false\n");
  const auto& settings = loaded.settings();
  REQUIRE(settings.listeners.size() == 1);
  const auto& listener = settings.listeners[0];
  CHECK(listener.socket.port == 0);
  CHECK(listener.socket.address == "127.0.0.1");
  CHECK(listener.max_connections == 7);
  CHECK(listener.rules.accepted_versions ==
        std::vector{mqtt::Version::v3_1_1, mqtt::Version::v5_0});
  CHECK(listener.rules.mount_point == "house");
  CHECK(listener.rules.auto_id_prefix == "our id-");
  CHECK(listener.rules.allow_zero_length_client_id == false);
  CHECK(settings.broker.limits.maximum_in_flight == 5);
  CHECK(settings.broker.queue.messages == 0);
  CHECK(settings.broker.maximum_payload == 1000);
  CHECK(settings.broker.maximum_keep_alive == 60);
  CHECK(settings.broker.maximum_session_expiry == mqtt::Seconds(14 * 86400));
  CHECK(settings.broker.queue_qos0_messages);
  CHECK_FALSE(settings.broker.limits.retain_available);
  CHECK(settings.operation.sys_interval == mqtt::Seconds(3));
  CHECK(settings.log.types == Words{"error", "warning"});
  CHECK(settings.log.destinations == Words{"file /tmp/a b"});
}

TEST_CASE("a comment may stand behind a number, yes or no, or a choice, but not behind a text") {
  const Loaded loaded(
      "listener 0 127.0.0.1\nmax_qos 1 # yes\nlog_dest stderr # x\nlog_type all # y\n");
  CHECK(loaded.settings().listeners[0].rules.maximum_qos == mqtt::Qos::at_least_once);
  CHECK(loaded.settings().log.types == Words{"all"});
  CHECK(Loaded("max_qos 1 2\n").error() == "a.conf:1: max_qos: '1 2' is not a QoS (0, 1 or 2)");
  CHECK(Loaded("mount_point a # b\n").error().starts_with("a.conf:1: mount_point: "));
}

TEST_CASE("unknown keys are refused with the line, and with what was meant") {
  CHECK(Loaded("\n\nlistner 1\n").error() == "a.conf:3: unknown key 'listner': is listener meant?");
  CHECK(Loaded("whatever\n").error() == "a.conf:1: unknown key 'whatever'");
  CHECK(Loaded("a\x1b[2J b\n").error() == "a.conf:1: unknown key 'a\\x1b[2J'");
  const Loaded ignored("whatever x\nmax_qos 1\n", {"--ignore-unknown-keys"});
  CHECK(ignored.settings().broker.limits.maximum_qos == mqtt::Qos::at_least_once);
  REQUIRE(ignored.result->warnings.size() == 1);
  CHECK(ignored.result->warnings[0].ends_with("a.conf:1: unknown key 'whatever': ignored"));
}

TEST_CASE("a bad value names key, value and what is allowed") {
  const struct {
    std::string line;
    std::string error;
  } cases[] = {
      {"port abc", "port: 'abc' is not a port (0..65535)"},
      {"port", "port: needs PORT"},
      {"listener 70000", "listener: '70000' is not a port (0..65535)"},
      {"allow_anonymous perhaps", "allow_anonymous: 'perhaps' is not a yes or no (true or false)"},
      {"protocol http", "protocol: 'http' is not a protocol (mqtt or websockets)"},
      {"tls_version tlsv1.1",
       "tls_version: 'tlsv1.1' is not a TLS version (tlsv1.2 or tlsv1.3; older ones are not "
       "spoken)"},
      {"max_keepalive -5", "max_keepalive: '-5' is not a number of seconds (0..65535)"},
      {"max_packet_size 19", "max_packet_size: '19' is not a number of bytes (20..268435460)"},
      {"persistent_client_expiration 5",
       "persistent_client_expiration: '5' is not a time (a number and h, d, w, m or y, like 14d)"},
      {"accept_protocol_versions 3,6",
       "accept_protocol_versions: '6' is not a protocol version (3, 4 or 5)"},
      {"log_dest nowhere",
       "log_dest: 'nowhere' is not a destination (stderr, stdout, syslog, none or file PATH)"},
  };
  for (const auto& [line, error] : cases)
    CHECK(Loaded("# x\n" + line + "\n").error() == "a.conf:2: " + error);
}

TEST_CASE("a text given twice is refused, of several numbers the last counts, as in mosquitto") {
  CHECK(Loaded("acl_file a\nlistener 0 127.0.0.1\nacl_file b\n")
            .error()
            .starts_with("a.conf:3: acl_file: given already, at "));
  CHECK(Loaded("max_qos 0\nmax_qos 1\n").settings().broker.limits.maximum_qos ==
        mqtt::Qos::at_least_once);
  CHECK(Loaded("per_listener_settings true\nlistener 0 127.0.0.1\nacl_file a\n"
               "listener 0 127.0.0.1\nacl_file b\n")
            .settings()
            .listeners[1]
            .access.acl_file == "b");
}

TEST_CASE("keys behind a listener are that listener's, those before the first the default's") {
  const Loaded loaded(
      "port 0\nmax_connections 1\n"
      "listener 0 127.0.0.1\nmax_connections 2\n"
      "listener 0 127.0.0.1\nprotocol websockets\nallow_anonymous true\n");
  const auto& listeners = loaded.settings().listeners;
  const std::size_t last = listeners.size() - 1;
  CHECK(listeners[0].socket.address == "0.0.0.0");
  CHECK(listeners[0].max_connections == 1);
  CHECK(listeners[last - 1].max_connections == 2);
  CHECK(listeners[last].max_connections == std::nullopt);
  CHECK(listeners[last].protocol == mqtt::server::ListenerSettings::Protocol::websockets);
  CHECK(listeners[last].block != listeners[last - 1].block);
}

TEST_CASE("a per-listener key that stands before the first listener and belongs to none is told") {
  const Loaded loaded("max_connections 1\nlistener 0 127.0.0.1\n");
  CHECK(loaded.settings().listeners.size() == 1);
  REQUIRE(loaded.result->warnings.size() == 1);
  CHECK(loaded.result->warnings[0].find("a.conf:1: ") != std::string::npos);
}

TEST_CASE("listener 0 with a path is a Unix socket") {
  const Loaded loaded("listener 0 /run/x.sock\n");
  REQUIRE(loaded.settings().listeners.size() == 1);
  CHECK(loaded.settings().listeners[0].socket.unix_path == "/run/x.sock");
  CHECK(loaded.settings().listeners[0].access.allow_anonymous == true);
  CHECK(Loaded("listener 0 /" + std::string(200, 'x') + "\n").error().starts_with("a.conf:1: "));
}

TEST_CASE("the command line wins over the file") {
  const Loaded loaded("max_qos 0\nport 0\nbind_address 127.0.0.1\nlog_type all\nlog_type none\n",
                      {"--max-qos", "1", "-p", "1234", "--log-type", "error"});
  const auto& settings = loaded.settings();
  CHECK(settings.broker.limits.maximum_qos == mqtt::Qos::at_least_once);
  REQUIRE(settings.listeners.size() == 1);
  CHECK(settings.listeners[0].socket.port == 1234);
  CHECK(settings.log.types == Words{"error"});
}

TEST_CASE("a listener block is described on the command line as in a file") {
  const auto loaded = load(Words{"--listener", "0 127.0.0.1", "--max-connections", "3",
                                 "--listener=0 [::1]", "--protocol", "websockets"});
  REQUIRE(loaded.has_value());
  REQUIRE(loaded->settings.listeners.size() == 2);
  CHECK(loaded->settings.listeners[0].max_connections == 3);
  CHECK(loaded->settings.listeners[1].socket.address == "::1");
  CHECK(loaded->settings.listeners[1].max_connections == std::nullopt);
}

TEST_CASE("include_dir reads *.conf in mosquitto's order, each file from the default listener on") {
  const support::TempDir directory;
  std::filesystem::create_directory(directory.path() / "d");
  directory.write("d/b.conf", "max_qos 2\nauto_id_prefix b\n");
  directory.write("d/A.conf", "max_qos 1\n");
  directory.write("d/a.conf", "max_qos 0\n");
  directory.write("d/a.conf~", "nonsense\n");
  directory.write("d/.conf", "nonsense\n");
  const std::string include = "include_dir " + (directory.path() / "d").string() + "\n";
  const std::string file =
      directory.write("main", "listener 0 127.0.0.1\n" + include + "max_connections 9\n");
  const auto loaded = load(Words{"-c", file});
  REQUIRE_MESSAGE(loaded.has_value(), loaded.error());
  CHECK(loaded->settings.broker.limits.maximum_qos == mqtt::Qos::exactly_once);
  CHECK(loaded->settings.broker.auto_id_prefix == "b");
  REQUIRE(loaded->settings.listeners.size() == 1);
  CHECK(loaded->settings.listeners[0].max_connections == 9);
}

TEST_CASE("errors of included files name the included file, and it includes no further") {
  const support::TempDir directory;
  std::filesystem::create_directory(directory.path() / "d");
  const std::string inner = directory.write("d/x.conf", "\nport x\n");
  const std::string include = "include_dir " + (directory.path() / "d").string() + "\n";
  const std::string file = directory.write("main", include);
  CHECK(load(Words{"-c", file}).error().starts_with(inner + ":2: port: "));
  directory.write("d/x.conf", include);
  CHECK(load(Words{"-c", file}).error() ==
        inner + ":1: include_dir: not in a file that was included itself");
  directory.write("main", "include_dir /nonexistent/place\n");
  CHECK(load(Words{"-c", file}).error() ==
        file + ":1: include_dir: '/nonexistent/place': No such file or directory");
}

TEST_CASE("keys that can't be had say so: bridges, plugins and what else mosquitto has") {
  CHECK(Loaded("connection cloud\n").error() ==
        "a.conf:1: connection: bridges are not available in this version");
  CHECK(Loaded("remote_password hush\n").error().find("hush") == std::string::npos);
  CHECK(Loaded("auth_opt_host hush\n").error() ==
        "a.conf:1: auth_opt_host: plugins are not available: use password_file and acl_file");
  for (const ForeignKey& key : foreign_keys()) {
    CAPTURE(std::string(key.name));
    const Loaded loaded(std::string(key.name) + " x\n");
    CHECK(loaded.error().empty() == !key.is_refused);
  }
}

TEST_CASE("what differs between two files and needs a restart is named once each") {
  const Loaded before(
      "max_qos 1\nacl_file a\nport 0\nbind_address 127.0.0.1\nallow_anonymous true\n");
  const Loaded after("max_qos 2\nacl_file b\nsys_interval 5\nbind_address 127.0.0.1\nport 0\n");
  before.settings();
  after.settings();
  CHECK(changed_for_restart(*before.result, *after.result) == "max_qos, sys_interval");
  CHECK(changed_for_restart(*before.result, *before.result) == "");
}

}  // namespace
