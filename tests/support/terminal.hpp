#pragma once

#include <string>
#include <vector>

#include "tests/support/temp_dir.hpp"

namespace support {

/// A real terminal of 100 columns and 20 rows, in which a shell runs: tmux with a server of its
/// own.
class Terminal {
 public:
  Terminal();
  ~Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  /// A line for the shell; it must not end in a semicolon.
  void type(const std::string& line);
  /// A key as tmux calls it: "q", "C-c", "PageUp".
  void press(const std::string& key);
  void resize(int columns, int rows);

  /// The text on the screen, lines without blanks at their end.
  std::string shown() const;
  std::string shown_with_colors() const;
  /// The same once it shows `text`; a failure of the test when it never does.
  std::string wait_for(const std::string& text) const;
  /// Whether no program has left the other screen, a hidden cursor or unwrapped lines behind.
  bool is_plain() const;

 private:
  std::string tmux(const std::vector<std::string>& arguments) const;

  TempDir directory_;
};

}  // namespace support
