#include "tools/common/exit_code.hpp"

namespace cli {
namespace {

/// The CONNACK return code of 3.1 and 3.1.1 (3.1.1 §3.2.2.3) that the codec read as this reason.
int return_code(mqtt::ReasonCode reason) {
  switch (reason) {
    case mqtt::ReasonCode::unsupported_protocol_version:
      return 1;
    case mqtt::ReasonCode::client_identifier_not_valid:
      return 2;
    case mqtt::ReasonCode::server_unavailable:
      return 3;
    case mqtt::ReasonCode::bad_user_name_or_password:
      return 4;
    case mqtt::ReasonCode::not_authorized:
      return 5;
    default:
      return exit_status::kProtocol;
  }
}

}  // namespace

int exit_code(const mqtt::client::Failure& failure, mqtt::Version version) {
  using Kind = mqtt::client::Failure::Kind;
  switch (failure.kind) {
    case Kind::dial:
      return exit_status::kFailure;
    case Kind::timeout:
      return exit_status::kTimeout;
    case Kind::refused:
      return version == mqtt::Version::v5_0 ? exit_code(failure.reason_code)
                                            : return_code(failure.reason_code);
    case Kind::server_disconnect:
      return mqtt::is_failure(failure.reason_code) ? exit_code(failure.reason_code)
                                                   : exit_status::kConnectionLost;
    case Kind::connection_lost:
      return exit_status::kConnectionLost;
    case Kind::protocol:
      return exit_status::kProtocol;
  }
  return exit_status::kFailure;
}

int exit_code(mqtt::ReasonCode reason) { return static_cast<int>(reason); }

}  // namespace cli
