#include "tools/mq-bench/rows.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "libmqtt/net/ws_handshake.hpp"
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

/// The row of a URL: with ws:// and wss:// the path in it is the WebSocket's, as brokers write
/// them, and no topic.
void take_ws_path(Option& row, cli::ConnectionOptions& connection) {
  row.man =
      "mqtts:// is the same over TLS, ws:// over WebSocket, wss:// over both; unix:PATH is a Unix "
      "socket. The topic in it is used as by -t. In ws:// and wss:// a path takes the place of the "
      "topic, like --ws-path: ws://broker:8083/mqtt.";
  row.set = [&connection, set_one = std::move(row.set)](Words words) -> Complaint {
    using Scheme = mqtt::net::Address::Scheme;
    Complaint complaint = set_one(words);
    const Scheme scheme = connection.address.scheme;
    if (!complaint.empty() || (scheme != Scheme::ws && scheme != Scheme::wss)) return complaint;
    connection.url_topic.clear();
    const std::string_view url = words[0];
    const std::size_t path = url.find('/', url.find("://") + 3);
    if (path == std::string_view::npos) return {};
    complaint = mqtt::net::check_ws_path(url.substr(path));
    if (complaint.empty()) connection.transport.websocket_options.path = url.substr(path);
    return complaint;
  };
}

}  // namespace

void add_connection_rows(RowTable& table, Options& options) {
  for (Option& row : cli::broker_rows(options.connection)) {
    if (row.name == "bind-address") continue;  // --bind takes several.
    if (row.name == "host") take_list(row, options.link);
    // Where the shared text speaks of flags that are not here.
    if (row.name == "url") take_ws_path(row, options.connection);
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
