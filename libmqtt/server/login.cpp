#include "libmqtt/server/login.hpp"

#include "libmqtt/base/utf8.hpp"
#include "libmqtt/server/scram.hpp"

namespace mqtt::server {
namespace {

using login::Accepted;
using login::PasswordNeeded;
using login::Refused;

/// Nothing when no certificate says a name.
std::optional<std::string> name_of(const std::optional<net::PeerCertificate>& certificate,
                                   const ListenerSettings& listener) {
  if (!certificate) return std::nullopt;
  const std::string& name =
      listener.use_identity_as_username ? certificate->common_name : certificate->subject;
  if (name.empty() || !is_valid_utf8(name)) return std::nullopt;
  return name;
}

}  // namespace

std::variant<Accepted, Refused, PasswordNeeded> judge_credentials(
    const Connect& connect, const Door& door, const ListenerSettings& listener,
    const std::optional<net::PeerCertificate>& certificate) {
  const bool by_certificate = listener.use_identity_as_username || listener.use_subject_as_username;
  if (const auto method = connect.properties.find(property::authentication_method)) {
    const bool is_known = method->view() == kScramMethod && door.users && !by_certificate;
    if (!is_known) return Refused{ReasonCode::bad_authentication_method};  // [MQTT-4.12.0-1]
    return PasswordNeeded{};
  }
  if (by_certificate) {
    auto name = name_of(certificate, listener);
    if (!name) return Refused{ReasonCode::bad_user_name_or_password};
    return Accepted{std::move(*name)};
  }
  if (connect.username && door.users) return PasswordNeeded{};
  if (!door.allow_anonymous) return Refused{ReasonCode::not_authorized};
  return Accepted{connect.username ? std::string(connect.username->view()) : std::string()};
}

}  // namespace mqtt::server
