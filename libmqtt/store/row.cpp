#include "libmqtt/store/row.hpp"

#include <algorithm>
#include <limits>

#include "libmqtt/codec/reader.hpp"
#include "libmqtt/store/checksum.hpp"

namespace mqtt::store {
namespace {

using std::chrono::ceil;
using std::chrono::milliseconds;

constexpr std::int64_t kNeverWall = std::numeric_limits<std::int64_t>::max();

class Appender {
 public:
  void number(std::uint64_t value, int bytes) {
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
      row_.push_back(static_cast<std::byte>(value >> shift & 0xFF));
  }
  void flag(bool value) { number(value ? 1 : 0, 1); }
  void text(std::span<const std::byte> bytes) {
    number(bytes.size(), 4);
    row_.insert(row_.end(), bytes.begin(), bytes.end());
  }
  std::vector<std::byte> take() && { return std::move(row_); }

 private:
  std::vector<std::byte> row_;
};

std::int64_t read_time(Reader& reader) {
  const std::uint64_t high = reader.four_byte();
  return static_cast<std::int64_t>(high << 32 | reader.four_byte());
}
Bytes read_text(Reader& reader) { return Bytes::copy(reader.take(reader.four_byte())); }
bool read_flag(Reader& reader) { return reader.byte() != 0; }

void append_will(Appender& out, const Will& will) {
  out.text(will.topic.span());
  out.text(will.payload.span());
  out.text(will.properties.wire().span());
  out.number(static_cast<std::uint64_t>(encode_flags({will.qos, will.retain})), 1);
}

std::optional<Will> read_will(Reader& reader) {
  Will will{.topic = read_text(reader), .payload = read_text(reader)};
  auto properties = Properties::parse(read_text(reader), PropertyPlace::will);
  const auto flags = decode_flags(reader.byte());
  if (!properties || !flags) return std::nullopt;
  will.properties = *std::move(properties);
  will.qos = flags->qos;
  will.retain = flags->retain;
  return will;
}

std::uint32_t sent_checksum(const change::Sent& sent) {
  const std::int64_t sum = checksum_of(sent.session, sent.position, sent.packet_id,
                                       static_cast<std::uint8_t>(sent.stage));
  return static_cast<std::uint32_t>(sum);
}

}  // namespace

std::int64_t to_wall(TimePoint time, ClockReading now) {
  if (time == kNever) return kNeverWall;
  return now.wall.time_since_epoch().count() + ceil<milliseconds>(time - now.monotonic).count();
}

TimePoint from_wall(std::int64_t wall, ClockReading now) {
  if (wall == kNeverWall) return kNever;
  const milliseconds left(wall - now.wall.time_since_epoch().count());
  // Where nanoseconds do not reach that far it is never, or has long been.
  constexpr auto kReach = std::chrono::duration_cast<milliseconds>(Duration::max() / 4);
  if (left > kReach) return kNever;
  return now.monotonic + std::max(left, -kReach);
}

std::vector<std::byte> encode_session(const change::SessionRecord& record, ClockReading now) {
  Appender out;
  out.number(static_cast<std::uint64_t>(record.version), 1);
  out.number(record.expiry_interval, 4);
  out.flag(record.is_online);
  out.number(static_cast<std::uint64_t>(to_wall(record.expires_at, now)), 8);
  out.number(static_cast<std::uint64_t>(to_wall(record.will_due, now)), 8);
  out.text(record.client_id.span());
  out.text(as_bytes(record.username));
  out.text(as_bytes(record.mount_point));
  out.number(record.access_scope, 2);
  out.flag(record.will.has_value());
  if (record.will) append_will(out, *record.will);
  return std::move(out).take();
}

std::optional<change::SessionRecord> decode_session(std::span<const std::byte> row,
                                                    ClockReading now) {
  Reader reader(row);
  const std::uint8_t version = reader.byte();
  if (version < 3 || version > 5) return std::nullopt;
  change::SessionRecord record;
  record.version = static_cast<Version>(version);
  record.expiry_interval = reader.four_byte();
  record.is_online = read_flag(reader);
  record.expires_at = from_wall(read_time(reader), now);
  record.will_due = from_wall(read_time(reader), now);
  record.client_id = read_text(reader);
  record.username = read_text(reader).view();
  record.mount_point = read_text(reader).view();
  record.access_scope = reader.two_byte();
  const bool has_will = read_flag(reader);
  if (has_will) record.will = read_will(reader);
  if (reader.finish() || has_will != record.will.has_value()) return std::nullopt;
  return record;
}

std::int64_t encode_options(const SubscribeOptions& options) {
  return static_cast<std::int64_t>(options.qos) | (options.no_local ? 4 : 0) |
         (options.retain_as_published ? 8 : 0) |
         static_cast<std::int64_t>(options.retain_handling) << 4;
}

std::optional<SubscribeOptions> decode_options(std::int64_t column) {
  const auto qos = column & 3;
  const auto handling = column >> 4;
  if (qos > 2 || handling < 0 || handling > 2) return std::nullopt;
  return SubscribeOptions{.qos = static_cast<Qos>(qos),
                          .no_local = (column & 4) != 0,
                          .retain_as_published = (column & 8) != 0,
                          .retain_handling = static_cast<RetainHandling>(handling)};
}

std::int64_t encode_flags(Flags flags) {
  return static_cast<std::int64_t>(flags.qos) | (flags.retain ? 4 : 0);
}

std::optional<Flags> decode_flags(std::int64_t column) {
  if (column < 0 || column > 7 || (column & 3) > 2) return std::nullopt;
  return Flags{.qos = static_cast<Qos>(column & 3), .retain = (column & 4) != 0};
}

std::vector<std::byte> encode_origin(const Publisher* origin) {
  if (origin == nullptr) return {};
  Appender out;
  out.number(origin->access, 2);
  out.text(origin->client_id.span());
  out.text(origin->username.span());
  return std::move(out).take();
}

bool decode_origin(std::span<const std::byte> column, Message& message) {
  if (column.empty()) return true;
  Reader reader(column);
  Publisher origin;
  origin.access = reader.two_byte();
  origin.client_id = read_text(reader);
  origin.username = read_text(reader);
  if (reader.finish()) return false;
  message.origin = std::make_shared<const Publisher>(std::move(origin));
  return true;
}

std::vector<std::byte> encode_extras(const change::Queued& queued) {
  if (queued.share.empty() && queued.further_identifiers == nullptr) return {};
  Appender out;
  out.text(queued.share.span());
  if (queued.further_identifiers != nullptr)
    for (const std::uint32_t identifier : *queued.further_identifiers) out.number(identifier, 4);
  return std::move(out).take();
}

bool decode_extras(std::span<const std::byte> column, change::Queued& queued) {
  if (column.empty()) return true;
  Reader reader(column);
  queued.share = read_text(reader);
  std::vector<std::uint32_t> identifiers;
  while (!reader.at_end()) identifiers.push_back(reader.four_byte());
  if (reader.finish()) return false;
  if (!identifiers.empty())
    queued.further_identifiers =
        std::make_shared<const std::vector<std::uint32_t>>(std::move(identifiers));
  return true;
}

std::int64_t encode_sent(const change::Sent& sent) {
  const auto low =
      static_cast<std::uint64_t>(sent.packet_id) | static_cast<std::uint64_t>(sent.stage) << 16;
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(sent_checksum(sent)) << 32 | low);
}

std::optional<change::Sent> decode_sent(std::int64_t column, const change::Queued& queued) {
  const auto stage = static_cast<std::uint32_t>(column) >> 16;
  const change::Sent sent{.session = queued.session,
                          .position = queued.position,
                          .packet_id = static_cast<std::uint16_t>(column & 0xFFFF),
                          .stage = static_cast<OutgoingFlights::Stage>(stage)};
  if (stage > 1 || encode_sent(sent) != column) return std::nullopt;
  return sent;
}

}  // namespace mqtt::store
