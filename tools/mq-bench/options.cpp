#include "tools/mq-bench/options.hpp"

#include <fmt/format.h>

#include <array>
#include <limits>
#include <utility>

#include "libmqtt/codec/topic.hpp"
#include "tools/common/connection_rows.hpp"
#include "tools/common/setters.hpp"
#include "tools/common/terminal.hpp"
#include "tools/mq-bench/payload.hpp"
#include "tools/mq-bench/units.hpp"

namespace mq_bench {
namespace {

using cli::Complaint;
using cli::Option;
using cli::Setter;
using cli::Words;

constexpr std::string_view kLoad = "Load";
constexpr std::string_view kTime = "Time";
constexpr std::string_view kReport = "Result";

constexpr std::array kModes{Mode::pair, Mode::pub, Mode::sub, Mode::conn};
constexpr std::uint32_t kMostClients = 1'000'000;
constexpr std::uint64_t kMostPayload = 268'000'000;

constexpr unsigned bit(Mode mode) { return 1U << static_cast<unsigned>(mode); }
constexpr unsigned kPublishing = bit(Mode::pair) | bit(Mode::pub);
constexpr unsigned kSubscribing = bit(Mode::pair) | bit(Mode::sub);
constexpr unsigned kMessaging = kPublishing | bit(Mode::sub);
constexpr unsigned kRated = kPublishing | bit(Mode::conn);
constexpr unsigned kAll = kMessaging | bit(Mode::conn);

Setter set_duration(mqtt::Duration& target, cli::Zero zero) {
  return [&target, zero](Words words) -> Complaint {
    const auto duration = parse_duration(words[0]);
    if (!duration) return duration.error();
    if (*duration == mqtt::Duration::zero() && zero == cli::Zero::refused)
      return cli::is_not(words[0], "duration above 0");
    target = *duration;
    return {};
  };
}

Setter set_rate(std::optional<Rate>& target) {
  return [&target](Words words) -> Complaint {
    const auto rate = parse_rate(words[0]);
    if (!rate) return rate.error();
    target = *rate;
    return {};
  };
}

Complaint set_size(std::size_t& target, const std::string& word) {
  const auto size = cli::parse_number(word, {"payload size in bytes", 0, kMostPayload});
  if (!size) return size.error();
  if (*size < PayloadHeader::kSize) {
    return fmt::format("{} bytes cannot hold the {} bytes of sequence number and time", *size,
                       PayloadHeader::kSize);
  }
  target = static_cast<std::size_t>(*size);
  return {};
}

/// Collects rows, each with the subcommands it applies to; a row remembers that it was given.
class Table {
 public:
  explicit Table(Options& options) : options_(options) {}

  void add(unsigned modes, Option row) {
    row.set = [&given = options_.given, modes, flag = row.flag(),
               set = std::move(row.set)](Words words) {
      given.push_back({flag, modes});
      return set(words);
    };
    rows.push_back(std::move(row));
  }

  std::vector<Option> rows;

 private:
  Options& options_;
};

void add_connection_rows(Table& table, Options& options) {
  for (Option& row : cli::broker_rows(options.connection)) {
    // Where the shared text speaks of flags that are not here.
    if (row.name == "url") row.man = "The topic in it is used as by -t.";
    if (row.name == "protocol-version") row.man = "Also written 31, 311, 4, 5.0.";
    table.add(kAll, std::move(row));
  }
  table.add(kAll, {.name = "id-prefix",
                   .letter = 'i',
                   .value = "PREFIX",
                   .group = "Broker",
                   .help = "what all client ids begin with",
                   .default_text = "mqb-RUN",
                   .set = cli::set_text(options.id_prefix)});
}

void add_rate_rows(Table& table, Options& options) {
  table.add(kAll,
            {.name = "clients",
             .letter = 'c',
             .value = "COUNT",
             .group = kLoad,
             .help = "clients; in pair, pairs of a publisher and a subscriber",
             .default_text = "1",
             .set = cli::set_number(options.clients, {"number of clients", 1, kMostClients})});
  table.add(
      kRated,
      {.name = "rate",
       .value = "RATE",
       .group = kLoad,
       .help = "messages of all clients together, like 20000/s; in conn, connections",
       .man = "Per second (/s), minute (/m) or hour (/h). The schedule is open-loop: a message is "
              "due at its time whatever became of those before it.",
       .default_text = "1/s a client; in conn 100/s",
       .set = set_rate(options.rate)});
  table.add(kPublishing, {.name = "rate-per-client",
                          .letter = 'r',
                          .value = "RATE",
                          .group = kLoad,
                          .help = "messages of each client, like 10/s (pair, pub)",
                          .set = set_rate(options.rate_per_client)});
}

void add_message_rows(Table& table, Options& options) {
  table.add(kMessaging, {.name = "qos",
                         .letter = 'q',
                         .value = "QOS",
                         .group = kLoad,
                         .help = "QoS of messages and subscriptions",
                         .default_text = "0",
                         .set = cli::set_number(options.qos, {"QoS", 0, 2}),
                         .choices = {"0", "1", "2"}});
  table.add(kPublishing,
            {.name = "size",
             .letter = 's',
             .value = "BYTES",
             .group = kLoad,
             .help = "payload size, 16 or more (pair, pub)",
             .default_text = "128",
             .set = [&options](Words words) { return set_size(options.size, words[0]); }});
  table.add(kMessaging, {.name = "topic",
                         .letter = 't',
                         .value = "TOPIC",
                         .group = kLoad,
                         .help = "topic, in sub a filter; %i is the client's number",
                         .default_text = "mq-bench/RUN/%i; sub needs one",
                         .set = cli::set_text(options.topic)});
  table.add(
      kPublishing,
      {.name = "inflight",
       .value = "COUNT",
       .group = kLoad,
       .help = "most unanswered QoS 1 and 2 messages a client, or \"broker\" (pair, pub)",
       .man = "\"broker\": as many as the broker's Receive Maximum allows. Messages that wait for "
              "room wait in the backlog, and their latency runs.",
       .default_text = "broker",
       .set = [&options](Words words) -> Complaint {
         options.maximum_in_flight = 65'535;
         if (words[0] == "broker") return {};
         return cli::set_number(options.maximum_in_flight,
                                {"number of messages", 1, 65'535})(words);
       }});
  table.add(
      kPublishing,
      {.name = "max-backlog",
       .value = "COUNT",
       .group = kLoad,
       .help =
           "most messages a client holds unsent; those above are skipped and counted (pair, pub)",
       .default_text = "10000",
       .set = cli::set_number(options.maximum_backlog, {"number of messages", 1, 100'000'000})});
}

void add_time_rows(Table& table, Options& options) {
  using cli::Zero;
  table.add(kPublishing, {.name = "warmup",
                          .value = "TIME",
                          .group = kTime,
                          .help = "load before the measurement, like 5s or 500ms (pair, pub)",
                          .default_text = "5s",
                          .set = set_duration(options.warmup, Zero::allowed)});
  table.add(kMessaging, {.name = "duration",
                         .value = "TIME",
                         .group = kTime,
                         .help = "length of the measurement (pair, pub, sub)",
                         .default_text = "30s",
                         .set = set_duration(options.duration, Zero::refused)});
  table.add(kMessaging,
            {.name = "drain",
             .value = "TIME",
             .group = kTime,
             .help = "longest wait for messages and answers still under way (pair, pub, sub)",
             .default_text = "5s",
             .set = set_duration(options.drain, Zero::allowed)});
  table.add(bit(Mode::conn), {.name = "hold",
                              .value = "TIME",
                              .group = kTime,
                              .help = "how long the connections are kept once all stand (conn)",
                              .default_text = "30s",
                              .set = set_duration(options.hold, Zero::allowed)});
}

void add_file_rows(Table& table, Options& options) {
  table.add(kAll,
            {.name = "json",
             .value = "FILE",
             .group = kReport,
             .help = "write the result as JSON; - is stdout, and the text then goes to stderr",
             .set = cli::set_text(options.json_file),
             .hint = Option::Hint::file});
  table.add(kAll, {.name = "junit",
                   .value = "FILE",
                   .group = kReport,
                   .help = "write the assertions as JUnit's XML, for a CI server",
                   .set = cli::set_text(options.junit_file),
                   .hint = Option::Hint::file});
  table.add(kAll, {.name = "markdown",
                   .value = "FILE",
                   .group = kReport,
                   .help = "append the result as Markdown, as to $GITHUB_STEP_SUMMARY",
                   .set = cli::set_text(options.markdown_file),
                   .hint = Option::Hint::file});
  table.add(kAll, {.name = "hdr",
                   .value = "FILE",
                   .group = kReport,
                   .help = "write all histograms as a log for HdrHistogram's tools",
                   .set = cli::set_text(options.hdr_file),
                   .hint = Option::Hint::file});
}

void add_report_rows(Table& table, Options& options) {
  table.add(
      kMessaging,
      {.name = "run-id",
       .value = "ID",
       .group = kReport,
       .help = "name of the run; sub and pub under one name on one machine give end-to-end latency",
       .default_text = "random",
       .set = cli::set_text(options.run_id)});
  table.add(
      kAll,
      {.name = "assert",
       .value = "CONDITION",
       .group = kReport,
       .help = "what the result must satisfy, like e2e.p99<50ms or loss<=0.1%; repeatable",
       .man = "Given once or more, it takes the place of the default assertions. Times: e2e, "
              "ack, send_lag, own_lag, tcp, connack, connect_total, suback, each with .p99 (any "
              "percentile), .min, .max, .mean or .n; e2e counts lost messages as infinitely "
              "late, e2e.delivered does not. Figures: loss, dup, ooo (also in % of those "
              "expected), nacked, unacked, connected, held, reconnects, mem.rss, rate.target, "
              "rate.offered, rate.sent, rate.recv, rate.expected, as in "
              "rate.recv>=0.99*rate.expected. Without data, or with too few samples, an "
              "assertion fails.",
       .set = [&options](Words words) -> Complaint {
         auto condition = Condition::parse(words[0]);
         if (!condition) return condition.error();
         options.conditions.push_back(std::move(*condition));
         return {};
       }});
  table.add(kAll, {.name = "allow-limited",
                   .group = kReport,
                   .help = "a run in which the generator was at its limit still counts as valid",
                   .set = cli::set_flag(options.allow_limited)});
  table.add(kAll,
            {.name = "no-default-asserts",
             .group = kReport,
             .help = "loss, QoS 2 duplicates and clients that never connected do not fail the run",
             .set = cli::set_flag(options.default_asserts, false)});
}

Complaint set_mode(Options& options, const std::string& word) {
  if (options.mode)
    return fmt::format("unexpected word {}: {} is the subcommand", cli::quoted(word),
                       name(*options.mode));
  for (const Mode mode : kModes) {
    if (word == name(mode)) options.mode = mode;
  }
  return options.mode
             ? Complaint()
             : fmt::format("{} is not a subcommand (pair, pub, sub, conn)", cli::quoted(word));
}

/// The last client's topic is the longest, so it stands for all of them.
Complaint check_topic(const Options& options) {
  const bool is_filter = *options.mode == Mode::sub;
  if (!options.topic) return is_filter ? "sub: needs a filter (-t)" : Complaint();
  const std::string topic = expand(*options.topic, options.clients - 1);
  const bool is_valid =
      is_filter ? mqtt::is_valid_topic_filter(topic) : mqtt::is_valid_topic_name(topic);
  if (!is_valid)
    return "-t: " + cli::is_not(*options.topic, is_filter ? "topic filter" : "topic to publish to");
  if (*options.mode == Mode::pair && options.clients > 1 && !options.topic->contains("%i")) {
    return "-t: with more than one pair the topic needs %i, so that each pair has its own";
  }
  return {};
}

Complaint check(Options& options) {
  if (!options.mode) return "no subcommand: pair, pub, sub or conn";
  for (const auto& [flag, modes] : options.given) {
    if ((modes & bit(*options.mode)) == 0)
      return fmt::format("{}: has no meaning for {}", flag, name(*options.mode));
  }
  if (options.rate && options.rate_per_client) return "--rate and -r exclude each other";
  // The schedule multiplies the two.
  const auto period = options.total_rate().period.count();
  if (period > std::numeric_limits<std::int64_t>::max() / options.clients)
    return "the rate is too low for so many clients";
  if (!options.topic && !options.connection.url_topic.empty())
    options.topic = options.connection.url_topic;
  const Complaint complaint = check_topic(options);
  return complaint.empty() ? cli::check(options.connection) : complaint;
}

}  // namespace

Rate Options::total_rate() const {
  if (rate) return *rate;
  if (*mode == Mode::conn) return {100, mqtt::Seconds(1)};
  Rate total = rate_per_client.value_or(Rate{});
  total.count *= clients;
  return total;
}

std::string expand(std::string_view pattern, std::uint32_t index) {
  std::string text(pattern);
  for (std::size_t at = text.find("%i"); at != std::string::npos; at = text.find("%i", at)) {
    text.replace(at, 2, std::to_string(index));
  }
  return text;
}

cli::Tool describe(Options& options) {
  Table table(options);
  add_connection_rows(table, options);
  add_rate_rows(table, options);
  add_message_rows(table, options);
  add_time_rows(table, options);
  add_file_rows(table, options);
  add_report_rows(table, options);
  return {
      .name = "mq-bench",
      .summary = "load-test an MQTT broker",
      .synopsis = {"pair [-c COUNT] [--rate RATE] [-q QOS] [OPTION]...",
                   "pub [-c COUNT] [-r RATE] [-t TOPIC] [OPTION]...",
                   "sub [-c COUNT] -t FILTER [OPTION]...",
                   "conn [-c COUNT] [--rate RATE] [--hold TIME] [OPTION]..."},
      .description =
          "mq-bench pair sends messages from publishers to subscribers of its own and accounts for "
          "each of them; pub "
          "only sends, sub only receives, conn opens connections and holds them.\n\n"
          "Messages are due at fixed times, whatever became of those before them, and latency "
          "counts from the time a "
          "message was due: a broker that stalls cannot hide it by slowing the sender down. Lost "
          "messages count as "
          "infinitely late. A percentile is printed when at least ten samples lie above it. A run "
          "in which the load "
          "generator itself was the bottleneck, or whose books do not balance, declares itself "
          "invalid.",
      .options = std::move(table.rows),
      .exit_codes = {{"0", "The run was valid and all assertions passed."},
                     {"2", "Usage error, or a file or limit that makes the run impossible."},
                     {"3", "No client ever connected."},
                     {"4", "The broker was lost and not regained; the result is partial."},
                     {"5",
                      "The run was invalid: generator at its limit, or books that do not balance."},
                     {"99",
                      "An assertion failed: messages lost at QoS 1 or 2, duplicates at QoS 2, or "
                      "clients that did not connect."},
                     {"130, 143", "Interrupted by SIGINT or SIGTERM; the result is partial."}},
      .examples = {{"mq-bench pair -c 10 --rate 20000/s -q 1 --duration 10s",
                    "Ten pairs, 20000 messages a second in total."},
                   {"mq-bench conn -c 5000 --rate 1000/s --hold 1m",
                    "Open 5000 connections in five seconds and keep them for a minute."}},
      .see_also = {"mq-pub(1)", "mq-sub(1)", "mq-broker-lite(1)"},
      .usage_exit_code = 2,
      .set_positional = [&options](const std::string& word) { return set_mode(options, word); },
      .positional_choices = {"pair", "pub", "sub", "conn"},
      .check = [&options] { return check(options); },
  };
}

}  // namespace mq_bench
