#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "libmqtt/codec/packet.hpp"

namespace cli {

/// A message as one JSON object on a line: what a recording holds, what mq-sub --json prints and
/// what mq-pub --jsonl reads. Members: topic, payload or payload_base64, qos, retain, properties,
/// time_ns.
struct JsonMessage {
  std::optional<std::string> topic;
  std::string payload;
  std::optional<std::uint8_t> qos;
  std::optional<bool> retain;
  mqtt::Properties properties;
  std::optional<std::int64_t> time_ns;  ///< When it was received: nanoseconds since 1970, UTC.
};

/// Checks everything that a PUBLISH needs, the topic too when there is one. A payload that is a
/// string stands for its text, null for an empty one, any other value for its own JSON text.
/// Members that only describe a delivery (tst, payloadlen, mid; the properties topic-alias and
/// subscription-identifier) are passed over, unknown ones are errors: one sentence without the
/// line.
std::expected<JsonMessage, std::string> parse_json_message(std::string_view line);

/// Appends the message as such an object; nothing that only describes a delivery.
void append_json_message(std::string& out, const mqtt::Publish& message, std::int64_t time_ns);

}  // namespace cli
