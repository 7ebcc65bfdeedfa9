#include "tools/mq-sub/output_rows.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

#include "tools/common/connection_rows.hpp"
#include "tools/common/setters.hpp"
#include "tools/common/terminal.hpp"
#include "tools/mq-sub/command_words.hpp"

namespace mq_sub {
namespace {

using cli::Complaint;
using cli::Option;
using cli::Words;

constexpr std::string_view kOutput = "Output";
constexpr std::string_view kInstead = "Instead of printing";

constexpr std::string_view kFormatHelp =
    "%t topic, %p payload, %x and %X payload in hexadecimal, %b in base64, %l its length, %f and "
    "%d payload as a number of 4 or 8 bytes in the machine's order, %q QoS, %r retain flag, %m "
    "packet id, %j the whole message as a JSON object, %J the same with a payload that is JSON "
    "itself, %I local time by ISO 8601, %U seconds since 1970 with nanoseconds, %% a percent sign; "
    "of MQTT 5.0 %A topic alias, %C content type, %D correlation data, %E message expiry, %F "
    "payload format, %P user properties, %R response topic, %S subscription identifier. Between % "
    "and the letter may stand - (left-aligned), 0 (fill with zeros), a width, a point and a "
    "precision, and for %x a character that separates groups of so many digits: %.2:x. @ and a "
    "letter is strftime(3)'s conversion, @N nanoseconds, @@ an at sign. \\\\ \\0 \\a \\e \\n \\r "
    "\\t \\v stand for one character.";

Complaint set_format(std::optional<std::string>& target, const std::string& text) {
  const auto format = OutputFormat::parse(text, {});
  if (!format) return format.error();
  target = text;
  return {};
}

Complaint set_field(std::optional<JsonPath>& target, const std::string& text) {
  auto path = JsonPath::parse(text);
  if (!path) return path.error();
  target = std::move(*path);
  return {};
}

Complaint set_command(std::vector<std::string>& target, const std::string& text) {
  auto words = split_words(text);
  if (!words) return words.error();
  target = std::move(*words);
  return {};
}

std::vector<Option> format_rows(Options& options) {
  return {
      {.name = "verbose",
       .letter = 'v',
       .group = kOutput,
       .help = "print the topic in front of the payload",
       .set = cli::set_flag(options.verbose)},
      {.name = "separator",
       .value = "TEXT",
       .group = kOutput,
       .help = "what -v prints between topic and payload instead of a blank",
       .set = cli::set_text(options.separator)},
      {.name = "format",
       .letter = 'F',
       .value = "FORMAT",
       .group = kOutput,
       .help = "print each message by this template: %t topic, %p payload, %j JSON, ...",
       .man = kFormatHelp,
       .set = [&options](Words words) { return set_format(options.format, words[0]); }},
      {.name = "json",
       .group = kOutput,
       .help = "print each message as a JSON object on one line, as -F %j",
       .man = "A payload that is not UTF-8 stands in payload_base64, and payload is null.",
       .set = [&options](Words) { return set_format(options.format, "%j"); }},
      {.name = "field",
       .value = "PATH",
       .group = kOutput,
       .help = "print one member of a JSON payload: a.b[1].c or the JSON Pointer /a/b/1/c",
       .man = "Strings are printed without quotes, numbers with the digits they came with. A "
              "payload that is not JSON, or has no such member, prints nothing and is told on "
              "stderr.",
       .set = [&options](Words words) { return set_field(options.field, words[0]); }},
      {.name = "pretty",
       .group = kOutput,
       .help = "print JSON on several lines, with tabs",
       .set = cli::set_flag(options.pretty)},
  };
}

std::vector<Option> look_rows(Options& options) {
  std::vector<std::pair<std::string_view, Options::Color>> colors = {
      {"auto", Options::Color::automatic},
      {"always", Options::Color::always},
      {"never", Options::Color::never}};
  return {
      {.name = "no-newline",
       .letter = 'N',
       .group = kOutput,
       .help = "print no line feed after a message",
       .set = cli::set_flag(options.no_newline)},
      {.name = "raw",
       .group = kOutput,
       .help = "show control characters and invalid UTF-8 as they are on a terminal too",
       .set = cli::set_flag(options.raw)},
      {.name = "color",
       .value = "WHEN",
       .group = kOutput,
       .help = "show topics in colour: auto (on a terminal, unless NO_COLOR is set), always, never",
       .default_text = "auto",
       .set = cli::set_choice(options.color, "time for colour (auto, always, never)",
                              std::move(colors)),
       .choices = {"auto", "always", "never"}},
      {.name = "record",
       .value = "FILE",
       .group = kOutput,
       .help = "write the messages with their times to this file, for mq-pub --replay",
       .man =
           "The file is replaced. Nothing is printed then, unless -v, -F, --json or --field says "
           "what. Messages are acknowledged once they are in the file.",
       .set = cli::set_text(options.record),
       .hint = Option::Hint::file},
  };
}

std::vector<Option> instead_rows(Options& options) {
  return {
      {.name = "exec",
       .value = "COMMAND",
       .group = kInstead,
       .help = "run this command for each message, with the payload as its standard input",
       .man = "The command is split into words at blanks, with quotes and backslashes as in a "
              "shell, but no shell sees it. MQTT_TOPIC, MQTT_QOS and MQTT_RETAIN are in its "
              "environment. A message is acknowledged once its command has ended. A command that "
              "fails is told on stderr, its message is acknowledged all the same, and the exit "
              "code is 1 in the end; one that cannot be started ends mq-sub, and its message is "
              "not acknowledged. A signal to end waits for the commands that run and begins no "
              "other; a second one sends them SIGTERM.",
       .set = [&options](Words words) { return set_command(options.command, words[0]); }},
      {.name = "jobs",
       .value = "NUMBER",
       .group = kInstead,
       .help = "with --exec: run up to so many commands at a time, instead of one after the other",
       .default_text = "1",
       .set = cli::set_number(options.jobs, {"number of jobs", 1, 1000})},
      {.name = "watch",
       .letter = 'w',
       .group = kInstead,
       .help = "show a live screen, one row a topic: last value, age, rate, count, sparkline",
       .man = "Arrow keys, Page Up, Page Down, Home and End move, q ends.",
       .set = cli::set_flag(options.watch)},
      {.name = "tree",
       .group = kInstead,
       .help = "the same as a tree of topic levels",
       .set = cli::set_flag(options.tree)},
      {.name = "message-rate",
       .group = kInstead,
       .help = "print the number of messages of each second",
       .set = cli::set_flag(options.message_rate)},
  };
}

bool prints_text(const Options& options) {
  return options.format || options.field || options.verbose || !options.record;
}

bool is_color_welcome(int output) {
  const char* const no_color = std::getenv("NO_COLOR");
  const char* const terminal = std::getenv("TERM");
  return cli::is_terminal(output) && (no_color == nullptr || *no_color == '\0') &&
         (terminal == nullptr || std::string_view(terminal) != "dumb");
}

}  // namespace

std::vector<Option> output_rows(Options& options) {
  std::vector<Option> rows = format_rows(options);
  cli::append(rows, look_rows(options));
  cli::append(rows, instead_rows(options));
  return rows;
}

Complaint check_output(const Options& options) {
  const std::array instead = {!options.command.empty(), options.watch || options.tree,
                              options.message_rate};
  if (std::ranges::count(instead, true) > 1) {
    return "--exec, --watch and --message-rate exclude each other";
  }
  if (options.format && options.field) return "--field does not go with -F and --json";
  if (options.jobs > 1 && options.command.empty()) return "--jobs: there is no --exec";
  if ((options.watch || options.tree) && !cli::is_terminal(STDOUT_FILENO)) {
    return std::string(options.tree ? "--tree" : "--watch") + ": stdout is not a terminal";
  }
  if ((options.watch || options.tree) && options.debug && cli::is_terminal(STDERR_FILENO)) {
    return "-d: its lines would go over the screen; send stderr to a file";
  }
  return {};
}

OutputFormat output_format(const Options& options) {
  if (!prints_text(options)) return OutputFormat::nothing();
  const LineForm form{.end = options.no_newline ? "" : "\n",
                      .separator = options.separator,
                      .member = options.field,
                      .layout = options.pretty ? JsonLayout::pretty : JsonLayout::compact};
  // The template has been parsed once already, by its setter.
  if (options.format) return *OutputFormat::parse(*options.format, form);
  return options.verbose ? OutputFormat::verbose(form) : OutputFormat::plain(form);
}

OutputFormat value_format(const Options& options) {
  const LineForm form{.end = "", .member = options.field};
  return options.format ? *OutputFormat::parse(*options.format, form) : OutputFormat::plain(form);
}

Style output_style(const Options& options, int output) {
  const bool escapes = !options.raw && cli::is_terminal(output);
  const bool is_colored = options.color == Options::Color::always ||
                          (options.color == Options::Color::automatic && is_color_welcome(output));
  return {.escape = escapes ? Escape::controls : Escape::none, .is_colored = is_colored};
}

}  // namespace mq_sub
