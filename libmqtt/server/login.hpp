#pragma once

#include <optional>
#include <string>
#include <variant>

#include "libmqtt/codec/packet.hpp"
#include "libmqtt/net/stream.hpp"
#include "libmqtt/server/door.hpp"

namespace mqtt::server {

/// What becomes of somebody who wants in.
namespace login {
struct Accepted {
  std::string username;        ///< Empty: anonymous.
  Properties properties = {};  ///< Method and last data of an enhanced authentication.
};
struct Refused {
  ReasonCode reason_code;
};
/// The password has to be checked.
struct PasswordNeeded {};
/// An enhanced authentication goes on, with AUTH of these properties.
struct Continued {
  Properties properties;
};
}  // namespace login

/// Before anything was checked: what a CONNECT comes to by its credentials and the door it came to.
/// `certificate` is the client's. A CONNECT that names an authentication method and gets
/// PasswordNeeded goes on with an EnhancedLogin.
std::variant<login::Accepted, login::Refused, login::PasswordNeeded> judge_credentials(
    const Connect& connect, const Door& door, const ListenerSettings& listener,
    const std::optional<net::PeerCertificate>& certificate);

}  // namespace mqtt::server
