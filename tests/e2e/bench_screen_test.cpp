#include <doctest/doctest.h>

#include <csignal>
#include <fstream>
#include <memory>
#include <string>

#include "tests/e2e/clients.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/terminal.hpp"

using namespace e2e;
using support::Terminal;

namespace {

std::string bench(std::uint16_t port, const std::string& options) {
  return support::tool("mq-bench") + " pair -h 127.0.0.1 -p " + std::to_string(port) +
         " --rate 500/s -q 1 --allow-limited --warmup 100ms --drain 100ms " + options +
         " > /dev/null; echo code $?; stty -a | grep -o ' -*icanon\\| -*echo '";
}

void check_is_as_found(Terminal& terminal, const std::string& code) {
  terminal.wait_for(code + "\n icanon\n echo\nready:");
  CHECK(terminal.is_plain());
}

}  // namespace

TEST_CASE("mq-bench on a terminal draws a screen, follows its size and gives it back at the end") {
  const BrokerProcess broker(kLite);
  Terminal terminal;
  terminal.type(bench(broker.port(), "--duration 60s"));
  const std::string screen = terminal.wait_for("connections 2 / 2");
  CHECK(screen.find("mq-bench pair 1x1  QoS 1") != std::string::npos);
  CHECK_FALSE(terminal.is_plain());
  terminal.resize(40, 6);
  terminal.wait_for("…");
  terminal.resize(100, 30);
  terminal.wait_for("PASS loss==0");
  terminal.press("C-c");
  check_is_as_found(terminal, "code 130");
  terminal.type("clear; " + bench(broker.port(), "--duration 200ms"));
  check_is_as_found(terminal, "code 0");
}

TEST_CASE("mq-bench gives the terminal back at Ctrl-C, Ctrl-\\ and when ended from outside") {
  const BrokerProcess broker(kLite);
  Terminal terminal;
  for (const auto& [key, code] :
       {std::pair<std::string, std::string>{"C-c", "code 130"}, {"C-\\", "code 143"}}) {
    terminal.type("clear; " + bench(broker.port(), "--duration 60s"));
    terminal.wait_for("so far");
    terminal.press(key);
    check_is_as_found(terminal, code);
  }
}

TEST_CASE("mq-bench gives the terminal back at Ctrl-Z and takes it again") {
  const BrokerProcess broker(kLite);
  Terminal terminal;
  terminal.type(bench(broker.port(), "--duration 60s"));
  terminal.wait_for("so far");
  terminal.press("C-z");
  terminal.wait_for("Stopped");
  CHECK(terminal.is_plain());
  terminal.type("fg");
  terminal.wait_for("so far");
  CHECK_FALSE(terminal.is_plain());
  terminal.press("C-c");
  terminal.wait_for("fg");
  CHECK(terminal.is_plain());
}

TEST_CASE("mq-bench with NO_COLOR, or on a dumb terminal, writes lines") {
  const BrokerProcess broker(kLite);
  Terminal terminal;
  for (const std::string setting : {"NO_COLOR=1 ", "TERM=dumb "}) {
    terminal.type("clear; " + setting + bench(broker.port(), "--duration 60s"));
    terminal.wait_for("conn 2/2  target 500/s");
    CHECK(terminal.is_plain());
    terminal.press("C-c");
    check_is_as_found(terminal, "code 130");
  }
}
