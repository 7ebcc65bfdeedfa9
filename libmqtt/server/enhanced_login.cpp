#include "libmqtt/server/enhanced_login.hpp"

#include <utility>

#include "libmqtt/base/base64.hpp"
#include "libmqtt/server/digest.hpp"

namespace mqtt::server {
namespace {

using login::Accepted;
using login::Continued;
using login::Refused;

constexpr std::size_t kNonceSize = 18;

/// The method goes with every AUTH and with the CONNACK that accepts [MQTT-4.12.0-5]; no Reason
/// String and no User Property does [MQTT-3.15.2-2, 3.15.2-3].
Properties with_data(std::string_view data) {
  PropertiesBuilder properties;
  properties.add(property::authentication_method, kScramMethod);
  if (!data.empty()) properties.add(property::authentication_data, data);
  return properties.build();
}

}  // namespace

EnhancedLogin::EnhancedLogin(std::shared_ptr<const PasswordFile> users, std::string_view secret)
    : users_(std::move(users)), secret_(secret), exchange_(to_base64(random_bytes(kNonceSize))) {}

EnhancedLogin::Step EnhancedLogin::receive(const Properties& properties) {
  const auto method = properties.find(property::authentication_method);
  if (!method || method->view() != kScramMethod)
    return Refused{ReasonCode::bad_authentication_method};
  const Bytes data = properties.find(property::authentication_data).value_or(Bytes());
  switch (phase_) {
    case Phase::first:
      // The method's first message is the client's: without it the client is asked for it.
      return data.empty() ? Continued{with_data({})} : begin(data.view());
    case Phase::final:
      return finish(data.view());
    case Phase::over:
      break;
  }
  return Refused{ReasonCode::protocol_error};
}

EnhancedLogin::Step EnhancedLogin::begin(std::string_view client_first) {
  phase_ = Phase::over;
  auto username = exchange_.begin(client_first);
  if (!username) return Refused{ReasonCode::not_authorized};
  username_ = std::move(*username);
  phase_ = Phase::final;
  return Continued{with_data(exchange_.challenge(entry_of(username_)))};
}

EnhancedLogin::Step EnhancedLogin::finish(std::string_view client_final) {
  phase_ = Phase::over;
  const auto server_final = exchange_.finish(client_final);
  if (!server_final) return Refused{ReasonCode::not_authorized};
  return Accepted{username_, with_data(*server_final)};
}

ScramEntry EnhancedLogin::entry_of(const std::string& username) const {
  if (const ScramEntry* entry = users_->find_scram(username)) return *entry;
  // Keys that nobody's proof fits, and a salt that stays, as a real one does.
  return {.iterations = users_->scram_iterations(),
          .salt = hmac(HashFunction::sha256, secret_, username).substr(0, kSaltSize),
          .stored_key = random_bytes(digest_size(HashFunction::sha256)),
          .server_key = random_bytes(digest_size(HashFunction::sha256))};
}

}  // namespace mqtt::server
