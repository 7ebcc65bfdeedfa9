#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "tests/e2e/clients.hpp"
#include "tests/support/raw_connection.hpp"

using namespace e2e;

namespace {

/// A tmux server of its own with one window, in which a shell runs.
class Terminal {
 public:
  Terminal() {
    tmux({"-f", "/dev/null", "new-session", "-d", "-x", "100", "-y", "20", "env PS1=ready: sh"});
    wait_for("ready:");
  }
  ~Terminal() { tmux({"kill-server"}); }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  void type(const std::string& line) { tmux({"send-keys", line, "Enter"}); }
  void press(const std::string& key) { tmux({"send-keys", key}); }
  void resize(const std::string& columns, const std::string& rows) {
    tmux({"resize-window", "-x", columns, "-y", rows});
  }
  std::string shown() { return tmux({"capture-pane", "-p"}); }
  /// What the terminal would do for a program: alternate screen, cursor, wrap.
  std::string state() {
    return tmux({"display-message", "-p", "#{alternate_on}#{cursor_flag}#{wrap_flag}"});
  }
  /// The screen once it shows `text`; a failure of the test when it never does.
  std::string wait_for(const std::string& text) {
    const auto end = std::chrono::steady_clock::now() + support::kPatience;
    while (std::chrono::steady_clock::now() < end) {
      std::string screen = shown();
      if (screen.find(text) != std::string::npos) return screen;
      std::this_thread::yield();
    }
    FAIL("no " << text << " on the screen:\n" << shown());
    return {};
  }

 private:
  std::string tmux(const Arguments& arguments) {
    Command command{.argv = {"tmux", "-u", "-S", directory_.path() / "socket"},
                    .environment = {"LC_ALL=C.UTF-8", "TERM=xterm-256color"}};
    command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
    return support::run(std::move(command)).out;
  }

  support::TempDir directory_;
};

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
  CHECK(terminal.state() == "011\n");
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
  CHECK(terminal.state() == "100\n");
  for (const std::string number : {"1", "5", "3"}) {
    publish(broker.port(), {"-q", "1", "-t", "n", "-m", number});
  }
  terminal.wait_for("▁█▅");

  terminal.resize("40", "10");
  CHECK(terminal.wait_for("4 message…").find("RATE") == std::string::npos);
  terminal.resize("120", "30");
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
  CHECK(terminal.state() == "011\n");
  terminal.type("fg");
  terminal.wait_for("q: quit");
  CHECK(terminal.state() == "100\n");
  terminal.press("q");
  terminal.wait_for("fg");
  CHECK(terminal.state() == "011\n");
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
