#include "tools/mq-bench/client_recipe.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace mq_bench {
namespace {

/// In the seconds of MQTT 5; the highest number means for ever.
std::uint32_t expiry(Duration session) {
  const auto seconds = std::chrono::duration_cast<mqtt::Seconds>(session).count();
  return static_cast<std::uint32_t>(
      std::min<std::int64_t>(seconds, cli::ConnectionOptions::kNeverExpires));
}

}  // namespace

ClientRecipe::ClientRecipe(const Options& options, const Plan& plan, const std::string& run_id)
    : options_(options), plan_(plan), id_prefix_(options.id_prefix.value_or("mqb-" + run_id)) {
  cli::ConnectionOptions connection = options.connection;
  const LinkOptions& link = options.link;
  connection.client_id = id_prefix_;  // Of all of them for now: make() has the rest.
  const bool is_v5 = connection.effective_version() == mqtt::Version::v5_0;
  if (link.session > Duration() && is_v5) connection.session_expiry = expiry(link.session);
  if (link.session > Duration() && !is_v5) connection.keep_session = true;
  common_ = cli::client_options(connection);
  common_.session.maximum_in_flight = options.maximum_in_flight;
  common_.session.reports_pubrec = options.qos == 2;
  common_.reconnect = link.reconnects;
  common_.backoff.first = link.reconnect_first;
  common_.backoff.most = link.reconnect_most;
}

mqtt::client::ClientOptions ClientRecipe::make(Plan::Role role, std::uint32_t index,
                                               std::uint64_t order) const {
  mqtt::client::ClientOptions client = common_;
  const auto& [hosts, sources] = std::tie(options_.link.hosts, options_.link.sources);
  if (!hosts.empty()) client.address.host = hosts[order % hosts.size()];
  // All hosts from one source, then from the next: no pair is used more often than it must be.
  const std::uint64_t turn = order / std::max<std::size_t>(hosts.size(), 1);
  if (!sources.empty()) client.dial.bind_address = sources[turn % sources.size()];
  mqtt::Connect& connect = client.session.connect;
  connect.client_id =
      mqtt::Bytes::copy(fmt::format("{}-{}{}", id_prefix_, static_cast<char>(role), index));
  const Identities& who = options_.identities;
  if (who.username) connect.username = mqtt::Bytes::copy(who.username->of(index));
  if (who.password) connect.password = mqtt::Bytes::copy(who.password->of(index));
  if (!who.certificates.empty()) client.dial.tls = who.certificates[index];
  plan_.equip(role, index, client);
  return client;
}

}  // namespace mq_bench
