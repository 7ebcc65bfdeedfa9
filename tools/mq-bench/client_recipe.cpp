#include "tools/mq-bench/client_recipe.hpp"

#include <fmt/format.h>

namespace mq_bench {
namespace {
constexpr Duration kLongestReconnectDelay = std::chrono::seconds(30);
}  // namespace

ClientRecipe::ClientRecipe(const Options& options, const Plan& plan, const std::string& run_id)
    : options_(options), plan_(plan), id_prefix_(options.id_prefix.value_or("mqb-" + run_id)) {
  cli::ConnectionOptions connection = options.connection;
  connection.client_id = id_prefix_;  // Of all of them for now: make() has the rest.
  common_ = cli::client_options(connection);
  common_.session.maximum_in_flight = options.maximum_in_flight;
  common_.backoff.most = kLongestReconnectDelay;
}

mqtt::client::ClientOptions ClientRecipe::make(Plan::Role role, std::uint32_t index,
                                               std::uint64_t) const {
  mqtt::client::ClientOptions client = common_;
  mqtt::Connect& connect = client.session.connect;
  connect.client_id =
      mqtt::Bytes::copy(fmt::format("{}-{}{}", id_prefix_, static_cast<char>(role), index));
  if (options_.connection.username)
    connect.username = mqtt::Bytes::copy(expand(*options_.connection.username, index));
  plan_.equip(role, index, client);
  return client;
}

}  // namespace mq_bench
