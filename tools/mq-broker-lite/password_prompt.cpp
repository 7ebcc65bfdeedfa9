#include "tools/mq-broker-lite/password_prompt.hpp"

#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <system_error>

#include "tools/common/terminal.hpp"

namespace mq_broker_lite {
namespace {

using Text = std::expected<std::string, std::string>;

/// More than any password: somebody has piped in something else.
constexpr std::size_t kLongestLine = 128 * 1024;

volatile std::sig_atomic_t caught_signal = 0;

/// While it lives the terminal shows nothing of what is typed. A signal that would end the process
/// interrupts reading instead, and is raised again once the terminal is as it was.
class NoEcho {
 public:
  NoEcho() {
    caught_signal = 0;
    struct sigaction action {};
    action.sa_handler = [](int number) { caught_signal = number; };
    for (std::size_t i = 0; i < kSignals.size(); ++i)
      ::sigaction(kSignals[i], &action, &actions_before_[i]);
    if (::tcgetattr(STDIN_FILENO, &before_) != 0) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    silent.c_lflag |= static_cast<tcflag_t>(ECHONL);
    is_changed_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0;
  }
  NoEcho(const NoEcho&) = delete;
  NoEcho& operator=(const NoEcho&) = delete;
  ~NoEcho() {
    if (is_changed_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    for (std::size_t i = 0; i < kSignals.size(); ++i)
      ::sigaction(kSignals[i], &actions_before_[i], nullptr);
    if (caught_signal != 0) std::raise(caught_signal);
  }

 private:
  static constexpr std::array kSignals = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
  std::array<struct sigaction, kSignals.size()> actions_before_{};
  termios before_{};
  bool is_changed_ = false;
};

/// The next line of standard input without its end. Byte by byte: what follows is not ours.
Text read_line() {
  std::string line;
  for (;;) {
    char c = '\0';
    const ssize_t count = ::read(STDIN_FILENO, &c, 1);
    if (count < 0 && errno == EINTR && caught_signal == 0) continue;
    if (count < 0) return std::unexpected("stdin: " + std::generic_category().message(errno));
    if (count == 0 && line.empty()) return std::unexpected("no password on stdin");
    if (count == 0 || c == '\n') break;
    line += c;
    if (line.size() > kLongestLine) return std::unexpected("no password on stdin: a line too long");
  }
  if (line.ends_with('\r')) line.pop_back();
  return line;
}

Text ask(const std::string& prompt) {
  fmt::print(stderr, "{}: ", prompt);
  return read_line();
}

}  // namespace

Text read_password(const std::string& user) {
  if (!cli::is_terminal(STDIN_FILENO)) return read_line();
  const NoEcho no_echo;  // before there is a prompt to answer
  Text first = ask("Password for " + user);
  if (!first) return first;
  const Text second = ask("The same again");
  if (!second) return second;
  if (*first != *second) return std::unexpected("the two passwords differ");
  return first;
}

}  // namespace mq_broker_lite
