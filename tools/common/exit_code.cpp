#include "tools/common/exit_code.hpp"

#include "libmqtt/codec/encode.hpp"

namespace cli {

int exit_code(const mqtt::client::Failure& failure, mqtt::Version version) {
  using Kind = mqtt::client::Failure::Kind;
  switch (failure.kind) {
    case Kind::dial:
      return exit_status::kFailure;
    case Kind::timeout:
      return exit_status::kTimeout;
    case Kind::refused:
      return version == mqtt::Version::v5_0 ? exit_code(failure.reason_code)
                                            : mqtt::connack_return_code(failure.reason_code);
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
