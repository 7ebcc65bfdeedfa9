#include "tools/mq-sub/options.hpp"

#include <fcntl.h>

#include <algorithm>
#include <charconv>
#include <string>
#include <utility>

#include "libmqtt/codec/topic.hpp"
#include "tools/common/connection_rows.hpp"
#include "tools/common/presets.hpp"
#include "tools/common/setters.hpp"
#include "tools/mq-sub/output_rows.hpp"

namespace mq_sub {
namespace {

using cli::Complaint;
using cli::Option;
using cli::Words;

constexpr std::string_view kSubscription = "Subscription";
constexpr std::string_view kEnd = "When to end";
constexpr std::string_view kMore = "More";

/// Appends a topic filter, once however often it is given.
cli::Setter add_filter(std::vector<std::string>& target) {
  return [&target](Words words) -> Complaint {
    const std::string& filter = words[0];
    const bool is_valid = mqtt::is_valid_topic_filter(filter) &&
                          (!mqtt::is_shared(filter) || mqtt::split_shared(filter).has_value());
    if (!is_valid) return cli::is_not(filter, "topic filter");
    if (std::ranges::find(target, filter) == target.end()) target.push_back(filter);
    return {};
  };
}

/// As mosquitto_sub has it: 0.1 to 100, with a fraction.
Complaint set_percent(std::optional<double>& target, const std::string& word) {
  double percent = 0;
  const char* const end = word.data() + word.size();
  const auto [stop, error] = std::from_chars(word.data(), end, percent, std::chars_format::fixed);
  const bool is_number = error == std::errc() && stop == end;
  if (!is_number || !(percent >= 0.1 && percent <= 100)) {
    return cli::is_not(word, "percentage (0.1..100)");
  }
  target = percent;
  return {};
}

std::vector<Option> filter_rows(Options& options) {
  return {
      {.name = "topic",
       .letter = 't',
       .value = "FILTER",
       .group = kSubscription,
       .help = "topic filter to subscribe to; repeatable",
       .man = "+ stands for one level of the topic, # at the end for all that follow.",
       .set = add_filter(options.topics),
       .accumulates = true},
      {.name = "qos",
       .letter = 'q',
       .value = "QOS",
       .group = kSubscription,
       .help = "highest QoS to receive messages with",
       .default_text = "0",
       .set = cli::set_number(options.qos, {"QoS", 0, 2}),
       .choices = {"0", "1", "2"}},
      {.name = "filter-out",
       .letter = 'T',
       .value = "FILTER",
       .group = kSubscription,
       .help = "drop messages whose topic matches; repeatable",
       .man = "They come from the broker all the same; -C does not count them.",
       .set = add_filter(options.filter_out),
       .accumulates = true},
      {.name = "unsubscribe",
       .letter = 'U',
       .value = "FILTER",
       .group = kSubscription,
       .help = "take a filter out of a kept session; repeatable",
       .set = add_filter(options.unsubscribe),
       .accumulates = true},
      {.name = "random-filter",
       .value = "PERCENT",
       .group = kSubscription,
       .help = "take a random part of the messages only (0.1..100), drop the others",
       .set = [&options](Words words) { return set_percent(options.random_filter, words[0]); }},
      {.name = "strict",
       .group = kSubscription,
       .help = "end when the broker refuses any of the filters, not only when it refuses all",
       .set = cli::set_flag(options.strict)},
  };
}

std::vector<Option> retained_rows(Options& options) {
  using mqtt::RetainHandling;
  std::vector<std::pair<std::string_view, RetainHandling>> handlings = {
      {"always", RetainHandling::send},
      {"new", RetainHandling::send_if_new},
      {"never", RetainHandling::do_not_send}};
  return {
      {.name = "no-retained",
       .letter = 'R',
       .group = kSubscription,
       .help = "do not print retained messages",
       .set = cli::set_flag(options.hide_retained)},
      {.name = "retained-only",
       .group = kSubscription,
       .help = "print retained messages only, end with the first other one or when no more come",
       .set = cli::set_flag(options.retained_only)},
      {.name = "remove-retained",
       .group = kSubscription,
       .help = "remove the retained messages that come from the broker, end when no more do",
       .man = "Each is printed, unless -R says otherwise, and then removed by an empty retained "
              "message; mq-sub ends once the broker has acknowledged them all.",
       .set = cli::set_flag(options.remove_retained)},
      {.name = "retain-as-published",
       .group = kSubscription,
       .help = "keep the retain flag as the publisher set it (MQTT 5.0)",
       .set = cli::set_flag(options.retain_as_published)},
      {.name = "retain-handling",
       .value = "WHEN",
       .group = kSubscription,
       .help = "send retained messages always, for a new subscription or never (MQTT 5.0)",
       .default_text = "always",
       .set = cli::set_choice(options.retain_handling, "retain handling (always, new, never)",
                              std::move(handlings)),
       .choices = {"always", "new", "never"}},
  };
}

std::vector<Option> end_rows(Options& options) {
  return {
      {.name = "count",
       .letter = 'C',
       .value = "COUNT",
       .group = kEnd,
       .help = "end after this many messages; the broker keeps those that follow",
       .set = cli::set_number(options.count, {"number of messages", 1, 0xFFFF'FFFF})},
      {.name = "timeout",
       .letter = 'W',
       .value = "SECONDS",
       .group = kEnd,
       .help = "end after this time, connecting included, with exit code 27",
       .set = cli::set_seconds(options.timeout)},
      {.name = "idle-timeout",
       .value = "SECONDS",
       .group = kEnd,
       .help = "end when no message has come for this time, with exit code 27",
       .man = "It runs from the broker's answer to the subscription on. With --retained-only and "
              "--remove-retained it is 1 unless given, and the exit code is 0.",
       .set = cli::set_seconds(options.idle_timeout)},
      {.name = "ok-on-timeout",
       .group = kEnd,
       .help = "exit code 0 when the time of -W or --idle-timeout is over",
       .set = cli::set_flag(options.ok_on_timeout)},
      {.name = "exit-after-subscribe",
       .letter = 'E',
       .group = kEnd,
       .help = "end once the broker has confirmed -t and -U; makes a session with -c",
       .set = cli::set_flag(options.exit_after_subscribing)},
  };
}

std::vector<Option> more_rows(Options& options) {
  return {
      {.name = "ready-file",
       .value = "FILE",
       .group = kMore,
       .help = "write this file once the subscription holds",
       .man = "A file left from an earlier run is removed at the start.",
       .set = cli::set_text(options.ready_file),
       .hint = Option::Hint::file},
      {.name = "ready-fd",
       .value = "NUMBER",
       .group = kMore,
       .help = "write a line to this file descriptor once the subscription holds",
       .set = cli::set_number(options.ready_fd, {"file descriptor", 0, 65'535})},
      {.name = "debug",
       .letter = 'd',
       .group = kMore,
       .help = "tell on stderr what is sent and received",
       .set = cli::set_flag(options.debug)},
      {.name = "quiet",
       .group = kMore,
       .help = "no messages on stderr about what goes wrong; the exit code tells",
       .set = cli::set_flag(options.quiet)},
  };
}

Complaint check(Options& options) {
  const std::string& url_topic = options.connection.url_topic;
  if (!url_topic.empty()) {
    const std::vector<std::string> words = {url_topic};
    Complaint complaint = add_filter(options.topics)(words);
    if (!complaint.empty()) return "-L: " + complaint;
  }
  if (options.topics.empty() && options.unsubscribe.empty())
    return "-t: give a topic to subscribe to";
  if (options.hide_retained && options.retained_only)
    return "-R and --retained-only exclude each other";
  if (Complaint complaint = check_output(options); !complaint.empty()) return complaint;
  if (options.ready_fd && ::fcntl(static_cast<int>(*options.ready_fd), F_GETFD) < 0) {
    return "--ready-fd: this file descriptor is not open";
  }
  return cli::check(options.connection);
}

std::vector<Option> option_rows(Options& options) {
  std::vector<Option> table = cli::broker_rows(options.connection);
  cli::append(table, filter_rows(options));
  cli::append(table, retained_rows(options));
  cli::append(table, output_rows(options));
  cli::append(table, end_rows(options));
  cli::append(table, cli::session_rows(options.connection));
  cli::append(table, cli::will_rows(options.connection));
  cli::append(table, cli::retry_rows(options.connection));
  cli::append(table, more_rows(options));
  return table;
}

}  // namespace

cli::Tool describe(Options& options) {
  cli::Tool tool{
      .name = "mq-sub",
      .summary = "print the messages of MQTT topics",
      .synopsis = {"[-h HOST] -t FILTER [-v]", "[-h HOST] -c -i ID [-t FILTER] [-U FILTER] -E"},
      .description =
          "mq-sub subscribes to topics of an MQTT broker and prints what arrives, one line a "
          "message, until it is told to end: by a signal, by -C, -W or -E, or because nobody "
          "reads its output any more.\n\n"
          "With --exec a command gets each message instead, with --watch and --tree a live screen "
          "shows the last one of each topic, and --record keeps them in a file for mq-pub "
          "--replay.\n\n"
          "On a terminal control characters and invalid UTF-8 in messages are shown as \\x1b and "
          "the like; into files and pipes, and with --raw, messages go as they are.\n\n"
          "QoS 1 and 2 messages are acknowledged only once they have been written. A connection "
          "that is lost is taken up again, with pauses that grow.",
      .options = option_rows(options),
      .exit_codes = {{"0", "all went well; also a signal to end, and a reader of stdout that went"},
                     {"1",
                      "bad options, the broker could not be reached, a command of --exec failed"},
                     {"1..5, 128..162", "the broker refused the connection: its code"},
                     {"7", "the connection was lost and may not be retried"},
                     {"14", "the peer does not speak MQTT"},
                     {"27", "the time was over (-W, --idle-timeout, --connect-timeout)"},
                     {"74", "stdout could not be written"},
                     {"128..162", "the broker refused the subscriptions or ended the connection"}},
      .examples = {{"mq-sub -h broker -t 'Maison/Capteurs/#' -v", "Watch the sensors of a house."},
                   {"mq-sub -t status -C 1 -W 5", "Wait up to five seconds for one message."},
                   {"mq-sub -t '#' -F '%I %t %x'", "Times, topics and payloads in hexadecimal."},
                   {"mq-sub -t 'sensors/+' -v --field temperature",
                    "One member of each JSON payload."},
                   {"mq-sub -t jobs -q 1 -c -i worker --exec ./work --jobs 4",
                    "Run a command for each message, four at a time."},
                   {"mq-sub -t '#' --watch", "Keep an eye on everything."}},
      .see_also = {"mq-pub(1)", "mq-broker-lite(1)", "mq-bench(1)"},
      .check = [&options] { return check(options); },
  };
  cli::use_presets(tool);
  return tool;
}

}  // namespace mq_sub
