#include "tools/mq-sub/output_rows.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "tools/common/connection_rows.hpp"
#include "tools/common/print_options.hpp"
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

Complaint set_command(std::vector<std::string>& target, const std::string& text) {
  auto words = split_words(text);
  if (!words) return words.error();
  target = std::move(*words);
  return {};
}

std::vector<Option> record_rows(Options& options) {
  return {
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
       .set = [&options](Words words) { return set_command(options.command, words[0]); },
       .hint = Option::Hint::command},
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

}  // namespace

std::vector<Option> output_rows(Options& options) {
  std::vector<Option> rows = cli::print_rows(options.print, kOutput);
  cli::append(rows, record_rows(options));
  cli::append(rows, instead_rows(options));
  return rows;
}

Complaint check_output(const Options& options) {
  const std::array instead = {!options.command.empty(), options.watch || options.tree,
                              options.message_rate};
  if (std::ranges::count(instead, true) > 1) {
    return "--exec, --watch and --message-rate exclude each other";
  }
  if (Complaint complaint = cli::check(options.print); !complaint.empty()) return complaint;
  if (options.jobs > 1 && options.command.empty()) return "--jobs: there is no --exec";
  if ((options.watch || options.tree) && !cli::is_terminal(STDOUT_FILENO)) {
    return std::string(options.tree ? "--tree" : "--watch") + ": stdout is not a terminal";
  }
  if ((options.watch || options.tree) && options.debug && cli::is_terminal(STDERR_FILENO)) {
    return "-d: its lines would go over the screen; send stderr to a file";
  }
  return {};
}

cli::OutputFormat output_format(const Options& options) {
  const bool prints_text = options.print.is_any_form() || !options.record;
  return prints_text ? cli::output_format(options.print) : cli::OutputFormat::nothing();
}

}  // namespace mq_sub
