#include "tools/mq-bench/rows.hpp"

#include <fmt/format.h>

#include "tools/common/setters.hpp"
#include "tools/common/terminal.hpp"
#include "tools/mq-bench/units.hpp"

namespace mq_bench {
namespace {

using cli::Complaint;
using cli::Words;

constexpr std::uint32_t kMostClients = 1'000'000;
constexpr std::uint32_t kMostThreads = 1'024;

void add_rate_rows(RowTable& table, Options& options) {
  table.add(kLoads & ~(kFans | bit(Command::retained)),
            {.name = "clients",
             .letter = 'c',
             .value = "COUNT",
             .group = kLoadGroup,
             .help = "clients; in pair, pairs of a publisher and a subscriber",
             .default_text = "1",
             .set = cli::set_number(options.clients, {"number of clients", 1, kMostClients})});
  table.add(kLoads,
            {.name = "threads",
             .value = "COUNT",
             .group = kLoadGroup,
             .help = "threads that share the clients",
             .man = "The schedule stays the same. Each thread is judged by itself when it comes to "
                    "whether the generator kept up.",
             .default_text = "what the load needs, at most one a core",
             .set = [&options](Words words) -> Complaint {
               return cli::set_number(options.threads.emplace(),
                                      {"number of threads", 1, kMostThreads})(words);
             }});
  table.add(
      kRated,
      {.name = "rate",
       .value = "RATE",
       .group = kLoadGroup,
       .help = "messages of all clients together, like 20000/s; in conn, connections",
       .man = "Per second (/s), minute (/m) or hour (/h). The schedule is open-loop: a message is "
              "due at its time whatever became of those before it.",
       .default_text = "1/s a client; in conn 100/s",
       .set = set_rate(options.rate)});
  table.add(kPublishing, {.name = "rate-per-client",
                          .letter = 'r',
                          .value = "RATE",
                          .group = kLoadGroup,
                          .help = "messages of each client, like 10/s (pair, pub)",
                          .set = set_rate(options.rate_per_client)});
}

void add_subject_rows(RowTable& table, Options& options) {
  table.add(kMessaging, {.name = "qos",
                         .letter = 'q',
                         .value = "QOS",
                         .group = kLoadGroup,
                         .help = "QoS of messages and subscriptions",
                         .default_text = "0",
                         .set = cli::set_number(options.qos, {"QoS", 0, 2}),
                         .choices = {"0", "1", "2"}});
  table.add(kMessaging, {.name = "topic",
                         .letter = 't',
                         .value = "TOPIC",
                         .group = kLoadGroup,
                         .help = "topic, in sub a filter; %i is the client's number",
                         .default_text = "mq-bench/RUN/%i; sub needs one",
                         .set = cli::set_text(options.topic)});
  table.add(
      kPublishing,
      {.name = "inflight",
       .value = "COUNT",
       .group = kLoadGroup,
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
       .group = kLoadGroup,
       .help =
           "most messages a client holds unsent; those above are skipped and counted (pair, pub)",
       .default_text = "10000",
       .set = cli::set_number(options.maximum_backlog, {"number of messages", 1, 100'000'000})});
}

}  // namespace

void add_load_rows(RowTable& table, Options& options) {
  add_rate_rows(table, options);
  add_subject_rows(table, options);
  add_message_rows(table, options);
}

}  // namespace mq_bench
