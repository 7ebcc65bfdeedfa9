#include "libmqtt/store/sqlite_writer.hpp"

#include "libmqtt/store/checksum.hpp"
#include "libmqtt/store/row.hpp"

namespace mqtt::store {

namespace {

// Of a row of the table message. A place in a queue does not need the body any more when its PUBREL
// is under way (encode_sent()).
constexpr const char* kLetGo =
    "DELETE FROM message WHERE id = ?"
    " AND NOT EXISTS (SELECT 1 FROM retained"
    "  WHERE retained.topic = message.topic AND retained.message = message.id)"
    " AND NOT EXISTS (SELECT 1 FROM queue WHERE queue.message = message.id"
    "  AND (sent IS NULL OR (sent >> 16 & 1) = 0))";
constexpr const char* kEndBodies =
    "DELETE FROM message WHERE id IN (SELECT queue.message FROM queue WHERE session = ?1)"
    " AND NOT EXISTS (SELECT 1 FROM retained"
    "  WHERE retained.topic = message.topic AND retained.message = message.id)"
    " AND NOT EXISTS (SELECT 1 FROM queue WHERE queue.message = message.id AND session <> ?1"
    "  AND (sent IS NULL OR (sent >> 16 & 1) = 0))";

}  // namespace

// Rows are replaced rather than inserted: a number that damage has left behind is no obstacle.
SqliteWriter::SqliteWriter(Database& database)
    : keep_session_(database.prepare("REPLACE INTO session VALUES (?, ?, ?)")),
      end_session_(database.prepare("DELETE FROM session WHERE id = ?")),
      end_subscriptions_(database.prepare("DELETE FROM subscription WHERE session = ?")),
      end_bodies_(database.prepare(kEndBodies)),
      end_queue_(database.prepare("DELETE FROM queue WHERE session = ?")),
      end_arrivals_(database.prepare("DELETE FROM arrival WHERE session = ?")),
      subscribe_(database.prepare("REPLACE INTO subscription VALUES (?, ?, ?, ?, ?)")),
      unsubscribe_(database.prepare("DELETE FROM subscription WHERE session = ? AND filter = ?")),
      keep_message_(database.prepare("REPLACE INTO message VALUES (?, ?, ?, ?, ?, ?, ?, ?)")),
      drop_message_(database.prepare("DELETE FROM message WHERE id = ?")),
      let_go_(database.prepare(kLetGo)),
      queue_(database.prepare("REPLACE INTO queue VALUES (?, ?, ?, ?, ?, ?, ?, ?)")),
      send_(database.prepare("UPDATE queue SET sent = ? WHERE session = ? AND position = ?")),
      dequeue_(database.prepare("DELETE FROM queue WHERE session = ? AND position = ?")),
      arrive_(database.prepare("REPLACE INTO arrival VALUES (?, ?, ?)")),
      release_(database.prepare("DELETE FROM arrival WHERE session = ? AND packet_id = ?")),
      topic_of_(database.prepare("SELECT topic FROM message WHERE id = ?")),
      retain_(database.prepare("REPLACE INTO retained VALUES (?, ?, ?)")),
      erase_retained_(database.prepare("DELETE FROM retained WHERE topic = ?")) {}

bool SqliteWriter::write(const Step& step, ClockReading now) {
  const Context context{.sent = step.sent, .now = now};
  return std::visit([&](const auto& change) { return write(change, context); }, *step.change);
}

bool SqliteWriter::write(const change::SessionKept& change, const Context& context) {
  const auto row = encode_session(*change.record, context.now);
  const std::span<const std::byte> bytes(row);
  return keep_session_.run(change.session, checksum_of(change.session, bytes), bytes);
}

bool SqliteWriter::write(const change::SessionEnded& change, const Context&) {
  if (change.has_backlog && !end_bodies_.run(change.session)) return false;
  return end_session_.run(change.session) && end_subscriptions_.run(change.session) &&
         end_queue_.run(change.session) && end_arrivals_.run(change.session);
}

bool SqliteWriter::write(const change::Subscribed& change, const Context&) {
  const auto filter = change.filter.span();
  const std::int64_t options = encode_options(change.options);
  const std::int64_t sum = checksum_of(change.session, filter, options, change.identifier);
  return subscribe_.run(change.session, filter, sum, options, change.identifier);
}

bool SqliteWriter::write(const change::Unsubscribed& change, const Context&) {
  return unsubscribe_.run(change.session, change.filter.span());
}

bool SqliteWriter::write(const change::MessageKept& change, const Context& context) {
  const Message& body = *change.body;
  const std::int64_t expires = to_wall(body.expires, context.now);
  const std::int64_t flags = encode_flags({body.qos, body.retain});
  const auto topic = body.topic.span();
  const auto properties = body.properties.wire().span();
  const auto encoded_origin = encode_origin(body.origin.get());
  const std::span<const std::byte> origin(encoded_origin);
  const auto payload = body.payload.span();
  const std::int64_t sum =
      checksum_of(change.message, expires, flags, topic, properties, origin, payload);
  return keep_message_.run(change.message, sum, expires, flags, topic, properties, origin, payload);
}

bool SqliteWriter::write(const change::MessageDropped& change, const Context&) {
  return drop_message_.run(change.message);
}

bool SqliteWriter::write(const change::MessageLetGo& change, const Context&) {
  return let_go_.run(change.message);
}

bool SqliteWriter::write(const change::Queued& change, const Context& context) {
  const auto row = encode_extras(change);
  const std::span<const std::byte> extras(row);
  const std::int64_t flags = encode_flags({change.qos, change.retain});
  const std::int64_t sum = checksum_of(change.session, change.position, change.message,
                                       change.subscription_identifier, flags, extras);
  const auto run = [&](auto sent) {
    return queue_.run(change.session, change.position, sum, sent, change.message, flags,
                      change.subscription_identifier, extras);
  };
  return context.sent == nullptr ? run(nullptr) : run(encode_sent(*context.sent));
}

bool SqliteWriter::write(const change::Sent& change, const Context&) {
  return send_.run(encode_sent(change), change.session, change.position);
}

bool SqliteWriter::write(const change::Dequeued& change, const Context&) {
  return dequeue_.run(change.session, change.position);
}

bool SqliteWriter::write(const change::Arrived& change, const Context&) {
  return arrive_.run(change.session, change.packet_id,
                     checksum_of(change.session, change.packet_id));
}

bool SqliteWriter::write(const change::Released& change, const Context&) {
  return release_.run(change.session, change.packet_id);
}

bool SqliteWriter::write(const change::RetainedSet& change, const Context&) {
  topic_of_.bind_all(change.message);
  bool is_written = true;
  const Statement::Step step = topic_of_.next();
  if (step == Statement::Step::row) {
    const auto topic = topic_of_.blob(0);
    is_written = retain_.run(topic, checksum_of(topic, change.message), change.message);
  }
  topic_of_.reset();
  return is_written && step != Statement::Step::failed;
}

bool SqliteWriter::write(const change::RetainedErased& change, const Context&) {
  return erase_retained_.run(change.topic.span());
}

}  // namespace mqtt::store
