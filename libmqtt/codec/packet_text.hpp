#pragma once

#include <string>

#include "libmqtt/codec/packet.hpp"

namespace mqtt {

/// A packet in one line for people, "PUBLISH, id 3, QoS 1, retain 0, dup 0, topic 'a/b', 5 bytes":
/// what it is about, not all that it holds. What peers made up in it is quoted().
std::string packet_text(const Packet& packet);
std::string packet_text(const Publish& packet);
std::string packet_text(const Subscribe& packet);
std::string packet_text(const Unsubscribe& packet);
std::string packet_text(const Suback& packet);
std::string packet_text(const Unsuback& packet);
std::string packet_text(const Connack& packet);

}  // namespace mqtt
