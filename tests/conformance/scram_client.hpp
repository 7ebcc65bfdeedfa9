#pragma once

#include <string>
#include <string_view>

#include "tests/conformance/peer.hpp"

namespace conformance {

/// The entry of "user" with the password "pencil" (RFC 7677 §3), as a line of a password file.
std::string scram_line(std::string_view user);

/// The client's side of SCRAM-SHA-256 (RFC 5802), written apart from the server's.
class ScramClient {
 public:
  ScramClient(std::string_view user, std::string_view password)
      : first_bare_("n=" + std::string(user) + ",r=" + unique("nonce")), password_(password) {}

  std::string first() const { return "n,," + first_bare_; }
  /// The answer to the server-first-message.
  std::string final(std::string_view server_first);
  /// What the server-final-message must be if the server knows the password.
  const std::string& expected() const { return expected_; }

 private:
  std::string first_bare_;
  std::string password_;
  std::string expected_;
};

/// The value of "s=" in "r=…,s=…,i=…"; empty when there is none.
std::string scram_field(std::string_view message, char name);

/// Properties of CONNECT and AUTH: the method, and data unless that is empty.
std::string scram_properties(std::string_view data, std::string_view method = "SCRAM-SHA-256");
/// AUTH with these.
std::string scram_auth(unsigned reason_code, std::string_view data,
                       std::string_view method = "SCRAM-SHA-256");

}  // namespace conformance
