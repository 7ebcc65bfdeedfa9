#include "tools/mq-bench/rows.hpp"

#include "tools/mq-bench/units.hpp"

namespace mq_bench {

using cli::Complaint;
using cli::Setter;
using cli::Words;

void RowTable::add(CommandSet commands, cli::Option row) {
  row.set = [&given = options_.given, commands, name = row.name, flag = row.flag(),
             set = std::move(row.set)](Words words) {
    given.push_back({name, flag, commands, 0, {}});
    return set(words);
  };
  rows_.push_back(std::move(row));
}

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

}  // namespace mq_bench
