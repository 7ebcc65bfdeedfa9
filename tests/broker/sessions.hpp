#pragma once

#include <cstdint>

#include "libmqtt/broker/topic_tree.hpp"

namespace mqtt::broker {

inline SessionKey session(std::uint32_t number) {
  return {.shard = 0, .generation = 1, .index = number};
}

inline Subscription subscription(std::uint32_t session_number, Qos qos = Qos::at_most_once,
                                 std::uint32_t identifier = 0) {
  return {.session = session(session_number), .options = {.qos = qos}, .identifier = identifier};
}

}  // namespace mqtt::broker
