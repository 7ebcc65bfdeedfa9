#include "tools/common/message_json.hpp"

#include <fmt/format.h>

#include <iterator>

#include "tools/common/json_layout.hpp"

namespace cli {

void append_message_json(std::string& out, const mqtt::Publish& message, const ReceiveTime& time,
                         Escape escape, PayloadAs payload_as) {
  const auto insert = std::back_inserter(out);
  out += "{\"tst\":\"";
  append_strftime(out, time, "%Y-%m-%dT%H:%M:%S");
  fmt::format_to(insert, ".{:06}", time.nanoseconds / 1000);
  append_strftime(out, time, "%z");
  out += "\",";
  append_json_member(out, "topic", message.topic.view(), escape);
  fmt::format_to(insert, ",\"qos\":{},\"retain\":{},\"payloadlen\":{}",
                 static_cast<int>(message.qos), message.retain, message.payload.size());
  if (message.qos != mqtt::Qos::at_most_once) {
    fmt::format_to(insert, ",\"mid\":{}", message.packet_id);
  }
  if (!message.properties.empty()) {
    out += ",\"properties\":{";
    append_json_properties(out, message.properties, escape);
    out += '}';
  }
  out += ',';
  if (message.payload.empty()) {
    out += "\"payload\":null";
  } else if (payload_as == PayloadAs::json) {
    out += "\"payload\":";
    append_json(out, message.payload.view(), JsonLayout::compact, escape);
  } else {
    append_json_member(out, "payload", message.payload.view(), escape);
  }
  out += '}';
}

}  // namespace cli
