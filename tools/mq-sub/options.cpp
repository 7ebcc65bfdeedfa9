#include "tools/mq-sub/options.hpp"

#include <fcntl.h>

#include <algorithm>
#include <utility>

#include "libmqtt/codec/topic.hpp"
#include "tools/common/connection_rows.hpp"
#include "tools/common/setters.hpp"

namespace mq_sub {
namespace {

using cli::Complaint;
using cli::Option;
using cli::Words;

constexpr std::string_view kSubscription = "Subscription";
constexpr std::string_view kOutput = "Output";
constexpr std::string_view kEnd = "When to end";
constexpr std::string_view kMore = "More";

/// What brokers commonly send ahead of acknowledgements: for a -C below this the window is lowered.
constexpr std::uint64_t kUsualWindow = 20;

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

Complaint set_format(std::optional<std::string>& target, const std::string& text) {
  const auto format = OutputFormat::parse(text, "");
  if (!format) return format.error();
  target = text;
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
       .set = add_filter(options.topics)},
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
       .set = add_filter(options.filter_out)},
      {.name = "unsubscribe",
       .letter = 'U',
       .value = "FILTER",
       .group = kSubscription,
       .help = "take a filter out of a kept session; repeatable",
       .set = add_filter(options.unsubscribe)},
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
      {.name = "idle-timeout",
       .value = "SECONDS",
       .group = kSubscription,
       .help = "with --retained-only: how long to wait for the next message",
       .default_text = "1",
       .set = cli::set_seconds(options.idle_timeout)},
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

std::vector<Option> output_rows(Options& options) {
  return {
      {.name = "verbose",
       .letter = 'v',
       .group = kOutput,
       .help = "print the topic in front of the payload",
       .set = cli::set_flag(options.verbose)},
      {.name = "format",
       .letter = 'F',
       .value = "FORMAT",
       .group = kOutput,
       .help = "print each message by this template: %t topic, %p payload, %j JSON, ...",
       .man =
           "%t topic, %p payload, %x and %X payload in hexadecimal, %l its length, %q QoS, %r "
           "retain "
           "flag, %m packet id, %j the whole message as a JSON object, %I local time by ISO 8601, "
           "%U "
           "seconds since 1970 with nanoseconds, %% a percent sign; of MQTT 5.0 %A topic alias, %C "
           "content type, %D correlation data, %E message expiry, %F payload format, %P user "
           "properties, %R response topic, %S subscription identifier. Between % and the letter "
           "may stand - (left-aligned), 0 (fill with zeros), a width, a point and a precision, and "
           "for %x a character that separates groups of so many digits: %.2:x. @ and a letter is "
           "strftime(3)'s conversion, @N nanoseconds, @@ an at sign. \\\\ \\0 \\a \\e \\n \\r \\t "
           "\\v stand for one character.",
       .set = [&options](Words words) { return set_format(options.format, words[0]); }},
      {.name = "no-newline",
       .letter = 'N',
       .group = kOutput,
       .help = "print no line feed after a message",
       .set = cli::set_flag(options.no_newline)},
      {.name = "raw",
       .group = kOutput,
       .help = "show control characters and invalid UTF-8 as they are on a terminal too",
       .set = cli::set_flag(options.raw)},
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
      {.name = "ok-on-timeout",
       .group = kEnd,
       .help = "exit code 0 when the time of -W is over",
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

/// Asked to stop after a few messages, a 5.0 broker should not send more than those ahead of their
/// acknowledgements.
mqtt::Properties connect_properties(const Options& options, const mqtt::Properties& given) {
  const bool is_bounded = options.count && *options.count < kUsualWindow &&
                          options.connection.effective_version() == mqtt::Version::v5_0;
  if (!is_bounded || given.find(mqtt::property::receive_maximum)) return given;
  return mqtt::PropertiesBuilder()
      .add(given)
      .add(mqtt::property::receive_maximum, static_cast<std::uint16_t>(*options.count))
      .build();
}

}  // namespace

cli::Tool describe(Options& options) {
  return {
      .name = "mq-sub",
      .summary = "print the messages of MQTT topics",
      .synopsis = {"[-h HOST] -t FILTER [-v]", "[-h HOST] -c -i ID [-t FILTER] [-U FILTER] -E"},
      .description =
          "mq-sub subscribes to topics of an MQTT broker and prints what arrives, one line a "
          "message, until it is told to end: by a signal, by -C, -W or -E, or because nobody "
          "reads its output any more.\n\n"
          "On a terminal control characters and invalid UTF-8 in messages are shown as \\x1b and "
          "the like; into files and pipes, and with --raw, messages go as they are.\n\n"
          "QoS 1 and 2 messages are acknowledged only once they have been written. A connection "
          "that is lost is taken up again, with pauses that grow.",
      .options = option_rows(options),
      .exit_codes = {{"0", "all went well; also a signal to end, and a reader of stdout that went"},
                     {"1", "bad options, or the broker could not be reached"},
                     {"1..5, 128..162", "the broker refused the connection: its code"},
                     {"7", "the connection was lost and may not be retried"},
                     {"14", "the peer does not speak MQTT"},
                     {"27", "the time was over (-W, --connect-timeout)"},
                     {"74", "stdout could not be written"},
                     {"128..162", "the broker refused the subscriptions or ended the connection"}},
      .examples = {{"mq-sub -h broker -t 'Maison/Capteurs/#' -v", "Watch the sensors of a house."},
                   {"mq-sub -t status -C 1 -W 5", "Wait up to five seconds for one message."},
                   {"mq-sub -t '#' -F '%I %t %x'", "Times, topics and payloads in hexadecimal."}},
      .see_also = {"mq-pub(1)", "mq-broker-lite(1)", "mq-bench(1)"},
      .check = [&options] { return check(options); },
  };
}

OutputFormat output_format(const Options& options) {
  const std::string_view end = options.no_newline ? "" : "\n";
  // The template has been parsed once already, by its setter.
  if (options.format) return *OutputFormat::parse(*options.format, end);
  return options.verbose ? OutputFormat::verbose(end) : OutputFormat::plain(end);
}

mqtt::client::ClientOptions client_options(const Options& options) {
  mqtt::client::ClientOptions client = cli::client_options(options.connection);
  client.session.manual_acknowledgement = true;
  mqtt::Properties& properties = client.session.connect.properties;
  properties = connect_properties(options, properties);
  return client;
}

mqtt::Subscribe subscribe_packet(const Options& options) {
  mqtt::SubscribeOptions wanted;
  wanted.qos = static_cast<mqtt::Qos>(options.qos);
  if (options.connection.effective_version() == mqtt::Version::v5_0) {
    wanted.retain_as_published = options.retain_as_published;
    const auto handling =
        options.hide_retained ? mqtt::RetainHandling::do_not_send : mqtt::RetainHandling::send;
    wanted.retain_handling = options.retain_handling.value_or(handling);
  }
  mqtt::Subscribe subscribe;
  for (const std::string& topic : options.topics) {
    subscribe.requests.push_back({mqtt::Bytes::copy(topic), wanted});
  }
  subscribe.properties = options.connection.properties.build(mqtt::PropertyPlace::subscribe);
  return subscribe;
}

mqtt::Unsubscribe unsubscribe_packet(const Options& options) {
  mqtt::Unsubscribe unsubscribe;
  for (const std::string& filter : options.unsubscribe) {
    unsubscribe.filters.push_back(mqtt::Bytes::copy(filter));
  }
  unsubscribe.properties = options.connection.properties.build(mqtt::PropertyPlace::unsubscribe);
  return unsubscribe;
}

}  // namespace mq_sub
