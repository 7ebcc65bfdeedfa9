#include "tools/mq-sub/command_words.hpp"

#include <utility>

#include "tools/common/terminal.hpp"

namespace mq_sub {
namespace {

class Splitter {
 public:
  explicit Splitter(std::string_view text) : rest_(text) {}

  /// False when a quote or a backslash is left without its end.
  bool run() {
    while (!rest_.empty()) {
      const char c = take();
      if (c == ' ' || c == '\t' || c == '\n') {
        end_word();
      } else if (c == '\'' || c == '"') {
        if (!take_quoted(c)) return false;
      } else if (c != '\\') {
        add(c);
      } else if (rest_.empty()) {
        return false;
      } else {
        add(take());
      }
    }
    end_word();
    return true;
  }

  std::vector<std::string> words;

 private:
  char take() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }
  void add(char c) {
    word_ += c;
    is_in_word_ = true;
  }
  void end_word() {
    if (std::exchange(is_in_word_, false)) words.push_back(std::exchange(word_, {}));
  }
  bool take_quoted(char quote) {
    is_in_word_ = true;  // '' is a word too.
    while (!rest_.empty() && rest_.front() != quote) {
      const bool is_escape = quote == '"' && rest_.size() > 1 && rest_[0] == '\\' &&
                             (rest_[1] == '"' || rest_[1] == '\\');
      if (is_escape) take();
      word_ += take();
    }
    if (rest_.empty()) return false;
    take();
    return true;
  }

  std::string_view rest_;
  std::string word_;
  bool is_in_word_ = false;
};

}  // namespace

std::expected<std::vector<std::string>, std::string> split_words(std::string_view text) {
  Splitter splitter(text);
  if (!splitter.run()) {
    return std::unexpected(cli::quoted(text) + " has a quote or a backslash without its end");
  }
  if (splitter.words.empty() || splitter.words[0].empty()) {
    return std::unexpected(cli::quoted(text) + " is not a command");
  }
  return std::move(splitter.words);
}

}  // namespace mq_sub
