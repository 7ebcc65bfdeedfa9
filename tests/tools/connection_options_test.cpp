#include "tools/common/connection_options.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "tools/common/connection_rows.hpp"
#include "tools/common/parse.hpp"

namespace {

using mqtt::Version;
using Words = std::vector<std::string>;

/// The shared flags as a tool of their own.
struct Sample {
  cli::ConnectionOptions options;
  cli::Tool tool;
  Sample() {
    tool.options = cli::broker_rows(options);
    cli::append(tool.options, cli::session_rows(options));
    cli::append(tool.options, cli::will_rows(options));
    cli::append(tool.options, cli::retry_rows(options));
    tool.check = [this] { return cli::check(options); };
  }
  std::string parse(const Words& words) {
    const auto parsed = cli::parse(tool, words);
    return parsed ? "" : parsed.error();
  }
};

mqtt::Connect connect(const Words& words) {
  Sample sample;
  REQUIRE(sample.parse(words) == "");
  return cli::client_options(sample.options).session.connect;
}

TEST_CASE("without flags: localhost 1883, 3.1.1, a clean session, keep-alive 60, 20 in flight") {
  Sample sample;
  REQUIRE(sample.parse({}) == "");
  const mqtt::client::ClientOptions client = cli::client_options(sample.options);
  CHECK(client.address.host == "localhost");
  CHECK(client.address.port == 1883);
  CHECK(client.connect_timeout == mqtt::Seconds(30));
  CHECK(client.reconnect);
  CHECK(!client.retries);
  CHECK(client.session.maximum_in_flight == 20);
  mqtt::Connect expected;
  expected.version = Version::v3_1_1;
  expected.keep_alive = 60;
  CHECK(client.session.connect == expected);
}

TEST_CASE("-V takes every usual name of the three versions") {
  for (const char* name : {"31", "3.1", "mqttv31"})
    CHECK(connect({"-V", name}).version == Version::v3_1);
  for (const char* name : {"311", "3.1.1", "4", "mqttv311"})
    CHECK(connect({"-V", name}).version == Version::v3_1_1);
  for (const char* name : {"5", "5.0", "mqttv5"})
    CHECK(connect({"-V", name}).version == Version::v5_0);
  CHECK(Sample().parse({"-V", "6"}) == "-V: '6' is not a protocol version (3.1, 3.1.1, 5)");
}

TEST_CASE("-x and -D imply MQTT 5.0, whatever -V says") {
  CHECK(connect({"-x", "10"}).version == Version::v5_0);
  CHECK(connect({"-V", "311", "-x", "10"}).version == Version::v5_0);
  CHECK(connect({"-D", "publish", "content-type", "a"}).version == Version::v5_0);
}

TEST_CASE(
    "-c keeps the session: before 5.0 it needs -i, in 5.0 it never expires unless -x says so") {
  CHECK(!connect({"-c", "-i", "a"}).clean_start);
  CHECK(connect({"-c", "-i", "a"}).properties.empty());
  CHECK(Sample().parse({"-c"}) == "-c: a session to come back to needs a client id (-i)");
  const auto expiry = mqtt::property::session_expiry_interval;
  CHECK(connect({"-c", "-V", "5"}).properties.find(expiry) == 0xFFFF'FFFF);
  CHECK(connect({"-c", "-x", "30"}).properties.find(expiry) == 30);
  CHECK(connect({"-c", "-D", "connect", "session-expiry-interval", "31"}).properties.find(expiry) ==
        31);
  CHECK(connect({"-x", "5"}).clean_start);
}

TEST_CASE("a session that never expires needs a client id [-x -1, infinity, 4294967295]") {
  const auto expiry = mqtt::property::session_expiry_interval;
  for (const char* word : {"-1", "∞", "4294967295"}) {
    CHECK(connect({"-x", word, "-i", "a"}).properties.find(expiry) == 0xFFFF'FFFF);
    CHECK(Sample().parse({"-x", word}) ==
          "-x: a session that never expires needs a client id (-i)");
  }
  CHECK(Sample().parse({"-x", "-2"}).starts_with("-x: '-2' is not a session expiry"));
}

TEST_CASE("the client id: as given, made of a prefix, empty, or made up for 3.1") {
  CHECK(connect({"-i", "me"}).client_id.view() == "me");
  CHECK(connect({"-I", "me-"}).client_id.view() == "me-" + std::to_string(::getpid()));
  CHECK(connect({"-V", "31"}).client_id.size() > 0);
  CHECK(connect({"-V", "31"}).client_id.size() <= 23);
  CHECK(Sample().parse({"-i", "a", "-I", "b"}) == "-i and -I exclude each other");
  CHECK(Sample().parse({"-i", "\xFF"}) == "-i: '\\xff' is not valid UTF-8");
}

TEST_CASE("a password without a user name is for MQTT 5.0 [MQTT-3.1.2-22]") {
  CHECK(Sample().parse({"-P", "x"}) == "-P: before MQTT 5.0 a password needs a user name (-u)");
  CHECK(connect({"-P", "x", "-V", "5"}).password == mqtt::Bytes::copy("x"));
  const mqtt::Connect both = connect({"-u", "é", "-P", "-x"});
  CHECK(both.username == mqtt::Bytes::copy("é"));
  CHECK(both.password == mqtt::Bytes::copy("-x"));
}

TEST_CASE("the will: all of its flags, and none without a topic") {
  const mqtt::Connect packet =
      connect({"--will-topic", "w", "--will-payload", "gone", "--will-qos", "2", "--will-retain",
               "-D", "will", "will-delay-interval", "3"});
  REQUIRE(packet.will);
  CHECK(packet.will->topic.view() == "w");
  CHECK(packet.will->payload.view() == "gone");
  CHECK(packet.will->qos == mqtt::Qos::exactly_once);
  CHECK(packet.will->retain);
  CHECK(packet.will->properties.find(mqtt::property::will_delay_interval) == 3);
  CHECK(packet.properties.empty());
  CHECK(connect({"--will-topic", "w"}).will->payload.empty());
  CHECK(Sample().parse({"--will-payload", "x"}) == "--will-payload: needs --will-topic");
  CHECK(Sample().parse({"--will-retain"}) == "--will-retain: needs --will-topic");
  CHECK(Sample().parse({"-D", "will", "content-type", "x"}) == "-D will: needs --will-topic");
  CHECK(Sample().parse({"--will-topic", "+"}).starts_with("--will-topic: '+' is not a topic"));
}

TEST_CASE("numbers out of range are refused by name") {
  CHECK(Sample().parse({"-k", "70000"}) == "-k: '70000' is not a keep-alive in seconds (5..65535)");
  CHECK(Sample().parse({"-k", "0"}) == "-k: '0' is not a keep-alive in seconds (5..65535)");
  CHECK(Sample().parse({"-M", "0"}) == "-M: '0' is not a number of messages (1..65535)");
  CHECK(Sample().parse({"-p", "65536"}) == "-p: '65536' is not a port (1..65535)");
  CHECK(Sample().parse({"--will-qos", "3"}) == "--will-qos: '3' is not a QoS (0..2)");
}

TEST_CASE("a mixed-up -h, -p and -P is helped with") {
  CHECK(Sample().parse({"-p", "secret"}) ==
        "-p: 'secret' is not a port (1..65535); a password is given by -P");
  CHECK(Sample().parse({"-h", "host:1883"}) ==
        "-h: 'host:1883' is a host and a port: the port is given by -p");
  CHECK(Sample().parse({"-h", ""}) == "-h: the host name is empty");
  Sample sample;
  CHECK(sample.parse({"-h", "[::1]"}) == "");
  CHECK(sample.options.address.host == "::1");
}

TEST_CASE("-L gives broker, credentials and topic, later flags win") {
  Sample sample;
  REQUIRE(sample.parse({"-h", "other", "-L", "mqtt://us%65r:p%40w@[::1]:1884/a/b", "-p", "1885"}) ==
          "");
  CHECK(sample.options.address.host == "::1");
  CHECK(sample.options.address.port == 1885);
  CHECK(sample.options.username == "user");
  CHECK(sample.options.password == "p@w");
  CHECK(sample.options.url_topic == "a/b");
  CHECK(Sample().parse({"-L", "http://host/t"}) ==
        "-L: a URL begins with mqtt://, mqtts://, ws://, wss:// or unix:");
}

TEST_CASE("--retry and --no-retry") {
  Sample sample;
  REQUIRE(sample.parse({"--retry", "3", "--no-retry"}) == "");
  CHECK(sample.options.retries == 3U);
  CHECK(!sample.options.reconnect);
}

}  // namespace
