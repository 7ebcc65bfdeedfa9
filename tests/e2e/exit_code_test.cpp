#include <doctest/doctest.h>

#include <csignal>

#include "tests/e2e/clients.hpp"
#include "tests/support/loopback.hpp"
#include "tests/support/raw_connection.hpp"

using namespace e2e;
using support::from_hex;
using support::ScriptedServer;

namespace {

/// Both client tools, doing the simplest thing.
std::vector<Command> both(std::uint16_t port, const Arguments& more = {}) {
  Arguments publishing{"-t", "a", "-m", "x"}, subscribing{"-t", "a"};
  publishing.insert(publishing.end(), more.begin(), more.end());
  subscribing.insert(subscribing.end(), more.begin(), more.end());
  return {pub(port, publishing), sub(port, subscribing)};
}

/// Ends with this code, nothing on stdout, and one line that begins with the tool's name.
void check_failure(const Command& command, int code, std::string_view says) {
  const auto end = support::run(command);
  CAPTURE(command.argv[0]);
  CAPTURE(end.err);
  CHECK(end.code == code);
  CHECK(end.out == "");
  CHECK(end.err.starts_with("mq-"));
  CHECK(lines_of(end.err).size() == 1);
  CHECK(end.err.find(says) != std::string::npos);
}

bool is_type(const std::string& packet, int type) {
  return (static_cast<unsigned char>(packet[0]) >> 4) == type;
}

/// A server that gives `connack` to a CONNECT, and for a later packet of this type `answer`, in
/// which "ID" stands for the packet's own identifier.
struct Reply {
  std::string connack = "20 02 00 00";
  int type = 0;
  std::string answer = "";
};
ScriptedServer::Script script(const Reply& reply) {
  return [reply](const std::string& packet) -> ScriptedServer::Answer {
    if (is_type(packet, 1)) return {from_hex(reply.connack)};
    if (!is_type(packet, reply.type)) return {};
    // SUBSCRIBE has its identifier first, PUBLISH behind a topic of one letter.
    const auto id = support::to_hex(packet.substr(reply.type == 3 ? 5 : 2, 2));
    auto answer = reply.answer;
    answer.replace(answer.find("ID"), 2, id);
    return {from_hex(answer)};
  };
}

constexpr const char* kConnack5 = "20 03 00 00 00";

}  // namespace

TEST_CASE("lines are counted at the end, unless --quiet: an empty input, too") {
  BrokerProcess broker(kLite);
  const struct {
    std::string input;
    Arguments flags;
    std::string err;
  } cases[] = {
      {"a\nb\n\nlast", {"-t", "a", "-l"}, "mq-pub: 4 sent, 0 lost\n"},
      {"a\n", {"-t", "a", "-t", "b", "-l", "-q", "2"}, "mq-pub: 2 sent, 0 lost\n"},
      {"", {"-t", "a", "-l"}, "mq-pub: 0 sent, 0 lost\n"},
      {"a\n", {"-t", "a", "-l", "--quiet"}, ""},
      {"a", {"-t", "a", "-s"}, ""},
  };
  for (const auto& [input, flags, err] : cases) {
    auto command = pub(broker.port(), flags);
    command.input = input;
    const auto end = support::run(command);
    CHECK(end.code == 0);
    CHECK(end.err == err);
  }
}

TEST_CASE("a refused connection is exit code 1 and names the address") {
  const auto port = support::free_port();
  for (const auto& command : both(port)) {
    check_failure(command, 1, "127.0.0.1:" + std::to_string(port));
  }
}

TEST_CASE("a host that does not exist is exit code 1 and named") {
  check_failure({.argv = {support::tool("mq-pub"), "-h", "no..host", "-t", "a", "-m", "x"}}, 1,
                "no..host");
  check_failure({.argv = {support::tool("mq-sub"), "-h", "no..host", "-t", "a"}}, 1, "no..host");
}

TEST_CASE("a refusing CONNACK gives its own code, in both versions") {
  for (int code = 1; code <= 5; ++code) {
    CAPTURE(code);
    ScriptedServer server(script({"20 02 00 0" + std::to_string(code)}));
    for (const auto& command : both(server.port())) check_failure(command, code, "refused");
  }
  for (const auto& [digits, code] : {std::pair{"86", 134}, {"87", 135}, {"88", 136}, {"8A", 138}}) {
    CAPTURE(code);
    ScriptedServer server(script({"20 03 00 " + std::string(digits) + " 00"}));
    for (const auto& command : both(server.port(), {"-V", "5"})) check_failure(command, code, "");
  }
}

TEST_CASE("a peer that does not speak MQTT is exit code 14") {
  ScriptedServer server([](const std::string&) {
    return ScriptedServer::Answer{
        "HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n\r\n" + std::string(100, '*'), true};
  });
  for (const auto& command : both(server.port())) check_failure(command, 14, "127.0.0.1:");
}

TEST_CASE("a peer that closes before its CONNACK is exit code 7") {
  ScriptedServer server([](const std::string&) { return ScriptedServer::Answer{"", true}; });
  for (const auto& command : both(server.port())) check_failure(command, 7, "127.0.0.1:");
}

TEST_CASE("a peer that never answers is exit code 27 after the connect timeout") {
  ScriptedServer server([](const std::string&) { return ScriptedServer::Answer{}; });
  for (const auto& command : both(server.port(), {"--connect-timeout", "0.2"})) {
    check_failure(command, 27, "Timed out");
  }
}

TEST_CASE("-W is exit code 27 with 'Timed out', and --ok-on-timeout makes it 0") {
  BrokerProcess broker(kLite);
  check_failure(sub(broker.port(), {"-t", "a", "-W", "0.3"}), 27, "Timed out");
  const auto end = support::run(sub(broker.port(), {"-t", "a", "-W", "0.3", "--ok-on-timeout"}));
  CHECK(end.code == 0);
}

TEST_CASE("-W ends with 27 also when fewer messages came than -C asked for") {
  BrokerProcess broker(kLite);
  publish(broker.port(), {"-t", "a", "-m", "x", "-r", "-q", "1"});
  const auto end = support::run(sub(broker.port(), {"-t", "a", "-C", "2", "-W", "0.5"}));
  CHECK(end.code == 27);
  CHECK(end.out == "x\n");
}

TEST_CASE("a refused SUBSCRIBE is 128 in 3.1.1 and the reason code in 5.0, and names the filter") {
  ScriptedServer old_server(script({"20 02 00 00", 8, "90 03 ID 80"}));
  check_failure(sub(old_server.port(), {"-t", "Maison/#"}), 128, "Maison/#");
  ScriptedServer server(script({kConnack5, 8, "90 04 ID 00 87"}));
  check_failure(sub(server.port(), {"-V", "5", "-t", "Maison/#"}), 135, "Maison/#");
}

TEST_CASE("a refused PUBLISH is its reason code, and names the topic") {
  ScriptedServer server(script({kConnack5, 3, "40 04 ID 97 00"}));
  check_failure(pub(server.port(), {"-V", "5", "-t", "a", "-m", "x", "-q", "1"}), 151, "a");
  ScriptedServer second(script({kConnack5, 3, "50 04 ID 87 00"}));
  check_failure(pub(second.port(), {"-V", "5", "-t", "a", "-m", "x", "-q", "2"}), 135, "a");
}

TEST_CASE("mq-broker-lite takes no PUBLISH to $SYS: 135 in 5.0") {
  BrokerProcess broker(kLite);
  check_failure(pub(broker.port(), {"-V", "5", "-t", "$SYS/a", "-m", "x", "-q", "1"}), 135,
                "$SYS/a");
}

TEST_CASE("a lost connection is exit code 7 when nobody retries") {
  BrokerProcess broker(kLite);
  auto subscriber = subscribed(broker.port(), {"-t", "a", "--no-retry"});
  broker.process().signal(SIGKILL);
  const auto end = subscriber->wait();
  CHECK(end.code == 7);
  CHECK(lines_of(end.err).size() == 1);
}

TEST_CASE("the broker's DISCONNECT is its reason code when nobody retries") {
  BrokerProcess broker(kLite);
  auto subscriber = subscribed(broker.port(), {"-V", "5", "-t", "a", "--no-retry"});
  broker.process().signal(SIGTERM);
  CHECK(broker.process().wait().code == 0);
  CHECK(subscriber->wait().code == 139);  // Server shutting down
}

TEST_CASE("a reader that goes away ends mq-sub with 0, without waiting for a message") {
  BrokerProcess broker(kLite);
  auto subscriber = subscribed(broker.port(), {"-t", "a"});
  subscriber->close_output();
  const auto end = subscriber->wait();
  CHECK(end.code == 0);
  CHECK(end.err == "");
}

TEST_CASE("a full disk ends mq-sub with 74") {
  BrokerProcess broker(kLite);
  publish(broker.port(), {"-t", "a", "-m", "x", "-r", "-q", "1"});
  auto command = sub(broker.port(), {"-t", "a"});
  command.output_file = "/dev/full";
  const auto end = support::run(command);
  CHECK(end.code == 74);
  CHECK(lines_of(end.err).size() == 1);
}

TEST_CASE("SIGINT and SIGTERM end mq-sub with 0, and the will is not sent [MQTT-3.1.2-10]") {
  BrokerProcess broker(kLite);
  auto witness = subscribed(broker.port(), {"-t", "will", "-t", "after"});
  for (const int number : {SIGINT, SIGTERM}) {
    for (const std::string version : {"3.1.1", "5"}) {
      CAPTURE(version);
      auto subscriber = subscribed(broker.port(), {"-V", version, "-t", "a", "--will-topic", "will",
                                                   "--will-payload", "dead"});
      subscriber->signal(number);
      const auto end = subscriber->wait();
      CHECK(end.code == 0);
      CHECK(end.err == "");
    }
  }
  publish(broker.port(), {"-t", "after", "-m", "no will", "-q", "1"});
  CHECK(witness->wait_for_line("no will").has_value());
  witness->signal(SIGTERM);
  CHECK(without_ready(witness->wait().out) == "no will\n");
}

TEST_CASE("a signal ends mq-pub -l with 143 after what it has read, and the will is not sent") {
  BrokerProcess broker(kLite);
  auto witness = subscribed(broker.port(), {"-t", "a", "-t", "will", "-q", "1"});
  auto command = pub(broker.port(), {"-t", "a", "-l", "-q", "1", "--will-topic", "will",
                                     "--will-payload", "dead"});
  command.input = "read\n";
  command.keep_input_open = true;
  Process publisher(std::move(command));
  CHECK(witness->wait_for_line("read").has_value());
  publisher.signal(SIGTERM);
  CHECK(publisher.wait().code == 143);
  publish(broker.port(), {"-t", "a", "-m", "no will", "-q", "1"});
  CHECK(witness->wait_for_line("no will").has_value());
  witness->signal(SIGTERM);
  CHECK(without_ready(witness->wait().out) == "read\nno will\n");
}

TEST_CASE("a port that is taken ends mq-broker-lite with 1 and names the address") {
  const auto taken = support::listen_loopback();
  const auto port = std::to_string(support::local_port(taken));
  check_failure({.argv = {support::tool("mq-broker-lite"), "-p", port}}, 1, port);
}
