#include "tools/mq-pub/message_rows.hpp"

#include "tools/common/connection_rows.hpp"
#include "tools/common/setters.hpp"

namespace mq_pub {
namespace {

using cli::Complaint;
using cli::Option;
using cli::Words;

constexpr std::string_view kMessage = "Message";
constexpr std::string_view kLines = "Lines";
constexpr std::string_view kReplay = "Replay";
constexpr std::string_view kOneSource =
    "-m, -f, -l, --jsonl, --replay, -s and -n exclude each other";

/// Chooses a source; `field` takes the value of the flag, if it has one.
cli::Setter set_source(Options& options, Source source, std::string* field = nullptr) {
  return [&options, source, field](Words words) -> Complaint {
    if (options.source != Source::none && options.source != source) return std::string(kOneSource);
    options.source = source;
    if (field != nullptr) *field = words[0];
    return {};
  };
}

std::vector<Option> source_rows(Options& options) {
  return {
      {.name = "topic",
       .letter = 't',
       .value = "TOPIC",
       .group = kMessage,
       .help = "topic to publish to; several are published to one after the other",
       .set = [&options](Words words) { return add_topic(options.topics, words[0]); }},
      {.name = "message",
       .letter = 'm',
       .value = "TEXT",
       .group = kMessage,
       .help = "the payload; '' for an empty one",
       .set = set_source(options, Source::text, &options.text)},
      {.name = "file",
       .letter = 'f',
       .value = "FILE",
       .group = kMessage,
       .help = "the payload is what this file holds",
       .set = set_source(options, Source::file, &options.file),
       .hint = Option::Hint::file},
      {.name = "stdin-line",
       .letter = 'l',
       .group = kMessage,
       .help = "every line of standard input is a message",
       .man = "The line feed is not part of it; an empty line is an empty message; a last line "
              "without line feed is sent. While the connection is lost, lines are queued in order "
              "(see --max-queue) and sent once it is back.",
       .set = set_source(options, Source::lines)},
      {.name = "jsonl",
       .group = kMessage,
       .help = "every line of standard input is a JSON object that describes a message",
       .man =
           "Its members: topic (without it the message goes to each -t), payload (a string; null "
           "is an empty payload, any other value stands for its own JSON text) or "
           "payload_base64, qos, retain, and properties, named as by -D; user-properties is an "
           "array of objects. What a line does not say is as on the command line. mq-sub --json "
           "prints such lines. A line that is wrong is named by its number, the others are sent; "
           "the exit code is then 4.",
       .set =
           [&options](Words words) {
             options.jsonl = true;
             return set_source(options, Source::lines)(words);
           }},
      {.name = "stdin-file",
       .letter = 's',
       .group = kMessage,
       .help = "the payload is all of standard input",
       .set = set_source(options, Source::whole_stdin)},
      {.name = "null-message",
       .letter = 'n',
       .group = kMessage,
       .help = "an empty payload; with -r it removes the retained message",
       .set = set_source(options, Source::empty)},
  };
}

std::vector<Option> delivery_rows(Options& options) {
  return {
      {.name = "qos",
       .letter = 'q',
       .value = "QOS",
       .group = kMessage,
       .help = "quality of service: 0, 1 or 2",
       .default_text = "0",
       .set = cli::set_number(options.qos, {"QoS", 0, 2}),
       .choices = {"0", "1", "2"}},
      {.name = "retain",
       .letter = 'r',
       .group = kMessage,
       .help = "the broker keeps the message for later subscribers",
       .set = cli::set_flag(options.retain)},
      {.name = "repeat",
       .value = "COUNT",
       .group = kMessage,
       .help = "publish it this many times; has no effect with -l",
       .default_text = "1",
       .set = cli::set_number(options.repeat, {"number of times", 1, 4'294'967'295})},
      {.name = "repeat-delay",
       .value = "SECONDS",
       .group = kMessage,
       .help = "pause between a delivery and the next repetition",
       .default_text = "0",
       .set = cli::set_seconds(options.repeat_delay, cli::Zero::allowed)},
  };
}

std::vector<Option> line_rows(Options& options) {
  return {
      {.name = "zero",
       .letter = '0',
       .group = kLines,
       .help = "lines end with a NUL byte instead of a line feed",
       .set = [&options](Words) -> Complaint {
         options.line_end = '\0';
         return {};
       }},
      {.name = "skip-empty",
       .group = kLines,
       .help = "send nothing for an empty line",
       .set = cli::set_flag(options.skip_empty)},
      {.name = "topic-separator",
       .value = "TEXT",
       .group = kLines,
       .help = "each line begins with its topic, up to the first TEXT; replaces -t",
       .set = [&options](Words words) -> Complaint {
         if (words[0].empty()) return "the separator is empty";
         options.topic_separator = words[0];
         return {};
       }},
      {.name = "max-queue",
       .value = "COUNT",
       .group = kLines,
       .help = "most lines that wait to be sent; beyond, standard input is not read further",
       .default_text = "10000",
       .set = cli::set_number(options.maximum_queue, {"number of lines", 1, 10'000'000})},
  };
}

Complaint set_speed(double& target, std::string_view word) {
  const auto factor = cli::parse_seconds(word);
  if (!factor) return cli::is_not(word, "speed, like 2 or 0.5");
  target = std::chrono::duration<double>(*factor).count();
  return {};
}

std::vector<Option> replay_rows(Options& options) {
  return {
      {.name = "replay",
       .value = "FILE",
       .group = kReplay,
       .help = "publish what mq-sub --record has written, as far apart as it came",
       .man = "Topic, payload, QoS, retain flag and, with -V 5, properties are as recorded. A line "
              "that is wrong is named, the others are sent; the exit code is then 4.",
       .set = set_source(options, Source::recording, &options.file),
       .hint = Option::Hint::file},
      {.name = "speed",
       .value = "FACTOR",
       .group = kReplay,
       .help = "how much faster (2) or slower (0.5) than recorded; 0 for no pauses at all",
       .default_text = "1",
       .set = [&options](Words words) { return set_speed(options.speed, words[0]); }},
  };
}

Complaint check_lines(const Options& options) {
  if (options.jsonl && options.topic_separator) {
    return "--jsonl and --topic-separator exclude each other";
  }
  if (options.source == Source::lines) return {};
  if (options.line_end != '\n') return "-0: needs -l or --jsonl";
  if (options.skip_empty) return "--skip-empty: needs -l or --jsonl";
  if (options.topic_separator) return "--topic-separator: needs -l";
  return {};
}

}  // namespace

Complaint add_topic(std::vector<std::string>& topics, const std::string& word) {
  Complaint complaint = cli::check_topic_word(word);
  if (complaint.empty()) topics.push_back(word);
  return complaint;
}

std::vector<Option> message_rows(Options& options) {
  std::vector<Option> rows = source_rows(options);
  cli::append(rows, delivery_rows(options));
  cli::append(rows, line_rows(options));
  cli::append(rows, replay_rows(options));
  return rows;
}

Complaint check_message(const Options& options) {
  if (options.source == Source::none)
    return "nothing to publish: give -m, -f, -l, --jsonl, --replay, -s or -n";
  if (Complaint complaint = check_lines(options); !complaint.empty()) return complaint;
  if (options.topic_separator && !options.topics.empty()) {
    return "-t and --topic-separator exclude each other";
  }
  const bool is_replay = options.source == Source::recording;
  if (is_replay && !options.topics.empty()) return "-t and --replay exclude each other";
  if (options.speed != 1 && !is_replay) return "--speed: needs --replay";
  const bool has_own_topics = is_replay || options.topic_separator || options.jsonl;
  if (options.topics.empty() && !has_own_topics) return "no topic: give -t";
  return {};
}

}  // namespace mq_pub
