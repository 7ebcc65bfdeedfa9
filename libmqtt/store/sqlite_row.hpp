#pragma once

#include <optional>

#include "libmqtt/store/sqlite_database.hpp"

namespace mqtt::store {

// Rows of more than one column as several statements select them. Nothing for a row whose checksum
// is wrong, or that holds what is never written.

/// Columns of the table message, but for its id.
inline constexpr const char* kMessageColumns =
    "message.checksum, expires, message.flags, topic, properties, origin, payload";
/// They begin at the column `first`.
std::optional<Message> read_message(const Statement& row, int first, std::uint64_t id,
                                    ClockReading now);

inline constexpr const char* kQueueColumns =
    "session, position, queue.checksum, sent, message, queue.flags, identifier, extras";
inline constexpr int kQueueColumnCount = 8;
struct QueuedRow {
  change::Queued queued;
  std::optional<change::Sent> sent;
};
/// They are the row's first columns.
std::optional<QueuedRow> read_queued(const Statement& row);

}  // namespace mqtt::store
