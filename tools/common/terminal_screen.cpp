#include "tools/common/terminal_screen.hpp"

#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

namespace cli {
namespace {

constexpr std::string_view kEnter = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J";
/// CAN first: what was being written may have broken off inside a sequence.
constexpr std::string_view kLeave = "\x18\x1b[m\x1b[?7h\x1b[?25h\x1b[?1049l";
/// How long a terminal that takes nothing is waited for, in milliseconds.
constexpr int kPatience = 500;

constexpr std::pair<std::string_view, Key> kKeys[] = {
    {"\x1b[A", Key::up},
    {"\x1bOA", Key::up},
    {"k", Key::up},
    {"\x1b[B", Key::down},
    {"\x1bOB", Key::down},
    {"j", Key::down},
    {"\x1b[5~", Key::page_up},
    {"\x1b[6~", Key::page_down},
    {" ", Key::page_down},
    {"\x1b[H", Key::home},
    {"\x1bOH", Key::home},
    {"\x1b[1~", Key::home},
    {"g", Key::home},
    {"\x1b[F", Key::end},
    {"\x1bOF", Key::end},
    {"\x1b[4~", Key::end},
    {"G", Key::end},
    {"q", Key::quit},
};

}  // namespace

std::vector<Key> keys_in(std::string_view input) {
  std::vector<Key> keys;
  while (!input.empty()) {
    std::size_t taken = 1;
    for (const auto& [sequence, key] : kKeys) {
      if (!input.starts_with(sequence)) continue;
      keys.push_back(key);
      taken = sequence.size();
      break;
    }
    input.remove_prefix(taken);
  }
  return keys;
}

void TerminalScreen::enter() {
  if (std::exchange(is_entered_, true)) return;
  termios state{};
  if (::tcgetattr(input_, &state) == 0) {
    saved_ = state;
    state.c_lflag &=
        ~static_cast<tcflag_t>(ICANON | ECHO);  // Ctrl-C and Ctrl-Z stay what they are.
    state.c_cc[VMIN] = 1;
    state.c_cc[VTIME] = 0;
    ::tcsetattr(input_, TCSANOW, &state);
  }
  write_now(kEnter);
}

void TerminalScreen::leave() {
  if (!std::exchange(is_entered_, false)) return;
  write_now(kLeave);
  if (saved_) ::tcsetattr(input_, TCSANOW, &*saved_);
  saved_.reset();
}

ScreenSize TerminalScreen::size() const {
  winsize size{};
  if (::ioctl(output_, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0) return {};
  return {.columns = size.ws_col, .rows = size.ws_row};
}

/// Does not wait for long: the terminal may have been stopped by Ctrl-S, or be gone.
void TerminalScreen::write_now(std::string_view text) const {
  while (!text.empty()) {
    pollfd state{.fd = output_, .events = POLLOUT, .revents = 0};
    if (::poll(&state, 1, kPatience) <= 0) return;
    const ssize_t count = ::write(output_, text.data(), text.size());
    if (count < 0 && errno != EINTR && errno != EAGAIN) return;
    if (count > 0) text.remove_prefix(static_cast<std::size_t>(count));
  }
}

}  // namespace cli
