#include "tools/mq-broker-lite/key_setters.hpp"

#include <algorithm>
#include <array>

namespace mq_broker_lite {
namespace {

constexpr std::array<std::pair<std::string_view, bool>, 4> kWords = {
    {{"true", true}, {"false", false}, {"1", true}, {"0", false}}};

template <class Target>
cli::Setter yes_no_setter(Target& target) {
  return [&target](cli::Words words) -> cli::Complaint {
    if (words.empty()) {
      target = true;
      return {};
    }
    return cli::set_choice(
        target, "yes or no (true or false)",
        std::vector<std::pair<std::string_view, bool>>(kWords.begin(), kWords.end()))(words);
  };
}

/// cli::Option::word_count of such a row.
std::size_t yes_no_words(cli::Words following) {
  const bool has_word = !following.empty() && std::ranges::any_of(kWords, [&](const auto& each) {
    return following[0] == each.first;
  });
  return has_word ? 1 : 0;
}

}  // namespace

cli::Setter set_yes_no(bool& target) { return yes_no_setter(target); }
cli::Setter set_yes_no(std::optional<bool>& target) { return yes_no_setter(target); }

cli::Setter add_to(const Options& options, std::vector<std::string>& target) {
  return [&options, &target, replaces = true](cli::Words words) mutable -> cli::Complaint {
    if (options.source == Options::Source::command_line && std::exchange(replaces, false))
      target.clear();
    target.push_back(words[0]);
    return {};
  };
}

cli::Setter set_maximum(std::optional<std::uint32_t>& target, std::string_view noun) {
  return [&target, noun](cli::Words words) -> cli::Complaint {
    if (words[0] == "-1") {
      target.reset();
      return {};
    }
    return cli::set_number(target, {.noun = noun, .least = 0, .most = 0xFFFF'FFFF})(words);
  };
}

Key yes_no_key(Key key) {
  key.option.value = "[true|false]";
  key.option.choices = {"true", "false"};
  key.option.word_count = yes_no_words;
  return key;
}

Key file_key(Key key, cli::Option::Hint hint) {
  key.option.value = hint == cli::Option::Hint::directory ? "DIR" : "FILE";
  key.option.hint = hint;
  key.syntax = Key::Syntax::line;
  return key;
}

}  // namespace mq_broker_lite
