#pragma once

#include <cstddef>
#include <functional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cli {

/// Empty when a value was taken; else why it was not, for a person and without naming the flag (the
/// parser does): "'abc' is not a port (1..65535)".
using Complaint = std::string;

/// The words given to one option: none for a flag, one as a rule, several where its row says so.
using Words = std::span<const std::string>;

/// One row of the option table. The parser, --help, the man page and the shell completions all come
/// from these rows, so that a flag is described in one place. Texts are string literals.
struct Option {
  enum class Hint { none, file, directory, host, command };

  /// The long name, without dashes; unique, at least two characters.
  std::string_view name = {};
  /// The short name, a letter or a digit; '\0' when there is none.
  char letter = '\0';
  /// What the value is called in texts, "PORT"; empty for a flag.
  std::string_view value = {};
  /// The heading it stands under; groups appear in order of first use.
  std::string_view group = {};
  /// One line for --help: no capital at the start, no full stop at the end.
  std::string_view help = {};
  /// What the man page adds: whole sentences; may be empty.
  std::string_view man = {};
  /// "1883"; empty when there is none to speak of.
  std::string_view default_text = {};
  /// Puts the value into its target field; called once for every time the option is given.
  std::function<Complaint(Words)> set = {};
  /// Values that completion offers, all there are or the usual ones; the setter checks them.
  std::vector<std::string_view> choices = {};
  /// What else completion offers.
  Hint hint = Hint::none;
  /// The value is blanked in argv once it has been read, so that `ps` does not show it.
  bool is_secret = false;
  /// Given on the command line as well, what a configuration file says counts all the same.
  bool accumulates = false;
  /// For values of more than one word ("CMD NAME VALUE"): how many words the option takes, judged
  /// by those that follow it. nullptr: one word.
  std::size_t (*word_count)(Words following) = nullptr;

  bool is_flag() const { return value.empty(); }
  /// As messages name it: "-p", or "--will-topic" when it has no letter.
  std::string flag() const;
};

/// A command: its option table and the texts around it. A tool describes itself in
/// tools/NAME/options.hpp by `cli::Tool describe(Options&)`, whose setters write into that Options:
/// namespace mq_pub for mq-pub, mq_broker_lite for mq-broker-lite, and so on.
struct Tool {
  struct Text {
    std::string_view title = {};  ///< An exit code, an example's command line.
    std::string_view text = {};   ///< What it means.
  };
  /// A text made from the table besides the man page and the completions.
  struct Document {
    std::string_view name = {};  ///< For --generate: "keys".
    std::function<std::string()> render = {};
  };
  std::string_view name = {};     ///< "mq-pub".
  std::string_view summary = {};  ///< One line: "publish messages to an MQTT broker".
  /// Each without the name: "[-h HOST] -t TOPIC -m TEXT".
  std::vector<std::string_view> synopsis = {};
  std::string_view description = {};  ///< Man page paragraphs, separated by an empty line.
  std::vector<Option> options = {};   ///< Without --help and --version, which every tool has.
  std::vector<Text> exit_codes = {};
  std::vector<Text> environment = {};
  std::vector<Text> files = {};
  std::vector<Text> examples = {};
  std::vector<std::string_view> see_also = {};  ///< "mq-sub(1)".
  int usage_exit_code = 1;
  int output_exit_code = 74;  ///< --help and the like could not be written.
  /// Configuration files and the environment are read before the command line; adds -o.
  bool reads_presets = false;
  /// Takes a word that is no option; nullptr: such a word is an error.
  std::function<Complaint(const std::string&)> set_positional = {};
  std::vector<std::string_view> positional_choices = {};  ///< For completion.
  /// What completion offers after one of those: the words of a subcommand.
  struct FollowingWords {
    std::string_view after = {};
    std::vector<std::string_view> words = {};
    bool has_files = false;
  };
  std::vector<FollowingWords> following_words = {};
  /// Called before the first setter is, with the words that are no options and the names of the
  /// options given: settles what the words name, such as a file of settings, over which the command
  /// line then has the last word. nullptr: nothing of the kind.
  std::function<Complaint(Words words, const std::set<std::string_view>& given)> prepare = {};
  std::vector<Document> documents = {};
  /// Judges the options together, after the last one; nullptr: nothing to judge. Names the flags
  /// itself.
  std::function<Complaint()> check = {};
};

/// The tool's rows and those every tool has: --help and --version; -o where there are presets.
std::vector<Option> all_options(const Tool& tool);

/// The row of -o, which the parser itself looks after.
bool is_config(const Option& row);

}  // namespace cli
