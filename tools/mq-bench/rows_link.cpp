#include <fmt/format.h>

#include "tools/common/setters.hpp"
#include "tools/mq-bench/rows.hpp"
#include "tools/mq-bench/source_addresses.hpp"
#include "tools/mq-bench/units.hpp"

namespace mq_bench {
namespace {

using cli::Complaint;
using cli::Words;

constexpr mqtt::Duration kSecond = std::chrono::seconds(1);

Complaint set_sources(LinkOptions& link, std::string_view word) {
  auto addresses = parse_source_addresses(word);
  if (!addresses) return addresses.error();
  link.sources = std::move(*addresses);
  return {};
}

/// "1s..30s", "2s" for always the same, "off".
Complaint set_reconnect(LinkOptions& link, std::string_view word) {
  link.reconnects = word != "off";
  if (!link.reconnects) return {};
  const std::size_t dots = word.find("..");
  const auto first = parse_duration(word.substr(0, dots));
  const auto most = dots == std::string_view::npos ? first : parse_duration(word.substr(dots + 2));
  if (!first) return first.error();
  if (!most) return most.error();
  if (*first <= mqtt::Duration() || *most < *first)
    return cli::is_not(word, "pair of delays, the shorter first");
  link.reconnect_first = *first;
  link.reconnect_most = *most;
  return {};
}

Complaint set_session(LinkOptions& link, std::string_view word) {
  const auto duration = parse_duration(word);
  if (!duration) return duration.error();
  if (*duration % kSecond != mqtt::Duration())
    return cli::is_not(word, "session expiry in whole seconds");
  link.session = *duration;
  return {};
}

void add_session_rows(RowTable& table, LinkOptions& link) {
  table.add(kLoads,
            {.name = "session",
             .value = "TIME",
             .group = kBrokerGroup,
             .help = "the broker keeps each client's session for this long, like 1h",
             .man = "With -V 5 that is the Session Expiry Interval, up to 1193046h; before, "
                    "the session ends when the broker sees fit. What is published meanwhile "
                    "to a subscriber that is offline is owed to it, at QoS 1 and 2.",
             .default_text = "none",
             .set = [&link](Words words) { return set_session(link, words[0]); }});
  table.add(kLoads, {.name = "clean",
                     .group = kBrokerGroup,
                     .help = "no session outlives its connection; undoes --session",
                     .set = [&link](Words) -> Complaint {
                       link.session = {};
                       return {};
                     }});
}

void add_loop_row(RowTable& table, Options& options) {
  table.add(
      bit(Command::pair) | bit(Command::pub),
      {.name = "loop",
       .value = "KIND",
       .group = kLoadGroup,
       .help = "what makes a message due: open, the schedule, or closed, an answer (pair, pub)",
       .man = "In a closed loop each client has one message under way, or --inflight of them: "
              "a broker that stalls slows the load down, and hardly anything is late. What is "
              "measured is service time (e2e_service, ack_service), never e2e or ack. Beside it "
              "stands, as co=synthetic, what it would be with a sender that does not wait.",
       .default_text = "open",
       .set = cli::set_choice(
           options.is_closed_loop, "kind of loop (open, closed)",
           std::vector<std::pair<std::string_view, bool>>{{"open", false}, {"closed", true}}),
       .choices = {"open", "closed"}});
}

void add_interval_row(RowTable& table, Options& options) {
  table.add(bit(Command::pair) | bit(Command::pub),
            {.name = "expected-interval",
             .value = "TIME",
             .group = kLoadGroup,
             .help = "with --loop closed: how often a sender that does not wait would send",
             .man = "For co=synthetic only: of every service time that is longer, those are added "
                    "that messages sent meanwhile would have had (HdrHistogram's correction of "
                    "coordinated omission). An estimate, which no assertion may use.",
             .default_text = "the median service time",
             .set = set_duration(options.expected_interval, cli::Zero::refused)});
}

void add_echo_row(RowTable& table, Options& options) {
  table.add(
      bit(Command::pair),
      {.name = "mode",
       .value = "MODE",
       .group = kLoadGroup,
       .help = "where a message is timed: oneway, at the subscriber, or echo, back at its sender",
       .man = "With echo a third client of each pair subscribes to the topic and sends what comes "
              "back as it is, to TOPIC/echo. The sender times the round trip, from the time the "
              "message was due and with its own clock, as rtt, which is never halved; loss, "
              "duplicates and order are those of the whole way. There is no e2e then.",
       .default_text = "oneway",
       .set = cli::set_choice(
           options.is_echo, "mode (oneway, echo)",
           std::vector<std::pair<std::string_view, bool>>{{"oneway", false}, {"echo", true}}),
       .choices = {"oneway", "echo"}});
}

void add_publisher_rows(RowTable& table, LinkOptions& link) {
  table.add(kPublishing,
            {.name = "ack-timeout",
             .value = "TIME",
             .group = kTimeGroup,
             .help = "longest wait for an acknowledgement before a publisher connects anew",
             .man = "Counted from when the message was sent or, after a reconnect, from then. The "
                    "message is sent again; how often this happened is ack_timeouts. 0s: never.",
             .default_text = "10s",
             .set = set_duration(link.ack_timeout, cli::Zero::allowed)});
  table.add(kPublishing,
            {.name = "offline",
             .value = "WHAT",
             .group = kLoadGroup,
             .help = "what becomes of messages due while their client is offline: skip or queue",
             .man = "Skipped ones count as skipped_offline. Queued ones wait in the backlog, and "
                    "their latency runs.",
             .default_text = "skip",
             .set = cli::set_choice(
                 link.queues_offline, "choice (skip, queue)",
                 std::vector<std::pair<std::string_view, bool>>{{"skip", false}, {"queue", true}}),
             .choices = {"skip", "queue"}});
}

}  // namespace

void add_link_rows(RowTable& table, Options& options) {
  LinkOptions& link = options.link;
  table.add(kLoads,
            {.name = "bind",
             .letter = 'A',
             .value = "ADDRESSES",
             .group = kBrokerGroup,
             .help = "local addresses to connect from, in turn, like 127.0.0.2-127.0.0.9",
             .man = "A list with commas of addresses, ranges and networks (127.0.1.0/28). Each "
                    "gives as many connections to one broker address as there are local ports.",
             .default_text = "the system's choice",
             .set = [&link](Words words) { return set_sources(link, words[0]); }});
  table.add(kMessaging, {.name = "connect-rate",
                         .value = "RATE",
                         .group = kTimeGroup,
                         .help = "how fast the clients connect before the load (pair, pub, sub)",
                         .default_text = "1000/s",
                         .set = set_rate(link.connect_rate)});
  table.add(kLoads, {.name = "reconnect",
                     .value = "DELAYS",
                     .group = kTimeGroup,
                     .help = "pause before a lost connection is tried again, like 1s..30s, or off",
                     .man = "It doubles from the first to the second with each failure, and is "
                            "lengthened by up to a quarter, so that the clients spread. In conn "
                            "mode a lost connection stays lost.",
                     .default_text = "1s..30s",
                     .set = [&link](Words words) { return set_reconnect(link, words[0]); }});
  add_session_rows(table, link);
  add_publisher_rows(table, link);
  add_loop_row(table, options);
  add_interval_row(table, options);
  add_echo_row(table, options);
}

}  // namespace mq_bench
