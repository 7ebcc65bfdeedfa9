#include "tools/mq-bench/rows.hpp"

#include "tools/common/setters.hpp"

namespace mq_bench {
namespace {
constexpr std::uint64_t kMostMessages = 1'000'000'000;
}

void add_time_rows(RowTable& table, Options& options) {
  using cli::Zero;
  table.add(kPublishing | bit(Command::wills),
            {.name = "warmup",
             .value = "TIME",
             .group = kTimeGroup,
             .help = "load before the measurement, like 5s or 500ms (pair, pub)",
             .default_text = "5s",
             .set = set_duration(options.warmup, Zero::allowed)});
  table.add(kMessaging, {.name = "duration",
                         .value = "TIME",
                         .group = kTimeGroup,
                         .help = "length of the measurement (pair, pub, sub)",
                         .default_text = "30s",
                         .set = set_duration(options.duration, Zero::refused)});
  table.add(bit(Command::pair) | bit(Command::pub) | kFans,
            {.name = "count",
             .value = "COUNT",
             .group = kTimeGroup,
             .help = "measure exactly so many messages of all clients together, instead of a time",
             .man = "The schedule tells how long that takes.",
             .set = [&options](cli::Words words) -> cli::Complaint {
               return cli::set_number(options.count.emplace(),
                                      {"number of messages", 1, kMostMessages})(words);
             }});
  table.add(kMessaging,
            {.name = "drain",
             .value = "TIME",
             .group = kTimeGroup,
             .help = "longest wait for messages and answers still under way (pair, pub, sub)",
             .default_text = "5s",
             .set = set_duration(options.drain, Zero::allowed)});
  table.add(bit(Command::conn), {.name = "hold",
                                 .value = "TIME",
                                 .group = kTimeGroup,
                                 .help = "how long the connections are kept once all stand (conn)",
                                 .default_text = "30s",
                                 .set = set_duration(options.hold, Zero::allowed)});
}

}  // namespace mq_bench
