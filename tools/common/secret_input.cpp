#include "tools/common/secret_input.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <system_error>

#include "libmqtt/net/error_text.hpp"
#include "tools/common/terminal.hpp"

namespace cli {
namespace {

using Text = std::expected<std::string, std::string>;

/// More than any password: somebody has piped in something else.
constexpr std::size_t kLongest = 128 * 1024;

volatile std::sig_atomic_t caught_signal = 0;

std::unexpected<std::string> failed(std::string_view name, int error) {
  return std::unexpected(
      fmt::format("{}: {}", name, mqtt::net::error_text({error, std::generic_category()})));
}

/// While it lives the terminal shows nothing of what is typed. A signal that would end the process
/// interrupts reading instead, and is raised again once the terminal is as it was.
class NoEcho {
 public:
  explicit NoEcho(int terminal) : terminal_(terminal) {
    caught_signal = 0;
    sigset_t ours;
    ::sigemptyset(&ours);
    for (const int number : kSignals) ::sigaddset(&ours, number);
    ::sigprocmask(SIG_BLOCK, &ours, &mask_before_);
    struct sigaction action {};
    action.sa_handler = [](int number) { caught_signal = number; };
    for (std::size_t i = 0; i < kSignals.size(); ++i)
      ::sigaction(kSignals[i], &action, &actions_before_[i]);
    if (::tcgetattr(terminal_, &before_) != 0) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    silent.c_lflag |= static_cast<tcflag_t>(ECHONL);
    is_changed_ = ::tcsetattr(terminal_, TCSAFLUSH, &silent) == 0;
  }
  NoEcho(const NoEcho&) = delete;
  NoEcho& operator=(const NoEcho&) = delete;
  ~NoEcho() {
    if (is_changed_) ::tcsetattr(terminal_, TCSAFLUSH, &before_);
    for (std::size_t i = 0; i < kSignals.size(); ++i)
      ::sigaction(kSignals[i], &actions_before_[i], nullptr);
    if (caught_signal != 0) std::raise(caught_signal);
    ::sigprocmask(SIG_SETMASK, &mask_before_, nullptr);
  }

  /// Waits for something to read; a signal can come at no other time, so that none is overlooked.
  /// False when one came.
  bool wait() const {
    pollfd watched{.fd = terminal_, .events = POLLIN, .revents = 0};
    while (caught_signal == 0) {
      if (::ppoll(&watched, 1, nullptr, &mask_before_) > 0) return true;
    }
    return false;
  }

 private:
  static constexpr std::array kSignals = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
  int terminal_;
  std::array<struct sigaction, kSignals.size()> actions_before_{};
  sigset_t mask_before_{};
  termios before_{};
  bool is_changed_ = false;
};

/// A terminal gives a whole line at a time.
Text answer(int terminal, const NoEcho& no_echo, std::string_view prompt) {
  fmt::print(stderr, "{}: ", prompt);
  if (!no_echo.wait()) return std::unexpected("interrupted");
  return read_secret_line(terminal, "the terminal");
}

Text read_limited(int descriptor, const std::string& name) {
  std::string text;
  std::array<char, 4096> buffer{};
  while (text.size() <= kLongest) {
    const ssize_t count = ::read(descriptor, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed(name, errno);
    if (count == 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
  return std::unexpected(name + ": longer than any password");
}

}  // namespace

Text read_secret_line(int descriptor, std::string_view name) {
  std::string line;
  for (;;) {
    char c = '\0';
    const ssize_t count = ::read(descriptor, &c, 1);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed(name, errno);
    if (count == 0 && line.empty()) return std::unexpected(fmt::format("no password on {}", name));
    if (count == 0 || c == '\n') break;
    line += c;
    if (line.size() > kLongest) {
      return std::unexpected(fmt::format("no password on {}: a line too long", name));
    }
  }
  if (line.ends_with('\r')) line.pop_back();
  return line;
}

Text ask_secret(std::string_view prompt) {
  const int terminal = ::open("/dev/tty", O_RDWR | O_CLOEXEC);
  if (terminal < 0) return std::unexpected("there is no terminal to ask for it");
  Text secret;
  {
    const NoEcho no_echo(terminal);  // Before there is a prompt to answer.
    secret = answer(terminal, no_echo, prompt);
  }
  ::close(terminal);
  return secret;
}

Text ask_new_secret(int terminal, std::string_view prompt) {
  const NoEcho no_echo(terminal);
  Text first = answer(terminal, no_echo, prompt);
  if (!first) return first;
  const Text second = answer(terminal, no_echo, "The same again");
  if (!second) return second;
  if (*first != *second) return std::unexpected("the two passwords differ");
  return first;
}

Text read_secret_file(const std::string& path) {
  const std::string name = quoted(path);
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return failed(name, errno);
  Text secret = read_limited(descriptor, name);
  ::close(descriptor);
  if (!secret) return secret;
  if (secret->ends_with('\n')) secret->pop_back();
  if (secret->ends_with('\r')) secret->pop_back();
  if (secret->empty()) return std::unexpected(name + " holds no password");
  return secret;
}

}  // namespace cli
