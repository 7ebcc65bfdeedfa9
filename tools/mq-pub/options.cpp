#include "tools/mq-pub/options.hpp"

#include <fmt/format.h>

#include "tools/common/connection_rows.hpp"
#include "tools/common/presets.hpp"
#include "tools/common/setters.hpp"

namespace mq_pub {
namespace {

using cli::Complaint;
using cli::Option;
using cli::Words;

constexpr std::string_view kMessage = "Message";
constexpr std::string_view kLines = "Lines";
constexpr std::string_view kReplay = "Replay";
constexpr std::string_view kSpool = "Spool";
constexpr std::string_view kRun = "Running";
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

Complaint add_topic(std::vector<std::string>& topics, const std::string& word) {
  Complaint complaint = cli::check_topic_name(word);
  if (complaint.empty()) topics.push_back(word);
  return complaint;
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

std::vector<Option> delivery_rows(Options& options) {
  return {
      {.name = "reply",
       .group = kMessage,
       .help = "the message is a request: wait for the reply and print it; implies -V 5",
       .man = "A response topic of its own and correlation data go with the message (-D publish "
              "response-topic and correlation-data give others), and the subscription stands "
              "before it is sent. The payload of the first message there with the same "
              "correlation data is printed. It may take 30 seconds, or as long as -W says; exit "
              "code 27 without a reply.",
       .set = cli::set_flag(options.reply)},
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

/// Bytes, or so many thousand, million or milliard of them.
Complaint set_size(std::uint64_t& target, std::string_view word) {
  constexpr std::string_view kUnits = "kMG";
  constexpr std::uint64_t kMost = 1'000'000'000;
  const std::size_t unit = word.empty() ? kUnits.npos : kUnits.find(word.back());
  const bool has_unit = unit != kUnits.npos;
  const auto number =
      cli::parse_number(word.substr(0, word.size() - (has_unit ? 1 : 0)), {"size", 1, kMost});
  if (!number) return cli::is_not(word, "size (bytes, or with k, M or G, like 10M)");
  target = *number;
  for (std::size_t i = 0; has_unit && i <= unit; ++i) target *= 1000;
  return {};
}

std::vector<Option> spool_rows(Options& options) {
  return {
      {.name = "spool",
       .value = "DIR",
       .group = kSpool,
       .help = "keep messages in this directory until they are delivered",
       .man = "Every message is on disk before it is sent, and leaves when the broker has "
              "acknowledged it (at QoS 0: when it has been written). When the broker cannot be "
              "reached the exit code is 0 and standard error tells how many messages are kept; the "
              "next run sends them first, in order. With -l the input is read to its end. Several "
              "runs may share a directory: one of them sends.",
       .set = cli::set_text(options.spool),
       .hint = Option::Hint::directory},
      {.name = "spool-max",
       .value = "SIZE",
       .group = kSpool,
       .help = "most bytes to keep, with k, M or G: 10M; a message beyond is refused (exit code 4)",
       .default_text = "100M",
       .set = [&options](Words words) { return set_size(options.spool_maximum, words[0]); }},
  };
}

std::vector<Option> run_rows(Options& options) {
  return {
      {.name = "timeout",
       .letter = 'W',
       .value = "SECONDS",
       .group = kRun,
       .help = "longest time for everything; exit code 27 when it is over",
       .man = "Lines may come as slowly as they like only without it.",
       .set = cli::set_seconds(options.timeout)},
      {.name = "debug",
       .letter = 'd',
       .group = kRun,
       .help = "tell on stderr what is sent and how the broker answers",
       .set = cli::set_flag(options.debug)},
      {.name = "quiet",
       .group = kRun,
       .help = "no messages about failures; the exit code tells",
       .set = cli::set_flag(options.quiet)},
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

Complaint check_reply(Options& options) {
  if (!options.reply) return {};
  using mqtt::Version;
  const bool is_one = options.source != Source::lines && options.source != Source::recording &&
                      options.topics.size() == 1 && options.repeat == 1;
  if (!is_one) return "--reply: needs one message to one topic";
  if (options.spool) return "--reply and --spool exclude each other";
  if (options.connection.version.value_or(Version::v5_0) != Version::v5_0) {
    return "--reply: needs -V 5";
  }
  options.connection.version = Version::v5_0;
  return {};
}

Complaint complete(Options& options) {
  if (options.topics.empty() && !options.connection.url_topic.empty()) {
    Complaint complaint = add_topic(options.topics, options.connection.url_topic);
    if (!complaint.empty()) return "-L: " + complaint;
  }
  if (options.source == Source::none)
    return "nothing to publish: give -m, -f, -l, --jsonl, --replay, -s or -n";
  if (Complaint complaint = check_lines(options); !complaint.empty()) return complaint;
  if (options.topic_separator && !options.topics.empty()) {
    return "-t and --topic-separator exclude each other";
  }
  if (options.spool && options.repeat_delay > mqtt::Duration::zero()) {
    return "--spool and --repeat-delay exclude each other";
  }
  const bool is_replay = options.source == Source::recording;
  if (is_replay && !options.topics.empty()) return "-t and --replay exclude each other";
  if (options.speed != 1 && !is_replay) return "--speed: needs --replay";
  const bool has_own_topics = is_replay || options.topic_separator || options.jsonl;
  if (options.topics.empty() && !has_own_topics) return "no topic: give -t";
  if (Complaint complaint = check_reply(options); !complaint.empty()) return complaint;
  return cli::check(options.connection);
}

void add_texts(cli::Tool& tool) {
  tool.synopsis = {"[-h HOST] [-p PORT] -t TOPIC {-m TEXT | -f FILE | -s | -n} [-q QOS] [-r]",
                   "[-h HOST] [-p PORT] -t TOPIC -l [-q QOS]", "[-h HOST] [-p PORT] --jsonl",
                   "-L mqtt://HOST/TOPIC -m TEXT"};
  tool.description =
      "mq-pub publishes one message, or one for every line of standard input, and exits. It takes "
      "the flags of mosquitto_pub.\n\n"
      "A flag may be written --port 1883, --port=1883, -p 1883 or -p1883; flags without value may "
      "stand together (-rd). A value may begin with a hyphen.\n\n"
      "A first connection that fails ends the program at once. A connection that is lost later is "
      "sought again (see --retry), and what had not been delivered is sent again, in order. At QoS "
      "0 a message counts as sent when the operating system has taken its last byte. A single "
      "message at which the connection is lost three times in a row is given up.\n\n"
      "An acknowledgement may take 30 seconds (else exit code 27; with -l, which waits so long "
      "only "
      "after the end of its input, 4), unless -W sets a bound on everything.\n\n"
      "SIGINT and SIGTERM stop the reading, give messages under way one second, and disconnect "
      "cleanly. With -l, standard error tells at the end how many lines were sent and lost, when "
      "any was lost or with -d.";
  tool.exit_codes = {
      {"0", "Everything was delivered, or is kept by --spool."},
      {"1", "Wrong usage, an unreadable file, or no connection to the broker (name, TCP)."},
      {"1..5, 128..162",
       "The broker refused the connection: its return code (before MQTT 5.0) or "
       "reason code."},
      {"128..162", "MQTT 5.0: the reason code of a refused message or of the broker's DISCONNECT."},
      {"4", "Messages were not delivered in the end."},
      {"7", "The connection was lost and not to be sought again."},
      {"14", "The peer does not speak MQTT."},
      {"27", "Timed out."},
      {"74", "Standard output could not be written (--reply)."},
      {"130, 143", "Ended by SIGINT or SIGTERM."}};
  tool.examples = {
      {"mq-pub -t Maison/Capteurs/Salon -m '21,5 °C'",
       "One message to the broker on this machine."},
      {"sensors | mq-pub -h broker -t house/sensors -l -q 1", "Each line, at least once."},
      {"mq-pub -h broker -t house/meter -m \"$value\" -q 1 --spool ~/.cache/meter",
       "From cron, over a link that is often down."},
      {"mq-pub -h broker -t house/door -r -n", "Remove the retained message."}};
  tool.see_also = {"mq-sub(1)", "mq-broker-lite(1)", "mq-bench(1)"};
}

}  // namespace

cli::Tool describe(Options& options) {
  cli::Tool tool;
  tool.name = "mq-pub";
  tool.summary = "publish messages to an MQTT broker";
  tool.options = source_rows(options);
  cli::append(tool.options, delivery_rows(options));
  cli::append(tool.options, line_rows(options));
  cli::append(tool.options, replay_rows(options));
  cli::append(tool.options, spool_rows(options));
  cli::append(tool.options, cli::broker_rows(options.connection));
  cli::append(tool.options, cli::session_rows(options.connection));
  cli::append(tool.options, cli::will_rows(options.connection));
  cli::append(tool.options, cli::retry_rows(options.connection));
  cli::append(tool.options, run_rows(options));
  tool.check = [&options] { return complete(options); };
  cli::use_presets(tool);
  add_texts(tool);
  return tool;
}

}  // namespace mq_pub
