#include <algorithm>

#include "tools/mq-bench/rows.hpp"

namespace mq_bench {
namespace {

using cli::Complaint;
using cli::Words;

/// "100%", "12.5%": in hundredths of a per cent.
Complaint set_share(std::uint32_t& target, std::string_view word) {
  const std::string_view number = word.substr(0, word.size() - (word.ends_with('%') ? 1 : 0));
  const std::size_t point = std::min(number.find('.'), number.size());
  std::string fraction(number.substr(std::min(point + 1, number.size())));
  const bool is_fine = word.ends_with('%') && fraction.size() <= 2;
  fraction.resize(2, '0');
  const auto hundredths =
      cli::parse_number(std::string(number.substr(0, point)) + fraction, {"share", 1, 10'000});
  if (!is_fine || !hundredths) return cli::is_not(word, "share above 0%, like 100% or 12.5%");
  target = static_cast<std::uint32_t>(*hundredths);
  return {};
}

}  // namespace

void add_storm_rows(RowTable& table, Options& options) {
  table.add(
      bit(Command::storm),
      {.name = "kill",
       .value = "SHARE",
       .group = kLoadGroup,
       .help = "how many of the clients are cut off, like 100% (storm)",
       .man = "It happens when the measurement begins, to all at once and without DISCONNECT.",
       .default_text = "100%",
       .set = [&options](Words words) { return set_share(options.kill, words[0]); }});
  table.add(bit(Command::storm),
            {.name = "back",
             .value = "TIME",
             .group = kTimeGroup,
             .help = "they come back one after the other, evenly, within this time (storm)",
             .man = "Who is not let in tries again after the pauses of --reconnect; the time it "
                    "takes to be back (the metric reconnect) counts from when it was due.",
             .default_text = "2s",
             .set = set_duration(options.back, cli::Zero::allowed)});
  table.add(bit(Command::retained),
            {.name = "topics",
             .value = "COUNT",
             .group = kLoadGroup,
             .help = "retained messages, each on a topic of its own (retained)",
             .default_text = "1000",
             .set = cli::set_number(options.topics, {"number of topics", 1, 10'000'000})});
  table.add(bit(Command::conn),
            {.name = "churn",
             .value = "RATE",
             .group = kLoadGroup,
             .help = "so many clients leave and come back while the rest is held, like 50/s (conn)",
             .set = set_rate(options.churn)});
}

}  // namespace mq_bench
