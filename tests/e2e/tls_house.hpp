#pragma once

#include <string>
#include <string_view>

#include "tests/e2e/clients.hpp"
#include "tests/support/authority.hpp"

namespace e2e {

using support::Authority;
using support::Configuration;
using support::Credentials;

/// One authority for all tests of an executable: making keys takes longer than the tests.
struct House {
  Authority authority;
  Credentials broker = authority.issue("broker");
  Credentials lamp = authority.issue("lamp", {.subject = "/O=House/CN=lamp", .names = ""});
  Credentials lost = authority.issue("lost", {.subject = "/O=House/CN=lost", .names = ""});
  Credentials old = authority.issue("old", {.subject = "/CN=old", .names = "", .is_expired = true});
};
House& house();

/// A listener with the house's certificate on a free port of 127.0.0.1, and more lines for it.
Configuration tls_listener(const Arguments& more = {});

/// What the mosquitto clients want to know for TLS.
Arguments trusting();
Arguments showing(const Credentials& credentials);

/// Leaves a retained "hello", and gets it.
inline const Arguments kHello = {"-t", "greeting", "-m", "hello", "-q", "1", "-r"};
inline const Arguments kOneGreeting = {"-t", "greeting", "-C", "1", "-q", "1"};

/// `openssl s_client` on a port of 127.0.0.1, with nothing to say.
Exit s_client(std::uint16_t port, const Arguments& arguments);

}  // namespace e2e
