#pragma once

#include <string>
#include <unordered_set>

#include "libmqtt/codec/packet.hpp"

namespace mq_sub {

/// What --remove-retained asks of the broker, and what comes back of it.
class RetainedRemoval {
 public:
  /// The message that makes the broker forget this one (5.0 §3.3.1.3, [MQTT-3.3.1-6]).
  mqtt::Publish request_for(const mqtt::Publish& message) {
    topics_.emplace(message.topic.view());
    mqtt::Publish request;
    request.topic = message.topic;
    request.qos = mqtt::Qos::at_least_once;
    request.retain = true;
    return request;
  }
  /// Whether this is such a request as the broker sends it to its subscribers, us among them: not a
  /// message that anybody waits for. Asked once for each message.
  bool is_echo(const mqtt::Publish& message) {
    return message.payload.empty() && topics_.erase(std::string(message.topic.view())) > 0;
  }

 private:
  std::unordered_set<std::string> topics_;  ///< Whose request has not come back.
};

}  // namespace mq_sub
