#pragma once

#include "libmqtt/base/reason_code.hpp"
#include "libmqtt/client/client.hpp"
#include "libmqtt/codec/packet.hpp"

namespace cli {

/// What mq-pub and mq-sub exit with, besides the codes of a server's refusal.
namespace exit_status {
inline constexpr int kSuccess = 0;
inline constexpr int kFailure = 1;  ///< Usage, local file, look-up or connect.
inline constexpr int kUndelivered = 4;
inline constexpr int kConnectionLost = 7;
inline constexpr int kProtocol = 14;
inline constexpr int kTimeout = 27;
inline constexpr int kOutput = 74;  ///< stdout could not be written.
}  // namespace exit_status

/// The exit code for what ended a connection. A refusal gives the CONNACK's code as it stood on the
/// wire of that version: 1..5 in 3.1 and 3.1.1 (§3.2.2.3), 128 and above in 5.0.
int exit_code(const mqtt::client::Failure& failure, mqtt::Version version);

/// The exit code for a refused PUBLISH or SUBSCRIBE; `reason` is a failure.
int exit_code(mqtt::ReasonCode reason);

}  // namespace cli
