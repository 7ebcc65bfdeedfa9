#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "libmqtt/server/password_entry.hpp"

namespace mqtt::server {

/// The name of the one authentication method there is (5.0 §4.12), as IANA registers it.
inline constexpr std::string_view kScramMethod = "SCRAM-SHA-256";

/// The entry of a password that sasl_prep() has been over (RFC 5802 §3). As slow as `iterations`.
ScramEntry scram_entry(std::string_view prepared_password, std::string_view salt,
                       std::uint32_t iterations);

/// The server's side of one SCRAM-SHA-256 exchange (RFC 5802, 7677) as a value: messages in,
/// messages out. No channel binding. begin(), challenge() and finish() in this order, each once.
/// Nobody can tell by challenge() whether the entry given to it is real.
class ScramExchange {
 public:
  /// `nonce`: printable ASCII without ',', never used before.
  explicit ScramExchange(std::string nonce) : nonce_(std::move(nonce)) {}

  /// Takes the client-first-message; gives the user's name. The error is static text.
  std::expected<std::string, std::string_view> begin(std::string_view client_first);
  /// The server-first-message.
  std::string challenge(ScramEntry entry);
  /// Takes the client-final-message; gives the server-final-message, or nothing when the client
  /// did not prove that it knows the password.
  std::optional<std::string> finish(std::string_view client_final) const;

 private:
  std::string nonce_;  ///< The server's part at first, then both.
  std::string gs2_header_;
  std::string client_first_bare_;
  std::string server_first_;
  ScramEntry entry_;
};

}  // namespace mqtt::server
