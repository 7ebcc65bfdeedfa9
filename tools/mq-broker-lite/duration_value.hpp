#pragma once

#include <cstdint>

#include "libmqtt/base/time.hpp"
#include "tools/common/setters.hpp"

namespace mq_broker_lite {

/// "14d": a number and h, d, w, m or y.
cli::Setter set_expiration(mqtt::Seconds& target);
/// Up to a year of them.
cli::Setter set_minutes(mqtt::Seconds& target);
/// Bytes from 20 up to the protocol's maximum, for which 0 stands as well.
cli::Setter set_packet_size(std::uint32_t& target);

}  // namespace mq_broker_lite
