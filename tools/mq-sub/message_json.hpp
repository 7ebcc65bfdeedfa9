#pragma once

#include <string>

#include "libmqtt/codec/packet.hpp"
#include "tools/common/json_text.hpp"
#include "tools/mq-sub/receive_time.hpp"

namespace mq_sub {

using Escape = mqtt::JsonEscape;

/// Appends the message as one JSON object on one line, as `%j` prints it: always valid JSON; keys
/// in the order tst, topic, qos, retain, payloadlen, mid (QoS 1 and 2), properties (when there are
/// any, in wire order), payload (a string, null when empty or, with payload_base64, when not
/// UTF-8).
void append_message_json(std::string& out, const mqtt::Publish& message, const ReceiveTime& time,
                         Escape escape);

}  // namespace mq_sub
