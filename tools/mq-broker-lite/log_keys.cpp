#include "tools/mq-broker-lite/key_groups.hpp"
#include "tools/mq-broker-lite/key_setters.hpp"

namespace mq_broker_lite {
namespace {

using mqtt::server::LogSettings;

constexpr std::string_view kLog = "Log";

cli::Setter add_type(Options& options) {
  return [add = add_to(options, options.settings.log.types)](cli::Words words) -> cli::Complaint {
    if (!mqtt::server::is_log_type(words[0]))
      return cli::is_not(words[0],
                         "type of log line (error, warning, notice, information, subscribe, "
                         "unsubscribe, websockets, debug, all or none)");
    return add(words);
  };
}

cli::Setter add_destination(Options& options) {
  return [&options, add = add_to(options, options.settings.log.destinations)](
             cli::Words words) -> cli::Complaint {
    std::string value = words[0];
    const bool is_file = value.starts_with("file ") && value.size() > 5;
    // mosquitto looks no further than the word: a comment may stand behind it.
    if (const std::size_t end = value.find(" #"); !is_file && end != std::string::npos)
      value.resize(value.find_last_not_of(' ', end) + 1);
    if (value == "topic") {
      options.warnings.push_back(options.place +
                                 ": log_dest topic is not available: no line goes there");
      return {};
    }
    const bool is_known =
        value == "stderr" || value == "stdout" || value == "syslog" || value == "none";
    if (!is_known && !is_file)
      return cli::is_not(value, "destination (stderr, stdout, syslog, none or file PATH)");
    return add(std::vector{std::move(value)});
  };
}

cli::Setter set_format(LogSettings::Format& target) {
  return cli::set_choice(
      target, "format (text or json)",
      std::vector<std::pair<std::string_view, LogSettings::Format>>{
          {"text", LogSettings::Format::text}, {"json", LogSettings::Format::json}});
}

std::vector<Key> line_keys(Options& options) {
  return {
      {.option = {.name = "log-dest",
                  .value = "DEST",
                  .group = kLog,
                  .help = "where log lines go: stderr, stdout, syslog, none or \"file PATH\"",
                  .man = "May be given several times.",
                  .default_text = "stderr",
                  .set = add_destination(options),
                  .choices = {"stderr", "stdout", "syslog", "none"}},
       .syntax = Key::Syntax::list,
       .reloads = true},
      {.option = {.name = "log-type",
                  .value = "TYPE",
                  .group = kLog,
                  .help = "what is told; may be given several times",
                  .man = "error, warning, notice, information, subscribe, unsubscribe, websockets, "
                         "debug, all or none.",
                  .set = add_type(options),
                  .choices = {"error", "warning", "notice", "information", "subscribe",
                              "unsubscribe", "websockets", "debug", "all", "none"}},
       .syntax = Key::Syntax::words,
       .reloads = true},
      yes_no_key({.option = {.name = "connection-messages",
                             .group = kLog,
                             .help = "tell of clients that come and go",
                             .default_text = "true",
                             .set = set_yes_no(options.settings.log.connection_messages)},
                  .reloads = true}),
  };
}

std::vector<Key> form_keys(Options& options) {
  LogSettings& log = options.settings.log;
  return {
      yes_no_key({.option = {.name = "log-timestamp",
                             .group = kLog,
                             .help = "begin each line with the time",
                             .default_text = "true",
                             .set = set_yes_no(log.timestamp)},
                  .reloads = true}),
      {.option = {.name = "log-timestamp-format",
                  .value = "FORMAT",
                  .group = kLog,
                  .help = "the time as strftime(3) writes it",
                  .man = "Without one it is ISO 8601 with milliseconds and zone.",
                  .set = cli::set_text(log.timestamp_format)},
       .syntax = Key::Syntax::line,
       .reloads = true},
      {.option = {.name = "log-format",
                  .value = "FORMAT",
                  .group = kLog,
                  .help = "lines for people (text) or for programs (json)",
                  .default_text = "text",
                  .set = set_format(log.format),
                  .choices = {"text", "json"}},
       .reloads = true},
  };
}

}  // namespace

std::vector<Key> log_keys(Options& options) {
  std::vector<Key> rows = line_keys(options);
  append(rows, form_keys(options));
  return rows;
}

}  // namespace mq_broker_lite
