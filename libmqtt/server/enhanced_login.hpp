#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "libmqtt/server/login.hpp"
#include "libmqtt/server/scram.hpp"

namespace mqtt::server {

/// One enhanced authentication (5.0 §4.12) by SCRAM-SHA-256: CONNECT's properties first, or those
/// of the AUTH that begins a re-authentication, then those of each AUTH. A user who isn't there, or
/// whose entry is no SCRAM one, goes through the same exchange, always with the same salt, and is
/// refused at its end.
class EnhancedLogin {
 public:
  using Step = std::variant<login::Accepted, login::Refused, login::Continued>;

  /// `secret`: what the salts of users who aren't there are made from; the same for the life of the
  /// process.
  EnhancedLogin(std::shared_ptr<const PasswordFile> users, std::string_view secret);
  Step receive(const Properties& properties);
  /// Of the client-first-message; empty before it.
  const std::string& username() const { return username_; }

 private:
  enum class Phase : std::uint8_t { first, final, over };

  Step begin(std::string_view client_first);
  Step finish(std::string_view client_final);
  ScramEntry entry_of(const std::string& username) const;

  std::shared_ptr<const PasswordFile> users_;
  std::string secret_;
  std::string username_;
  ScramExchange exchange_;
  Phase phase_ = Phase::first;
};

}  // namespace mqtt::server
