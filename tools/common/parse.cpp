#include "tools/common/parse.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdio>
#include <set>

#include "tools/common/render_completion.hpp"
#include "tools/common/render_help.hpp"
#include "tools/common/render_man.hpp"
#include "tools/common/standard_descriptors.hpp"
#include "tools/common/terminal.hpp"

namespace cli {
namespace {

using Outcome = std::expected<void, std::string>;

std::unexpected<std::string> unknown_option(std::string_view flag) {
  return std::unexpected("unknown option " + quoted(flag));
}

/// One pass over the words; each option goes to its row's setter as it is met.
class Walk {
 public:
  /// look: only remembers what is given, and calls no setter.
  enum class Mode : std::uint8_t { apply, look };

  Walk(const Tool& tool, Words words, Mode mode = Mode::apply)
      : tool_(tool), rows_(all_options(tool)), words_(words), mode_(mode) {
    rows_.push_back({.name = "generate", .value = "DOCUMENT"});
  }

  Outcome run() {
    bool options_end = false;
    while (next_ < words_.size() && parsed.request == Parsed::Request::run) {
      const std::string& word = words_[next_++];
      const bool is_option = !options_end && word.size() > 1 && word[0] == '-';
      if (is_option && word == "--") {
        options_end = true;
        continue;
      }
      const Outcome taken = !is_option               ? take_positional(word)
                            : word.starts_with("--") ? take_long(word)
                                                     : take_letters(word);
      if (!taken) return taken;
    }
    return {};
  }

  Parsed parsed;
  std::set<std::string_view> given;        ///< The names of the rows met.
  std::vector<std::string> positionals;    ///< The words that are no options.
  std::optional<std::string> config_file;  ///< The value of -o.

 private:
  Outcome take_long(std::string_view word) {
    const std::size_t equals = word.find('=');
    const std::string_view flag = word.substr(0, equals);
    const auto row = std::ranges::find(rows_, flag.substr(2), &Option::name);
    if (row == rows_.end()) return unknown_option(flag);
    if (equals == std::string_view::npos) return take(*row, flag, {});
    return take(*row, flag, std::string(word.substr(equals + 1)));
  }

  /// "-rq1" is -r and -q 1: letters of flags may stand together, and the first one that wants a
  /// value takes what is left of the word, if anything is.
  Outcome take_letters(std::string_view word) {
    for (std::size_t i = 1; i < word.size(); ++i) {
      const std::string flag{'-', word[i]};
      const auto row = std::ranges::find(rows_, word[i], &Option::letter);
      if (row == rows_.end()) return unknown_option(flag);
      std::string_view rest = word.substr(i + 1);
      const bool is_attached = rest.starts_with('=') || (!rest.empty() && !row->is_flag());
      if (rest.starts_with('=')) rest.remove_prefix(1);
      const Outcome taken =
          take(*row, flag, is_attached ? std::optional(std::string(rest)) : std::nullopt);
      if (!taken || !row->is_flag()) return taken;
    }
    return {};
  }

  /// `attached`: the value that stands in the same word as the flag.
  Outcome take(const Option& row, std::string_view flag, std::optional<std::string> attached) {
    if (row.is_flag()) {
      if (attached) return std::unexpected(fmt::format("{}: takes no value", flag));
      return give(row, flag, {});
    }
    std::vector<std::string> values;
    if (attached) values.push_back(std::move(*attached));
    const std::size_t own = values.size();
    const std::size_t word = next_ - own;
    values.insert(values.end(), words_.begin() + static_cast<std::ptrdiff_t>(next_), words_.end());
    const std::size_t wanted = row.word_count != nullptr ? row.word_count(values) : 1;
    const std::size_t count = std::max(own, wanted);  // An attached value is one in any case.
    if (values.size() < count) return std::unexpected(fmt::format("{}: needs {}", flag, row.value));
    values.resize(count);
    next_ += count - own;
    if (row.is_secret) parsed.secrets.push_back({word, words_[word].size() - values[0].size()});
    return give(row, flag, values);
  }

  Outcome give(const Option& row, std::string_view flag, Words values) {
    const bool is_first = given.insert(row.name).second;
    if (is_config(row)) {
      if (!is_first) return std::unexpected(fmt::format("{}: given twice", flag));
      config_file = values[0];
    } else if (row.name == "help") {
      parsed.request = Parsed::Request::help;
    } else if (row.name == "version") {
      parsed.request = Parsed::Request::version;
    } else if (row.name == "generate") {
      parsed.request = Parsed::Request::generate;
      parsed.document = values[0];
    } else if (mode_ == Mode::look) {
      return {};
    } else if (const Complaint complaint = row.set(values); !complaint.empty()) {
      return std::unexpected(fmt::format("{}: {}", flag, complaint));
    }
    return {};
  }

  Outcome take_positional(const std::string& word) {
    if (!tool_.set_positional) {
      return std::unexpected(
          fmt::format("unexpected word {}: a value with spaces needs quotes", quoted(word)));
    }
    positionals.push_back(word);
    if (mode_ == Mode::look) return {};
    const Complaint complaint = tool_.set_positional(word);
    if (!complaint.empty()) return std::unexpected(complaint);
    return {};
  }

  const Tool& tool_;
  std::vector<Option> rows_;
  Words words_;
  Mode mode_;
  std::size_t next_ = 0;
};

Outcome apply(const Tool& tool, const Preset& preset, const std::set<std::string_view>& overruled) {
  const std::vector<Option> rows = all_options(tool);
  const auto row = std::ranges::find_if(rows, [&](const Option& option) {
    return preset.flag == fmt::format("--{}", option.name) ||
           (option.letter != '\0' && preset.flag == std::string{'-', option.letter});
  });
  std::vector<std::string> words = {preset.flag};
  if (row == rows.end()) {
    return std::unexpected(fmt::format("{}: unknown option {}", preset.place, quoted(preset.flag)));
  }
  if (row->word_count != nullptr && preset.value) {
    const auto several = split_value(*row, *preset.value);
    words.insert(words.end(), several.begin(), several.end());
  } else if (preset.value) {
    words.push_back(*preset.value);
  }
  const bool is_overruled = overruled.contains(row->name) && !row->accumulates;
  Walk walk(tool, words, is_overruled ? Walk::Mode::look : Walk::Mode::apply);
  const Outcome walked = walk.run();
  if (!walked) return std::unexpected(fmt::format("{}: {}", preset.place, walked.error()));
  if (walk.parsed.request != Parsed::Request::run || walk.config_file) {
    return std::unexpected(
        fmt::format("{}: {} is for the command line only", preset.place, preset.flag));
  }
  return {};
}

/// Everything but the command line itself. An error is one line.
Outcome apply_presets(const Tool& tool, Words words, const Environment& environment) {
  Walk look(tool, words, Walk::Mode::look);
  if (const Outcome looked = look.run(); !looked) return looked;
  if (look.parsed.request != Parsed::Request::run) return {};
  const auto presets = read_presets(tool.name, environment, look.config_file);
  if (!presets) return std::unexpected(presets.error());
  for (const Preset& preset : *presets) {
    if (Outcome applied = apply(tool, preset, look.given); !applied) return applied;
  }
  return {};
}

Outcome prepare(const Tool& tool, Words words) {
  Walk look(tool, words, Walk::Mode::look);
  if (const Outcome looked = look.run(); !looked) return looked;
  if (look.parsed.request != Parsed::Request::run) return {};
  const Complaint complaint = tool.prepare(look.positionals, look.given);
  if (!complaint.empty()) return std::unexpected(complaint);
  return {};
}

/// Nothing when there is no such document.
std::optional<std::string> generate(const Tool& tool, std::string_view document) {
  if (document == "man") return render_man(tool);
  if (document == "bash") return render_bash_completion(tool);
  if (document == "zsh") return render_zsh_completion(tool);
  if (document == "fish") return render_fish_completion(tool);
  if (document == "hosts") {
    return fmt::format("{}", fmt::join(preset_hosts(tool.name, process_environment), "\n")) + "\n";
  }
  const auto own = std::ranges::find(tool.documents, document, &Tool::Document::name);
  if (own != tool.documents.end()) return own->render();
  return std::nullopt;
}

int print(const Tool& tool, const std::string& text) {
  const bool is_written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  if (std::fflush(stdout) == 0 && is_written) return 0;
  complain(tool, "stdout: cannot be written");
  return tool.output_exit_code;
}

}  // namespace

std::expected<Parsed, std::string> parse(const Tool& tool, Words words,
                                         const Environment& environment) {
  if (tool.reads_presets && environment) {
    if (Outcome applied = apply_presets(tool, words, environment); !applied) {
      return std::unexpected(std::move(applied.error()));
    }
  }
  if (tool.prepare) {
    if (Outcome prepared = prepare(tool, words); !prepared)
      return std::unexpected(std::move(prepared.error()));
  }
  Walk walk(tool, words);
  const Outcome walked = walk.run();
  if (!walked) return std::unexpected(walked.error());
  if (walk.parsed.request == Parsed::Request::run && tool.check) {
    const Complaint complaint = tool.check();
    if (!complaint.empty()) return std::unexpected(complaint);
  }
  return std::move(walk.parsed);
}

std::optional<int> parse_command_line(const Tool& tool, int argc, char** argv) {
  hold_standard_descriptors();
  const int first = argc > 0 ? 1 : 0;
  const std::vector<std::string> words(argv + first, argv + argc);
  const auto parsed = parse(tool, words, process_environment);
  if (!parsed) return usage_error(tool, parsed.error());
  for (const Parsed::Secret& secret : parsed->secrets) {
    std::string_view value = argv[first + static_cast<int>(secret.word)];
    value.remove_prefix(secret.offset);
    std::fill_n(argv[first + static_cast<int>(secret.word)] + secret.offset, value.size(), '*');
  }
  switch (parsed->request) {
    case Parsed::Request::run:
      return std::nullopt;
    case Parsed::Request::help:
      return print(tool, render_help(tool));
    case Parsed::Request::version:
      return print(tool, fmt::format("{} {}\n", tool.name, MQ_TOOLS_VERSION));
    case Parsed::Request::generate:
      break;
  }
  if (const auto text = generate(tool, parsed->document)) return print(tool, *text);
  return usage_error(
      tool, fmt::format("--generate: {} is not man, bash, zsh or fish", quoted(parsed->document)));
}

std::vector<std::string> split_value(const Option& row, std::string_view value) {
  constexpr std::string_view kBlanks = " \t";
  std::vector<std::string> words;
  std::vector<std::size_t> begins;
  for (std::size_t at = 0; at < value.size();) {
    const std::size_t end = std::min(value.find_first_of(kBlanks, at), value.size());
    begins.push_back(at);
    words.emplace_back(value.substr(at, end - at));
    at = std::min(value.find_first_not_of(kBlanks, end), value.size());
  }
  const std::size_t count = row.word_count(words);
  if (count > 0 && count < words.size()) {
    words[count - 1] = value.substr(begins[count - 1]);
    words.resize(count);
  }
  return words;
}

void complain(const Tool& tool, std::string_view what) {
  const std::string line = fmt::format("{}: {}\n", tool.name, escaped(what));
  std::fwrite(line.data(), 1, line.size(), stderr);
}

int usage_error(const Tool& tool, std::string_view what) {
  complain(tool, what);
  return tool.usage_exit_code;
}

}  // namespace cli
