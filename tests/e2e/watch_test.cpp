#include <doctest/doctest.h>

#include <csignal>
#include <fstream>
#include <memory>
#include <string>

#include "tests/e2e/clients.hpp"
#include "tests/support/raw_connection.hpp"
#include "tests/support/terminal.hpp"

using namespace e2e;
using support::Terminal;

namespace {

std::string watch(std::uint16_t port, const std::string& options) {
  return support::tool("mq-sub") + " -h 127.0.0.1 -p " + std::to_string(port) + " " + options +
         "; echo code $?; stty -a | grep -o ' -*icanon\\| -*echo '";
}

/// To so many topics, house/10000 and on.
void publish_many(std::uint16_t port, int count) {
  support::RawConnection connection(port);
  connection.send(support::from_hex("10 0D 00 04 4D 51 54 54 04 02 00 3C 00 01 70"));
  CHECK(support::to_hex(connection.read_packet()) == "20 02 00 00");
  for (int i = 0; i < count; ++i) {
    connection.send(support::from_hex("30 0E 00 0B") + "house/" + std::to_string(10'000 + i) + "1");
    if (i % 500 != 499) continue;
    connection.send(support::from_hex("C0 00"));
    CHECK(support::to_hex(connection.read_packet()) == "D0 00");
  }
}

void check_is_as_found(Terminal& terminal, const std::string& code) {
  terminal.wait_for(code + "\n icanon\n echo\nready:");
  CHECK(terminal.is_plain());
}

}  // namespace

TEST_CASE("--watch shows a row a topic, follows the size of the terminal and gives it back") {
  const BrokerProcess broker(kLite);
  publish(broker.port(), {"-r", "-q", "1", "-t", "Maison/温度/Küche", "-m", "21.5 °C 日本語"});
  Terminal terminal;
  terminal.type(watch(broker.port(), "-t '#' --watch"));
  const std::string screen = terminal.wait_for("日本語");
  CHECK(screen.find("Maison/温度/Küche  21.5 °C 日本語") != std::string::npos);
  CHECK(screen.find("1-1 of 1") != std::string::npos);
  CHECK_FALSE(terminal.is_plain());
  for (const std::string number : {"1", "5", "3"}) {
    publish(broker.port(), {"-q", "1", "-t", "n", "-m", number});
  }
  terminal.wait_for("▁█▅");

  terminal.resize(40, 10);
  CHECK(terminal.wait_for("4 message…").find("RATE") == std::string::npos);
  terminal.resize(120, 30);
  terminal.wait_for("TREND");
  terminal.press("q");
  check_is_as_found(terminal, "code 0");
}

TEST_CASE("--watch gives the terminal back at Ctrl-C, Ctrl-\\ and at an error") {
  auto broker = std::make_unique<BrokerProcess>(kLite);
  const std::uint16_t port = broker->port();
  Terminal terminal;
  for (const std::string key : {"C-c", "C-\\"}) {
    terminal.type("clear; " + watch(port, "-t '#' --watch"));
    terminal.wait_for("q: quit");
    terminal.press(key);
    check_is_as_found(terminal, "code 0");
  }
  terminal.type("clear; " + watch(port, "-t '#' --tree --no-retry"));
  terminal.wait_for("q: quit");
  broker.reset();
  check_is_as_found(terminal, "code 7");
  CHECK(terminal.shown().find("mq-sub: ") != std::string::npos);
}

TEST_CASE("--watch gives the terminal back at Ctrl-Z and takes it again") {
  const BrokerProcess broker(kLite);
  Terminal terminal;
  terminal.type(watch(broker.port(), "-t '#' -w"));
  terminal.wait_for("q: quit");
  terminal.press("C-z");
  terminal.wait_for("\n icanon\n echo\n[1] + Stopped");
  CHECK(terminal.is_plain());
  terminal.type("fg");
  terminal.wait_for("q: quit");
  CHECK_FALSE(terminal.is_plain());
  terminal.press("q");
  terminal.wait_for("fg");
  CHECK(terminal.is_plain());
}

TEST_CASE("--watch gives the terminal back when it is hung up or ended from outside") {
  const BrokerProcess broker(kLite);
  Terminal terminal;
  const support::TempDir directory;
  const std::string file = directory.path() / "pid";
  for (const int signal : {SIGHUP, SIGTERM}) {
    terminal.type("clear; sh -c 'echo $$ > " + file + "; exec \"$@\"' sh " +
                  watch(broker.port(), "-t '#' --watch"));
    terminal.wait_for("subscribed");
    publish_many(broker.port(), 10);
    terminal.wait_for("1-10 of 10 ");
    pid_t id = 0;
    std::ifstream(file) >> id;
    REQUIRE(id > 0);
    CHECK(::kill(id, signal) == 0);
    check_is_as_found(terminal, "code 0");
  }
}

TEST_CASE("--watch and --tree stand ten thousand topics and can be moved through") {
  const BrokerProcess broker(kLite);
  Terminal terminal;
  terminal.type("clear; " + watch(broker.port(), "-t '#' --tree"));
  terminal.wait_for("subscribed");
  publish_many(broker.port(), 10'000);
  terminal.wait_for("10000 topics");
  CHECK(terminal.wait_for("of 10001").find("house") != std::string::npos);
  terminal.press("End");
  CHECK(terminal.wait_for("9985-10001 of 10001").find("  19999") != std::string::npos);
  terminal.press("PageUp");
  terminal.wait_for("9968-9984 of 10001");
  terminal.press("Home");
  terminal.wait_for("1-17 of 10001");
  terminal.press("q");
  check_is_as_found(terminal, "code 0");
}

TEST_CASE("--watch on a pipe is an error") {
  for (const std::string option : {"--watch", "-w", "--tree"}) {
    const Exit end = support::run(sub(1, {"-t", "#", option}));
    CHECK(end.code == 1);
    CHECK(end.out == "");
    CHECK(end.err.find("stdout is not a terminal") != std::string::npos);
  }
}

TEST_CASE("on a terminal a message's control characters are shown, and topics have a colour") {
  const BrokerProcess broker(kLite);
  publish(broker.port(), {"-r", "-q", "1", "-t", "a/b", "-m", "x\x1b[31my\xff\n"});
  const std::string command = support::tool("mq-sub") + " -h 127.0.0.1 -p " +
                              std::to_string(broker.port()) + " -t '#' -v -C 1";
  Terminal terminal;
  terminal.type(command + "; NO_COLOR=1 " + command + "; " + command + " --color never | cat -v");
  const std::string shown = terminal.wait_for("a/b x^[[31my");
  CHECK(shown.find("\na/b x\\x1b[31my\\xff\\x0a\na/b x\\x1b[31my\\xff\\x0a\n") !=
        std::string::npos);
  const std::string colors = terminal.shown_with_colors();
  const std::size_t first = colors.find("\x1b[36ma/b\x1b[39m x");
  CHECK(first != std::string::npos);
  CHECK(colors.find("\x1b[36m", first + 1) == std::string::npos);
}
