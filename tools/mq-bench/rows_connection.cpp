#include "tools/mq-bench/rows.hpp"

#include "tools/common/connection_rows.hpp"

namespace mq_bench {

using cli::Option;

void add_connection_rows(RowTable& table, Options& options) {
  for (Option& row : cli::broker_rows(options.connection)) {
    // Where the shared text speaks of flags that are not here.
    if (row.name == "url") row.man = "The topic in it is used as by -t.";
    if (row.name == "protocol-version") row.man = "Also written 31, 311, 4, 5.0.";
    table.add(kLoads, std::move(row));
  }
  table.add(kLoads, {.name = "id-prefix",
                     .letter = 'i',
                     .value = "PREFIX",
                     .group = kBrokerGroup,
                     .help = "what all client ids begin with",
                     .default_text = "mqb-RUN",
                     .set = cli::set_text(options.id_prefix)});
}

}  // namespace mq_bench
