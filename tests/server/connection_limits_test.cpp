#include "libmqtt/server/connection_limits.hpp"

#include <doctest/doctest.h>

using namespace mqtt;
using namespace mqtt::server;
using Answer = ConnectionLimits::Answer;

namespace {

ListenerSettings listener(std::uint32_t block, std::optional<std::uint32_t> maximum) {
  ListenerSettings settings;
  settings.block = block;
  settings.max_connections = maximum;
  return settings;
}

}  // namespace

TEST_CASE("max_connections counts the block of listeners, and who leaves makes room") {
  ConnectionLimits limits;
  const auto v4 = listener(1, 2);
  const auto v6 = listener(1, 2);
  const auto other = listener(0, std::nullopt);
  CHECK(limits.arrived(v4) == Answer::welcome);
  CHECK(limits.arrived(v6) == Answer::welcome);
  CHECK(limits.arrived(v4) == Answer::over_listener_limit);
  CHECK(limits.arrived(other) == Answer::welcome);
  limits.left(v6);
  CHECK(limits.arrived(v4) == Answer::welcome);
  CHECK(limits.statistics().open == 3);
  CHECK(limits.statistics().accepted == 5);
  CHECK(limits.statistics().over_listener_limit == 1);
}

TEST_CASE("global_max_connections counts them all; 0 lets nobody in") {
  ConnectionLimits limits(2);
  const auto one = listener(0, std::nullopt);
  const auto two = listener(1, std::nullopt);
  CHECK(limits.arrived(one) == Answer::welcome);
  CHECK(limits.arrived(two) == Answer::welcome);
  CHECK(limits.arrived(one) == Answer::over_global_limit);
  limits.left(two);
  CHECK(limits.arrived(one) == Answer::welcome);
  CHECK(limits.statistics().over_global_limit == 1);
  CHECK(ConnectionLimits(0).arrived(one) == Answer::over_global_limit);
  CHECK(ConnectionLimits().arrived(listener(0, 0)) == Answer::over_listener_limit);
}

TEST_CASE("CONNECTs refused for who they are count, others do not") {
  ConnectionLimits limits;
  limits.count_refusal(ReasonCode::bad_user_name_or_password);
  limits.count_refusal(ReasonCode::not_authorized);
  limits.count_refusal(ReasonCode::client_identifier_not_valid);
  limits.count_refusal(ReasonCode::bad_authentication_method);
  limits.count_refusal(ReasonCode::server_busy);
  CHECK(limits.statistics().not_authorized == 2);
  CHECK(limits.statistics().authentication_method == 1);
  CHECK(limits.statistics().busy == 1);
}
