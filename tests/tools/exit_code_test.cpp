#include "tools/common/exit_code.hpp"

#include <doctest/doctest.h>

namespace {

using Kind = mqtt::client::Failure::Kind;
using mqtt::ReasonCode;
using mqtt::Version;

int code(Kind kind, ReasonCode reason = ReasonCode::success, Version version = Version::v5_0) {
  return cli::exit_code({.kind = kind, .reason_code = reason, .text = ""}, version);
}

TEST_CASE("a refused connection gives the return code of 3.1 and 3.1.1 as it is [3.1.1 3.2.2.3]") {
  const ReasonCode reasons[] = {ReasonCode::unsupported_protocol_version,
                                ReasonCode::client_identifier_not_valid,
                                ReasonCode::server_unavailable,
                                ReasonCode::bad_user_name_or_password, ReasonCode::not_authorized};
  int expected = 1;
  for (const ReasonCode reason : reasons) {
    CHECK(code(Kind::refused, reason, Version::v3_1_1) == expected);
    CHECK(code(Kind::refused, reason, Version::v3_1) == expected);
    ++expected;
  }
}

TEST_CASE("a refused connection gives the reason code of 5.0 as it is") {
  CHECK(code(Kind::refused, ReasonCode::unspecified_error) == 128);
  CHECK(code(Kind::refused, ReasonCode::not_authorized) == 135);
  CHECK(code(Kind::refused, ReasonCode::connection_rate_exceeded) == 159);
}

TEST_CASE("what else ends a connection has its own code") {
  CHECK(code(Kind::dial) == 1);
  CHECK(code(Kind::connection_lost) == 7);
  CHECK(code(Kind::protocol, ReasonCode::malformed_packet) == 14);
  CHECK(code(Kind::timeout) == 27);
  CHECK(code(Kind::server_disconnect, ReasonCode::session_taken_over) == 142);
  CHECK(code(Kind::server_disconnect, ReasonCode::success) == 7);
}

TEST_CASE("a refused PUBLISH or SUBSCRIBE gives its reason code") {
  CHECK(cli::exit_code(ReasonCode::unspecified_error) == 128);
  CHECK(cli::exit_code(ReasonCode::not_authorized) == 135);
}

}  // namespace
