#include "tools/common/print_options.hpp"

#include <cstdlib>
#include <string_view>
#include <utility>

#include "tools/common/setters.hpp"
#include "tools/common/terminal.hpp"

namespace cli {
namespace {

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

std::vector<Option> format_rows(PrintOptions& options, std::string_view group) {
  return {
      {.name = "verbose",
       .letter = 'v',
       .group = group,
       .help = "print the topic in front of the payload",
       .set = set_flag(options.verbose)},
      {.name = "separator",
       .value = "TEXT",
       .group = group,
       .help = "what -v prints between topic and payload instead of a blank",
       .set = set_text(options.separator)},
      {.name = "format",
       .letter = 'F',
       .value = "FORMAT",
       .group = group,
       .help = "print each message by this template: %t topic, %p payload, %j JSON, ...",
       .man = kFormatHelp,
       .set = [&options](Words words) { return set_format(options.format, words[0]); },
       .choices = {"%p", "%t", "%j", "%J", "%x", "%b", "%l", "%q", "%r", "%I", "%U"}},
      {.name = "json",
       .group = group,
       .help = "print each message as a JSON object on one line, as -F %j",
       .man = "A payload that is not UTF-8 stands in payload_base64, and payload is null.",
       .set = [&options](Words) { return set_format(options.format, "%j"); }},
      {.name = "field",
       .value = "PATH",
       .group = group,
       .help = "print one member of a JSON payload: a.b[1].c or the JSON Pointer /a/b/1/c",
       .man = "Strings are printed without quotes, numbers with the digits they came with. A "
              "payload that is not JSON, or has no such member, prints nothing and is told on "
              "stderr.",
       .set = [&options](Words words) { return set_field(options.field, words[0]); }},
      {.name = "pretty",
       .group = group,
       .help = "print JSON on several lines, with tabs",
       .set = set_flag(options.pretty)},
  };
}

std::vector<Option> look_rows(PrintOptions& options, std::string_view group) {
  std::vector<std::pair<std::string_view, PrintOptions::Color>> colors = {
      {"auto", PrintOptions::Color::automatic},
      {"always", PrintOptions::Color::always},
      {"never", PrintOptions::Color::never}};
  return {
      {.name = "no-newline",
       .letter = 'N',
       .group = group,
       .help = "print no line feed after a message",
       .set = set_flag(options.no_newline)},
      {.name = "raw",
       .group = group,
       .help = "show control characters and invalid UTF-8 as they are on a terminal too",
       .set = set_flag(options.raw)},
      {.name = "color",
       .value = "WHEN",
       .group = group,
       .help = "show topics in colour: auto (on a terminal, unless NO_COLOR is set), always, never",
       .default_text = "auto",
       .set = set_choice(options.color, "time for colour (auto, always, never)", std::move(colors)),
       .choices = {"auto", "always", "never"}},
  };
}

bool is_color_welcome(int output) {
  const char* const no_color = std::getenv("NO_COLOR");
  const char* const terminal = std::getenv("TERM");
  return is_terminal(output) && (no_color == nullptr || *no_color == '\0') &&
         (terminal == nullptr || std::string_view(terminal) != "dumb");
}

}  // namespace

std::vector<Option> print_rows(PrintOptions& options, std::string_view group) {
  std::vector<Option> rows = format_rows(options, group);
  for (Option& row : look_rows(options, group)) rows.push_back(std::move(row));
  return rows;
}

Complaint check(const PrintOptions& options) {
  if (options.format && options.field) return "--field does not go with -F and --json";
  return {};
}

OutputFormat output_format(const PrintOptions& options) {
  const LineForm form{.end = options.no_newline ? "" : "\n",
                      .separator = options.separator,
                      .member = options.field,
                      .layout = options.pretty ? JsonLayout::pretty : JsonLayout::compact};
  // The template has been parsed once already, by its setter.
  if (options.format) return *OutputFormat::parse(*options.format, form);
  return options.verbose ? OutputFormat::verbose(form) : OutputFormat::plain(form);
}

OutputFormat value_format(const PrintOptions& options) {
  const LineForm form{.end = "", .member = options.field};
  return options.format ? *OutputFormat::parse(*options.format, form) : OutputFormat::plain(form);
}

Style output_style(const PrintOptions& options, int output) {
  const bool escapes = !options.raw && is_terminal(output);
  const bool is_colored =
      options.color == PrintOptions::Color::always ||
      (options.color == PrintOptions::Color::automatic && is_color_welcome(output));
  return {.escape = escapes ? Escape::controls : Escape::none, .is_colored = is_colored};
}

}  // namespace cli
