#pragma once

#include "libmqtt/codec/packet.hpp"
#include "tools/mq-pub/options.hpp"

namespace mq_pub {

/// The PUBLISH that these options ask for, without topic and payload.
mqtt::Publish publish_prototype(const Options& options);

/// Whether any packet can hold this message: its length is limited to 268,435,455 bytes behind the
/// fixed header (5.0 §1.5.5, §2.1.4), topic and properties included.
bool fits_a_packet(mqtt::Version version, const mqtt::Publish& publish);

}  // namespace mq_pub
