#include "tests/support/terminal.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <thread>
#include <utility>

#include "tests/support/process.hpp"

namespace support {

Terminal::Terminal() {
  tmux({"-f", "/dev/null", "new-session", "-d", "-x", "100", "-y", "20", "env PS1=ready: sh"});
  wait_for("ready:");
}

Terminal::~Terminal() { tmux({"kill-server"}); }

void Terminal::type(const std::string& line) { tmux({"send-keys", line, "Enter"}); }
void Terminal::press(const std::string& key) { tmux({"send-keys", key}); }
void Terminal::resize(int columns, int rows) {
  tmux({"resize-window", "-x", std::to_string(columns), "-y", std::to_string(rows)});
}

std::string Terminal::shown() const { return tmux({"capture-pane", "-p"}); }
std::string Terminal::shown_with_colors() const { return tmux({"capture-pane", "-p", "-e"}); }

std::string Terminal::wait_for(const std::string& text) const {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  std::string screen;
  do {
    screen = shown();
    if (screen.find(text) != std::string::npos) return screen;
    std::this_thread::yield();
  } while (std::chrono::steady_clock::now() < end);
  FAIL("no " << text << " on the screen:\n" << screen);
  return {};
}

bool Terminal::is_plain() const {
  return tmux({"display-message", "-p", "#{alternate_on}#{cursor_flag}#{wrap_flag}"}) == "011\n";
}

std::string Terminal::tmux(const std::vector<std::string>& arguments) const {
  Command command{.argv = {"tmux", "-u", "-S", directory_.path() / "socket"},
                  .environment = {"LC_ALL=C.UTF-8", "TERM=xterm-256color"}};
  command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
  return run(std::move(command)).out;
}

}  // namespace support
