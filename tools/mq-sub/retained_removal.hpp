#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
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
  /// The session took the request and will finish it under this token.
  void sent(std::uint64_t token, const mqtt::Bytes& topic) { unfinished_.emplace(token, topic); }
  /// The topic of the request that has finished; asked once.
  mqtt::Bytes finished(std::uint64_t token) {
    const auto request = unfinished_.extract(token);
    return request ? request.mapped() : mqtt::Bytes();
  }
  /// Whether this is such a request as the broker sends it to its subscribers, us among them: not a
  /// message that anybody waits for. Asked once for each message.
  bool is_echo(const mqtt::Publish& message) {
    return message.payload.empty() && topics_.erase(std::string(message.topic.view())) > 0;
  }

 private:
  std::unordered_set<std::string> topics_;                     ///< Whose request has not come back.
  std::unordered_map<std::uint64_t, mqtt::Bytes> unfinished_;  ///< Topics by token.
};

}  // namespace mq_sub
