#include "tools/mq-bench/rows.hpp"

namespace mq_bench {
namespace {

// [MQTT-4.8.2-1], [MQTT-4.8.2-2]
cli::Complaint set_group(std::optional<std::string>& target, const std::string& word) {
  if (word.empty() || word.find_first_of("/+#") != std::string::npos)
    return cli::is_not(word, "name of a group: without /, + and #");
  target = word;
  return {};
}

constexpr cli::Range kClients{"number of clients", 1, 1'000'000};

}  // namespace

void add_fan_rows(RowTable& table, Options& options) {
  table.add(kFans, {.name = "pub",
                    .value = "COUNT",
                    .group = kLoadGroup,
                    .help = "publishers (fanout, fanin)",
                    .default_text = "1",
                    .set = cli::set_number(options.publishers, kClients)});
  table.add(kFans | kAudiences, {.name = "sub",
                                 .value = "COUNT",
                                 .group = kLoadGroup,
                                 .help = "subscribers (fanout, fanin, retained, wills)",
                                 .default_text = "1",
                                 .set = cli::set_number(options.subscribers, kClients)});
  table.add(bit(Command::sub) | bit(Command::fanin),
            {.name = "share",
             .value = "GROUP",
             .group = kLoadGroup,
             .help = "subscribe as one group: $share/GROUP/FILTER (sub, fanin)",
             .man = "The group is one receiver: each message has to reach one of its members once.",
             .set = [&options](cli::Words words) { return set_group(options.share, words[0]); }});
  table.add(bit(Command::fanin),
            {.name = "members",
             .value = "COUNT",
             .group = kLoadGroup,
             .help = "subscribers in each group of --share (fanin)",
             .man = "So there are several groups, each with publishers of its own.",
             .default_text = "all",
             .set = cli::set_number(options.members, {"number of members", 1, 1'000'000})});
  table.add(bit(Command::pair),
            {.name = "filter",
             .value = "FILTER",
             .group = kLoadGroup,
             .help = "what subscribers subscribe to, where that is not the topic; has %i (pair)",
             .set = cli::set_text(options.filter)});
  table.add(bit(Command::pair),
            {.name = "decoys",
             .value = "COUNT",
             .group = kLoadGroup,
             .help = "filters with wildcards, besides, that match all levels but the last (pair)",
             .man = "Each subscriber has so many of its own: what the broker has to look through.",
             .default_text = "0",
             .set = cli::set_number(options.decoys, {"number of filters", 0, 1'000})});
}

}  // namespace mq_bench
