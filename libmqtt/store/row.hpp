#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "libmqtt/store/store.hpp"

namespace mqtt::store {

// How changes stand in a table's columns. Every decoder checks what it reads: a value that no
// encoder writes gives nothing.

/// Wall-clock time in milliseconds, rounded up; kNever is kept.
std::int64_t to_wall(TimePoint time, ClockReading now);
TimePoint from_wall(std::int64_t wall, ClockReading now);

std::vector<std::byte> encode_session(const change::SessionRecord& record, ClockReading now);
std::optional<change::SessionRecord> decode_session(std::span<const std::byte> row,
                                                    ClockReading now);

std::int64_t encode_options(const SubscribeOptions& options);
std::optional<SubscribeOptions> decode_options(std::int64_t column);

/// QoS and RETAIN, of a message as of a place in a queue.
struct Flags {
  Qos qos = Qos::at_most_once;
  bool retain = false;
};
std::int64_t encode_flags(Flags flags);
std::optional<Flags> decode_flags(std::int64_t column);

/// Empty for nobody.
std::vector<std::byte> encode_origin(const Publisher* origin);
/// False for what encode_origin() does not write.
bool decode_origin(std::span<const std::byte> column, Message& message);

/// Share and further identifiers; empty when there are none, as nearly always.
std::vector<std::byte> encode_extras(const change::Queued& queued);
bool decode_extras(std::span<const std::byte> column, change::Queued& queued);

/// Packet identifier and stage, with a checksum of their own: they change while the rest of the row
/// stays.
std::int64_t encode_sent(const change::Sent& sent);
std::optional<change::Sent> decode_sent(std::int64_t column, const change::Queued& queued);

}  // namespace mqtt::store
