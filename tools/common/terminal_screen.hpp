#pragma once

#include <termios.h>

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

namespace cli {

struct ScreenSize {
  std::size_t columns = 80;
  std::size_t rows = 24;
  friend bool operator==(const ScreenSize&, const ScreenSize&) = default;
};

/// A key that moves the screen.
enum class Key { up, down, page_up, page_down, home, end, quit };

/// The keys in what a terminal sent; others are passed over.
std::vector<Key> keys_in(std::string_view input);

/// A terminal taken over as a screen: its other buffer, no cursor, no line wrap, keys read as they
/// are pressed. leave(), or destruction, gives it back as it was.
class TerminalScreen {
 public:
  /// `input` gives keys when it is a terminal too.
  TerminalScreen(int output, int input) : output_(output), input_(input) {}
  ~TerminalScreen() { leave(); }
  TerminalScreen(const TerminalScreen&) = delete;
  TerminalScreen& operator=(const TerminalScreen&) = delete;

  void enter();
  void leave();
  bool is_entered() const { return is_entered_; }
  /// As the terminal says now.
  ScreenSize size() const;

 private:
  void write_now(std::string_view text) const;

  int output_;
  int input_;
  bool is_entered_ = false;
  std::optional<termios> saved_;
};

}  // namespace cli
