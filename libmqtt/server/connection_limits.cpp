#include "libmqtt/server/connection_limits.hpp"

namespace mqtt::server {

ConnectionLimits::Answer ConnectionLimits::arrived(const ListenerSettings& listener) {
  ++statistics_.accepted;
  if (listener.block >= open_.size()) open_.resize(listener.block + std::size_t{1});
  std::uint32_t& open = open_[listener.block];
  if (listener.max_connections && open >= *listener.max_connections) {
    ++statistics_.over_listener_limit;
    return Answer::over_listener_limit;
  }
  if (maximum_ && statistics_.open >= *maximum_) {
    ++statistics_.over_global_limit;
    return Answer::over_global_limit;
  }
  ++open;
  ++statistics_.open;
  return Answer::welcome;
}

void ConnectionLimits::left(const ListenerSettings& listener) {
  --open_[listener.block];
  --statistics_.open;
}

void ConnectionLimits::count_refusal(ReasonCode reason_code) {
  if (reason_code == ReasonCode::bad_user_name_or_password ||
      reason_code == ReasonCode::not_authorized)
    ++statistics_.not_authorized;
  if (reason_code == ReasonCode::bad_authentication_method) ++statistics_.authentication_method;
  if (reason_code == ReasonCode::server_busy) ++statistics_.busy;
}

}  // namespace mqtt::server
