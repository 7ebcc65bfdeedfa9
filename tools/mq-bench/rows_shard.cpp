#include <algorithm>
#include <chrono>
#include <optional>
#include <string>

#include "tools/mq-bench/rows.hpp"

namespace mq_bench {
namespace {

using cli::Complaint;
using cli::Words;

constexpr std::uint64_t kMostShards = 1'000'000;

Complaint set_shard(Shards& target, const std::string& word) {
  const std::size_t slash = std::min(word.find('/'), word.size());
  const auto count =
      cli::parse_number(std::string_view(word).substr(std::min(slash + 1, word.size())),
                        {"number of shards", 1, kMostShards});
  if (!count) return cli::is_not(word, "shard like 0/4: its number, from 0, and how many");
  const auto shard =
      cli::parse_number(std::string_view(word).substr(0, slash), {"shard", 0, *count - 1});
  if (!shard) return cli::is_not(word, "shard like 0/4: its number, from 0, and how many");
  target = {static_cast<std::uint32_t>(*count), {static_cast<std::uint32_t>(*shard)}};
  return {};
}

Complaint set_barrier(Options& options, const std::string& word) {
  auto url = mqtt::net::parse_url(word);
  if (!url) return url.error();
  cli::ConnectionOptions& barrier = options.barrier.emplace();
  barrier.address = url->address;
  barrier.port = url->address.port;
  if (url->has_username) barrier.username = url->username;
  if (url->has_password) barrier.password = url->password;
  return {};
}

/// The whole number of `size` digits at `at`, which moves behind it.
std::optional<unsigned> take_digits(std::string_view& text, std::size_t size) {
  const auto number = cli::parse_number(text.substr(0, size), {"number"});
  if (text.size() < size || !number) return std::nullopt;
  text.remove_prefix(size);
  return static_cast<unsigned>(*number);
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

/// "2026-01-31T12:00:00Z" since 1970; UTC only, so that it is the same instant everywhere.
std::optional<mqtt::Duration> parse_time(std::string_view text) {
  using namespace std::chrono;
  const auto y = take_digits(text, 4);
  const bool has_dash = take(text, '-');
  const auto m = take_digits(text, 2);
  const bool has_dashes = has_dash && take(text, '-');
  const auto d = take_digits(text, 2);
  const bool has_t = has_dashes && take(text, 'T');
  const auto hour = take_digits(text, 2);
  const bool has_colon = has_t && take(text, ':');
  const auto minute = take_digits(text, 2);
  const bool has_colons = has_colon && take(text, ':');
  const auto second = take_digits(text, 2);
  if (!has_colons || text != "Z" || !y || !m || !d || !hour || !minute || !second)
    return std::nullopt;
  const year_month_day date{year(static_cast<int>(*y)), month(*m), day(*d)};
  // Beyond the year 2200 nanoseconds since 1970 end.
  if (!date.ok() || *y < 1970 || *y > 2200 || *hour > 23 || *minute > 59 || *second > 59)
    return std::nullopt;
  return sys_days(date).time_since_epoch() + hours(*hour) + minutes(*minute) + seconds(*second);
}

Complaint set_start(std::optional<mqtt::Duration>& target, const std::string& word) {
  const auto time = parse_time(word);
  if (!time) return cli::is_not(word, "time in UTC like 2026-01-31T12:00:00Z");
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  if (*time < now) return cli::is_not(word, "time that is still to come");
  target = *time;
  return {};
}

Complaint set_clock_bound(mqtt::Duration& target, Words words) {
  return set_duration(target, cli::Zero::refused)(words);
}

void add_shard_row(RowTable& table, Options& options) {
  table.add(
      kLoads,
      {.name = "shard",
       .value = "I/N",
       .group = kShardGroup,
       .help = "this is part I, from 0, of N parts of the run, which merge puts together",
       .man =
           "Every part gets the options of the whole run and takes the clients whose number "
           "leaves I when divided by N, with their topics and times. All need the same --run-id. "
           "fanout, retained and most fanin need --barrier or --start-at too: their messages go "
           "from one shard to another, and what is lost shows when merge has all parts, of which "
           "each tells what it sent and got. fanin does not where the shards divide its receivers "
           "evenly: each has the publishers of its own. In wills each shard is a load of its own, "
           "with a subscriber at least, on topics of its own (%g in -t is its number).",
       .default_text = "0/1",
       .set = [&options](Words words) { return set_shard(options.shards, words[0]); }});
}

}  // namespace

void add_shard_rows(RowTable& table, Options& options) {
  add_shard_row(table, options);
  table.add(
      bit(Command::pair),
      {.name = "affinity",
       .value = "HOW",
       .group = kShardGroup,
       .help = "the two ends of a pair are in one shard (pair), or in different ones (split)",
       .man = "split: what publishers of one shard send goes to subscribers, or with --mode echo "
              "to echoes, of the next one. e2e then needs shards on one machine (one boot and "
              "time namespace), or --clock-bound; else the run is invalid, and --mode echo does "
              "without a common clock. Only merge knows what was lost one way: a shard's own "
              "result counts what came. The whole drain is waited out.",
       .default_text = "pair",
       .set = cli::set_choice(
           options.is_split, "kind of affinity (pair, split)",
           std::vector<std::pair<std::string_view, bool>>{{"pair", false}, {"split", true}}),
       .choices = {"pair", "split"}});
  table.add(
      kLoads,
      {.name = "barrier",
       .value = "URL",
       .group = kShardGroup,
       .help = "begin when all shards are ready, by way of this other broker",
       .man = "It should not be the broker under test; any will do, like mq-broker-lite. Each "
              "shard leaves a retained message at ctl/RUN/ready/I, and the first one says when "
              "to begin. When a shard dies before, the run ends with 4.",
       .set = [&options](Words words) { return set_barrier(options, words[0]); }});
  table.add(kLoads,
            {.name = "start-at",
             .value = "TIME",
             .group = kShardGroup,
             .help = "begin the load at this time (UTC), like 2026-01-31T12:00:00Z",
             .man = "Clients connect before, except in conn.",
             .set = [&options](Words words) { return set_start(options.start_at, words[0]); }});
  table.add(
      bit(Command::pub) | bit(Command::sub) | bit(Command::pair) | kFans,
      {.name = "clock-bound",
       .value = "TIME",
       .group = kShardGroup,
       .help = "publishers and subscribers are on machines whose clocks are at most this far apart",
       .man = "For sub and pub under one --run-id on different machines, and for --affinity split, "
              "fanout and fanin in shards on different machines, all with this option: latencies "
              "are taken between their wall clocks, and assertions count "
              "them with the bound added. Nobody checks the bound.",
       .set = [&options](Words words) { return set_clock_bound(options.clock_bound, words); }});
}

}  // namespace mq_bench
