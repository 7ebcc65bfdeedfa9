#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/common/option.hpp"
#include "tools/common/presets.hpp"

namespace cli {

/// What a command line asks for.
struct Parsed {
  enum class Request { run, help, version, generate };
  Request request = Request::run;
  std::string document;  ///< Of generate: man, bash, zsh or fish.
  /// A value of a row with is_secret: word number `word`, from byte `offset` to its end.
  struct Secret {
    std::size_t word = 0;
    std::size_t offset = 0;
  };
  std::vector<Secret> secrets;
};

/// Reads the words behind the command's name into the targets of the tool's rows, in order. Takes
/// `--opt VALUE`, `--opt=VALUE`, `-oVALUE`, `-o=VALUE`, bundled letters, and `--`, behind which no
/// word is an option. The word after an option that wants a value is its value, even when it begins
/// with
/// `-`. An error is one line without the tool's name: "-p: 'abc' is not a port (1..65535)". With an
/// environment, a tool that reads_presets is given those first, but for the options that `words`
/// give themselves.
std::expected<Parsed, std::string> parse(const Tool& tool, Words words,
                                         const Environment& environment = {});

/// The front of every main(): sees that standard descriptors are there, parses argv, answers
/// --help, --version and the hidden --generate on stdout, and a usage error by one line on stderr;
/// blanks secrets in argv. Returns the exit code when that was all; nothing when the tool is to
/// run.
std::optional<int> parse_command_line(const Tool& tool, int argc, char** argv);

/// The value of a row that wants several words, from a place where all of them stand in one text;
/// the last word keeps its blanks. Fewer words than the row wants are given as they are.
std::vector<std::string> split_value(const Option& row, std::string_view value);

/// Says "NAME: what" on stderr, in one line and with control characters escaped.
void complain(const Tool& tool, std::string_view what);
/// The same, and gives the exit code of a wrong command line.
int usage_error(const Tool& tool, std::string_view what);

}  // namespace cli
