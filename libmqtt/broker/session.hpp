#pragma once

#include <memory>
#include <string>

#include "libmqtt/broker/access.hpp"
#include "libmqtt/broker/client_context.hpp"
#include "libmqtt/session/session_state.hpp"

namespace mqtt::broker {

/// A SessionState with what only the broker knows of its client: who it is, and by which listener
/// it came.
struct Session : SessionState {
  std::string username;     ///< Empty: anonymous.
  std::string mount_point;  ///< With its '/'.
  AccessScope access = 0;
  Qos maximum_qos = Qos::exactly_once;
  std::shared_ptr<const Publisher> as_publisher;  ///< Made for its first retained message.

  Identity identity() const { return {.username = username, .client_id = client_id.view()}; }
};

}  // namespace mqtt::broker
