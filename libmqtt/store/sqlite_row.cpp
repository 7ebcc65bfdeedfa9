#include "libmqtt/store/sqlite_row.hpp"

#include <utility>

#include "libmqtt/store/checksum.hpp"
#include "libmqtt/store/row.hpp"

namespace mqtt::store {

std::optional<Message> read_message(const Statement& row, int first, std::uint64_t id,
                                    ClockReading now) {
  const std::int64_t expires = row.integer(first + 1);
  const std::int64_t encoded_flags = row.integer(first + 2);
  const auto topic = row.blob(first + 3), wire = row.blob(first + 4), origin = row.blob(first + 5),
             payload = row.blob(first + 6);
  const auto flags = decode_flags(encoded_flags);
  if (!flags ||
      row.integer(first) != checksum_of(id, expires, encoded_flags, topic, wire, origin, payload))
    return std::nullopt;
  // One block for all: a third of the allocations.
  Bytes all = Bytes::concat({topic, wire, payload});
  Message body;
  body.topic = all.slice(0, topic.size());
  auto properties = Properties::parse(all.slice(topic.size(), wire.size()), PropertyPlace::publish);
  if (!properties || !decode_origin(origin, body)) return std::nullopt;
  body.properties = *std::move(properties);
  body.payload = std::move(all).slice(topic.size() + wire.size());
  body.expires = from_wall(expires, now);
  body.qos = flags->qos;
  body.retain = flags->retain;
  return body;
}

std::optional<QueuedRow> read_queued(const Statement& row) {
  QueuedRow read;
  change::Queued& queued = read.queued;
  queued.session = row.number(0);
  queued.position = row.number(1);
  queued.message = row.number(4);
  queued.subscription_identifier = static_cast<std::uint32_t>(row.integer(6));
  const auto flags = decode_flags(row.integer(5));
  const auto extras = row.blob(7);
  if (!flags || row.integer(2) != checksum_of(queued.session, queued.position, queued.message,
                                              row.number(6), row.integer(5), extras))
    return std::nullopt;
  if (!row.is_null(3)) {
    read.sent = decode_sent(row.integer(3), queued);
    if (!read.sent) return std::nullopt;
  }
  if (!decode_extras(extras, queued)) return std::nullopt;
  queued.qos = flags->qos;
  queued.retain = flags->retain;
  return read;
}

}  // namespace mqtt::store
