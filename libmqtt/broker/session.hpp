#pragma once

#include <string>

#include "libmqtt/broker/access.hpp"
#include "libmqtt/broker/client_context.hpp"
#include "libmqtt/session/session_state.hpp"

namespace mqtt::broker {

/// A SessionState with what only the broker knows of its client: who it is, and by which listener
/// it came.
struct Session : SessionState {
  std::string username;  ///< Empty: anonymous.
  std::string mount_point;
  AccessScope access = 0;

  Identity identity() const { return {.username = username, .client_id = client_id.view()}; }
};

}  // namespace mqtt::broker
