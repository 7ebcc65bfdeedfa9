#include "tools/mq-bench/rows.hpp"

#include <algorithm>
#include <utility>

#include "tools/common/connection_rows.hpp"

namespace mq_bench {

using cli::Complaint;
using cli::Option;
using cli::Words;
namespace {

/// The row of one host, made to take several.
void take_list(Option& row, LinkOptions& link) {
  row.value = "HOSTS";
  row.help = "names or addresses of the broker, separated by commas; clients take turns";
  row.set = [&link, set_one = std::move(row.set)](Words words) -> Complaint {
    link.hosts.clear();
    const std::string_view list = words[0];
    for (std::size_t start = 0; start <= list.size();) {
      const std::size_t end = std::min(list.find(',', start), list.size());
      link.hosts.emplace_back(list.substr(start, end - start));
      if (Complaint complaint = set_one(Words(&link.hosts.back(), 1)); !complaint.empty())
        return complaint;
      start = end + 1;
    }
    return {};
  };
}

}  // namespace

void add_connection_rows(RowTable& table, Options& options) {
  for (Option& row : cli::broker_rows(options.connection)) {
    if (row.name == "bind-address") continue;  // --bind takes several.
    if (row.name == "host") take_list(row, options.link);
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
