#include "tools/mq-pub/publisher.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "tests/support/descriptor.hpp"
#include "tests/support/raw_connection.hpp"

namespace {

using namespace std::chrono_literals;
using Packets = std::vector<std::string>;
using support::ScriptedServer;

/// A server that takes the connection and answers PUBLISH by its script; keeps what it was sent.
class Server {
 public:
  explicit Server(const ScriptedServer::Script& on_publish,
                  const std::string& connack = "20 02 00 00")
      : server_([this, on_publish, connack](const std::string& packet) {
          const std::lock_guard lock(mutex_);
          packets_.push_back(packet);
          switch (static_cast<unsigned char>(packet[0]) >> 4) {
            case 1:
              return ScriptedServer::Answer{support::from_hex(connack)};
            case 3:
              return on_publish(packet);
            case 14:
              return ScriptedServer::Answer{.closes = true};
            default:
              return ScriptedServer::Answer{};
          }
        }) {}

  std::uint16_t port() const { return server_.port(); }
  /// The packets of one kind, in hexadecimal digits.
  Packets packets(unsigned type) {
    const std::lock_guard lock(mutex_);
    Packets found;
    for (const std::string& packet : packets_) {
      if (static_cast<unsigned char>(packet[0]) >> 4 == type)
        found.push_back(support::to_hex(packet));
    }
    return found;
  }

 private:
  std::mutex mutex_;
  Packets packets_;
  ScriptedServer server_;
};

/// PUBACK for a PUBLISH whose topic has one byte; `rest` follows the packet id.
ScriptedServer::Script acknowledge(const std::string& rest = "") {
  return [rest](const std::string& packet) {
    std::string answer = support::from_hex(rest.empty() ? "40 02" : "40 03");
    answer += packet.substr(5, 2);
    return ScriptedServer::Answer{answer + support::from_hex(rest)};
  };
}
ScriptedServer::Answer silence(const std::string&) { return {}; }
ScriptedServer::Answer hang_up(const std::string&) { return {.bytes = "", .closes = true}; }

mq_pub::Options options_for(const Server& server, std::uint8_t qos) {
  mq_pub::Options options;
  options.connection.address = {.host = "127.0.0.1", .port = server.port()};
  options.topics = {"t"};
  options.qos = qos;
  options.source = mq_pub::Source::text;
  options.text = "m";
  options.quiet = true;
  return options;
}

/// Runs mq-pub's inner part to its end; `input` is the standard input of -l.
int run(const mq_pub::Options& options, std::string_view input = "", int signal_on_start = 0) {
  std::array<int, 2> ends{};
  REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
  const support::Descriptor reader(ends[0]);
  support::Descriptor writer(ends[1]);
  REQUIRE(::write(ends[1], input.data(), input.size()) == static_cast<ssize_t>(input.size()));
  if (signal_on_start == 0) writer.close();
  mqtt::net::Loop loop;
  std::unique_ptr<mq_pub::MessageSource> source;
  if (options.source == mq_pub::Source::lines) {
    source = std::make_unique<mq_pub::Lines>(loop, reader.number(), options);
  } else {
    source =
        std::make_unique<mq_pub::RepeatedMessage>(loop, options, mqtt::Bytes::copy(options.text));
  }
  const cli::Tool tool{.name = "mq-pub"};
  mq_pub::Publisher publisher(loop, options, tool, std::move(source));
  publisher.start();
  if (signal_on_start != 0) {
    asio::post(loop.context(), [&] { publisher.on_signal(signal_on_start); });
  }
  loop.run();
  return publisher.exit_code();
}

TEST_CASE("a message that is acknowledged is exit code 0, and DISCONNECT follows it") {
  Server server(acknowledge());
  CHECK(run(options_for(server, 1)) == 0);
  CHECK(server.packets(3) == Packets{"32 06 00 01 74 00 01 6D"});
  CHECK(server.packets(14) == Packets{"E0 00"});
}

TEST_CASE("a message goes to every topic and as often as was asked for") {
  Server server(acknowledge());
  mq_pub::Options options = options_for(server, 1);
  options.topics = {"a", "b"};
  options.repeat = 2;
  options.repeat_delay = 1ms;
  CHECK(run(options) == 0);
  CHECK(server.packets(3) == Packets{"32 06 00 01 61 00 01 6D", "32 06 00 01 62 00 02 6D",
                                     "32 06 00 01 61 00 03 6D", "32 06 00 01 62 00 04 6D"});
}

TEST_CASE("a refused message is the reason code of its PUBACK, the others are sent all the same") {
  Server server(acknowledge("87"), "20 03 00 00 00");
  mq_pub::Options options = options_for(server, 1);
  options.connection.version = mqtt::Version::v5_0;
  options.source = mq_pub::Source::lines;
  CHECK(run(options, "a\nb\nc\n") == 135);
  CHECK(server.packets(3).size() == 3);
}

TEST_CASE("without an acknowledgement -W ends it with 27, lines as well as one message") {
  Server server(silence);
  mq_pub::Options options = options_for(server, 1);
  options.timeout = 20ms;
  CHECK(run(options) == 27);
  options.source = mq_pub::Source::lines;
  CHECK(run(options, "a\nb\n") == 27);
}

TEST_CASE("a connection that is lost and not sought again is exit code 7") {
  Server server(hang_up);
  mq_pub::Options options = options_for(server, 1);
  options.connection.reconnect = false;
  CHECK(run(options) == 7);
  options.source = mq_pub::Source::lines;
  CHECK(run(options, "a\nb\n") == 7);
}

TEST_CASE("a line that cannot be sent is exit code 4, the others are sent in order") {
  Server server(acknowledge());
  mq_pub::Options options = options_for(server, 1);
  options.source = mq_pub::Source::lines;
  options.topics = {};
  options.topic_separator = " ";
  CHECK(run(options, "a 1\nbad\nb 2") == 4);
  CHECK(server.packets(3) == Packets{"32 06 00 01 61 00 01 31", "32 06 00 01 62 00 02 32"});
}

TEST_CASE("an object's own QoS, retain flag and properties outweigh the command line's") {
  Server server(acknowledge(), "20 03 00 00 00");
  mq_pub::Options options = options_for(server, 1);
  options.connection.version = mqtt::Version::v5_0;
  options.source = mq_pub::Source::lines;
  options.jsonl = true;
  CHECK(run(options, R"({"payload":"1"}
{"topic":"b","payload":"2","qos":0,"retain":true,"properties":{"content-type":"c"}}
{"topic":"c","payload":"3","qos":1,"retain":false}
)") == 0);
  CHECK(server.packets(3) == Packets{"32 07 00 01 74 00 01 00 31",
                                     "31 09 00 01 62 04 03 00 01 63 32",
                                     "32 07 00 01 63 00 02 00 33"});
}

TEST_CASE("no lines at all are exit code 0") {
  Server server(silence);
  mq_pub::Options options = options_for(server, 0);
  options.source = mq_pub::Source::lines;
  CHECK(run(options, "") == 0);
  CHECK(server.packets(3).empty());
}

TEST_CASE("the queue is bounded: with room for one line at a time all arrive in order") {
  Server server(acknowledge());
  mq_pub::Options options = options_for(server, 1);
  options.source = mq_pub::Source::lines;
  options.maximum_queue = 1;
  options.connection.maximum_in_flight = 1;
  CHECK(run(options, "1\n2\n3\n4\n") == 0);
  const Packets publishes = server.packets(3);
  REQUIRE(publishes.size() == 4);
  for (std::size_t i = 0; i < publishes.size(); ++i) {
    CHECK(publishes[i].ends_with("3" + std::to_string(i + 1)));
  }
}

TEST_CASE("a signal is exit code 128 and its number, though standard input stays open") {
  Server server(acknowledge());
  mq_pub::Options options = options_for(server, 1);
  options.source = mq_pub::Source::lines;
  CHECK(run(options, "a\n", SIGTERM) == 128 + SIGTERM);
  CHECK(run(options, "", SIGINT) == 128 + SIGINT);
}

TEST_CASE("-D disconnect goes into the DISCONNECT") {
  Server server(acknowledge(), "20 03 00 00 00");
  mq_pub::Options options = options_for(server, 1);
  const Packets words = {"disconnect", "session-expiry-interval", "5"};
  REQUIRE(options.connection.properties.add(words) == "");
  CHECK(run(options) == 0);
  CHECK(server.packets(14) == Packets{"E0 07 00 05 11 00 00 00 05"});
}

}  // namespace
