#pragma once

#include <string>

#include "libmqtt/codec/packet.hpp"
#include "tools/common/json_text.hpp"
#include "tools/common/receive_time.hpp"

namespace cli {

using Escape = mqtt::JsonEscape;

/// What `payload` is in the JSON of a message: a string, or the JSON value that its bytes are.
enum class PayloadAs { text, json };

/// Appends the message as one JSON object on one line, as `%j` and `%J` print it: always valid
/// JSON; keys in the order tst, topic, qos, retain, payloadlen, mid (QoS 1 and 2), properties (when
/// there are any, in wire order), payload (null when empty or, with payload_base64, when it should
/// be a string and is not UTF-8). A payload taken as JSON must be JSON, or empty.
void append_message_json(std::string& out, const mqtt::Publish& message, const ReceiveTime& time,
                         Escape escape, PayloadAs payload_as = PayloadAs::text);

}  // namespace cli
