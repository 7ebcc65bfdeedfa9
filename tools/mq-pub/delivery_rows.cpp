#include "tools/mq-pub/delivery_rows.hpp"

#include "tools/common/connection_rows.hpp"
#include "tools/common/setters.hpp"

namespace mq_pub {
namespace {

using cli::Complaint;
using cli::Option;
using cli::Words;

constexpr std::string_view kReply = "Request and reply";
constexpr std::string_view kSpool = "Spool";
constexpr std::string_view kRun = "Running";

Complaint set_reply_topic(Options& options, const std::string& word) {
  Complaint complaint = cli::check_topic_word(word);
  if (!complaint.empty()) return complaint;
  options.reply_topic = word;
  options.reply = true;
  return {};
}

std::vector<Option> reply_rows(Options& options) {
  return {
      {.name = "reply",
       .group = kReply,
       .help = "the message is a request: wait for the reply and print it; implies -V 5",
       .man =
           "A response topic of its own and correlation data go with the message (-D publish "
           "response-topic and correlation-data give others), and the subscription stands "
           "before it is sent. The first message there with the same correlation data is "
           "printed, as mq-sub would print it. It may take 30 seconds, or as long as -W says; exit "
           "code 27 without a reply.",
       .set = cli::set_flag(options.reply)},
      {.name = "response-topic",
       .letter = 'e',
       .value = "TOPIC",
       .group = kReply,
       .help = "topic for the reply instead of one made up; implies --reply",
       .set = [&options](Words words) { return set_reply_topic(options, words[0]); }},
      {.name = "latency",
       .group = kReply,
       .help = "print in a line of its own how long the reply took",
       .set = cli::set_flag(options.latency)},
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

bool has_response_topic(const Options& options) {
  using mqtt::PropertyPlace;
  return options.connection.properties.has(PropertyPlace::publish,
                                           mqtt::PropertyId::response_topic);
}

Complaint check_reply(Options& options) {
  if (!options.reply) {
    if (options.latency) return "--latency: needs --reply";
    if (options.print.is_any_form()) return "-v, -F, --json and --field: need --reply";
    return {};
  }
  using mqtt::Version;
  const bool is_one = options.source != Source::lines && options.source != Source::recording &&
                      options.topics.size() == 1 && options.repeat == 1;
  if (!is_one) return "--reply: needs one message to one topic";
  if (options.reply_topic && has_response_topic(options)) {
    return "-e and -D publish response-topic exclude each other";
  }
  if (options.spool) return "--reply and --spool exclude each other";
  if (options.connection.version.value_or(Version::v5_0) != Version::v5_0) {
    return "--reply: needs -V 5";
  }
  options.connection.version = Version::v5_0;
  return cli::check(options.print);
}

}  // namespace

std::vector<Option> delivery_rows(Options& options) {
  std::vector<Option> rows = reply_rows(options);
  cli::append(rows, cli::print_rows(options.print, kReply));
  cli::append(rows, spool_rows(options));
  return rows;
}

std::vector<Option> running_rows(Options& options) {
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

Complaint check_delivery(Options& options) {
  if (options.spool && options.repeat_delay > mqtt::Duration::zero()) {
    return "--spool and --repeat-delay exclude each other";
  }
  return check_reply(options);
}

}  // namespace mq_pub
