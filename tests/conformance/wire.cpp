#include "tests/conformance/wire.hpp"

#include "tests/support/raw_connection.hpp"

namespace conformance::wire {
namespace {

unsigned octet(std::string_view bytes, std::size_t at) {
  return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0U;
}

/// Reads along a packet; what lies behind its end is 0 or empty.
struct Cursor {
  std::string_view rest;

  unsigned take_byte() {
    const unsigned value = octet(rest, 0);
    rest.remove_prefix(std::min<std::size_t>(1, rest.size()));
    return value;
  }
  unsigned take_two() {
    const unsigned high = take_byte();
    return high << 8U | take_byte();
  }
  std::uint32_t take_variable() {
    std::uint32_t value = 0;
    for (unsigned shift = 0; shift < 28; shift += 7) {
      const unsigned digit = take_byte();
      value |= (digit & 0x7FU) << shift;
      if (digit < 0x80) break;
    }
    return value;
  }
  std::string take(std::size_t count) {
    const std::string taken(rest.substr(0, count));
    rest.remove_prefix(taken.size());
    return taken;
  }
  std::string take_field() { return take(take_two()); }
};

/// Calls visit(identifier, value, second): the value without a length, `second` of a user property.
template <class Visit>
void for_each_property(std::string_view properties, Visit visit) {
  Cursor cursor{properties};
  while (!cursor.rest.empty()) {
    const unsigned identifier = cursor.take_byte();
    switch (identifier) {
      case 0x01:
      case 0x17:
      case 0x19:
      case 0x24:
      case 0x25:
      case 0x28:
      case 0x29:
      case 0x2A:
        visit(identifier, cursor.take(1), std::string());
        break;
      case 0x13:
      case 0x21:
      case 0x22:
      case 0x23:
        visit(identifier, cursor.take(2), std::string());
        break;
      case 0x02:
      case 0x11:
      case 0x18:
      case 0x27:
        visit(identifier, cursor.take(4), std::string());
        break;
      case 0x0B:
        visit(identifier, variable(cursor.take_variable()), std::string());
        break;
      case 0x26: {
        const std::string name = cursor.take_field();
        visit(identifier, name, cursor.take_field());
        break;
      }
      default:
        visit(identifier, cursor.take_field(), std::string());
    }
  }
}

void read_publish(Level level, Cursor& cursor, Received& received) {
  received.dup = (received.flags & 8U) != 0;
  received.qos = received.flags >> 1U & 3U;
  received.retain = (received.flags & 1U) != 0;
  received.topic = cursor.take_field();
  if (received.qos > 0) received.packet_id = cursor.take_two();
  if (level == Level::v5_0) received.properties = cursor.take(cursor.take_variable());
  received.payload = cursor.rest;
}

void read_reason_and_properties(Level level, Cursor& cursor, Received& received) {
  received.reason_code = cursor.take_byte();
  if (level == Level::v5_0) received.properties = cursor.take(cursor.take_variable());
}

}  // namespace

std::string hex(std::string_view digits) { return support::from_hex(digits); }
std::string byte(unsigned value) { return std::string(1, static_cast<char>(value)); }
std::string two_bytes(unsigned value) { return byte(value >> 8U & 0xFFU) + byte(value & 0xFFU); }
std::string four_bytes(std::uint32_t value) {
  return two_bytes(value >> 16U) + two_bytes(value & 0xFFFFU);
}

std::string variable(std::uint32_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7U) bytes += byte((value & 0x7FU) | 0x80U);
  return bytes + byte(value);
}

std::string field(std::string_view text) {
  return two_bytes(static_cast<unsigned>(text.size())) + std::string(text);
}

std::string packet(unsigned first_byte, std::string_view body) {
  return byte(first_byte) + variable(static_cast<std::uint32_t>(body.size())) + std::string(body);
}

std::string properties(Level level, std::string_view properties) {
  if (level != Level::v5_0) return {};
  return variable(static_cast<std::uint32_t>(properties.size())) + std::string(properties);
}

std::string property(unsigned identifier, std::string_view value) {
  return byte(identifier) + std::string(value);
}

std::string user_property(std::string_view name, std::string_view value) {
  return byte(0x26) + field(name) + field(value);
}

std::string connect(Level level, const ConnectFields& fields) {
  unsigned flags = fields.more_flags | (fields.clean ? 0x02U : 0U);
  std::string payload = field(fields.client_id);
  if (const auto& will = fields.will) {
    flags |= 0x04U | will->qos << 3U | (will->retain ? 0x20U : 0U);
    payload += properties(level, will->properties) + field(will->topic) + field(will->payload);
  }
  if (fields.username) {
    flags |= 0x80U;
    payload += field(*fields.username);
  }
  if (fields.password) {
    flags |= 0x40U;
    payload += field(*fields.password);
  }
  const std::string name = fields.protocol_name.value_or(level == Level::v3_1 ? "MQIsdp" : "MQTT");
  return packet(0x10, field(name) +
                          byte(fields.protocol_level.value_or(static_cast<unsigned>(level))) +
                          byte(flags) + two_bytes(fields.keep_alive) +
                          properties(level, fields.properties) + payload);
}

ConnectFields lasting(Level level, std::string_view client_id, std::string_view more) {
  ConnectFields fields{.client_id = std::string(client_id), .clean = false};
  if (level == Level::v5_0)
    fields.properties = property(id::session_expiry, four_bytes(300)) + std::string(more);
  return fields;
}

std::string publish(Level level, const PublishFields& fields) {
  const unsigned first =
      0x30U | (fields.dup ? 8U : 0U) | fields.qos << 1U | (fields.retain ? 1U : 0U);
  return packet(first, field(fields.topic) +
                           (fields.qos > 0 ? two_bytes(fields.packet_id) : std::string()) +
                           properties(level, fields.properties) + fields.payload);
}

std::string ack(unsigned first_byte, unsigned packet_id) {
  return packet(first_byte, two_bytes(packet_id));
}

std::string ack(unsigned first_byte, unsigned packet_id, unsigned reason_code) {
  return packet(first_byte, two_bytes(packet_id) + byte(reason_code));
}

std::string subscribe(Level level, unsigned packet_id,
                      const std::vector<std::pair<std::string, unsigned>>& filters,
                      std::string_view more) {
  std::string body = two_bytes(packet_id) + properties(level, more);
  for (const auto& [filter, options] : filters) body += field(filter) + byte(options);
  return packet(0x82, body);
}

std::string unsubscribe(Level level, unsigned packet_id, const std::vector<std::string>& filters) {
  std::string body = two_bytes(packet_id) + properties(level);
  for (const std::string& filter : filters) body += field(filter);
  return packet(0xA2, body);
}

std::string pingreq() { return packet(0xC0, {}); }

std::string disconnect(Level level, unsigned reason_code, std::string_view more) {
  if (level != Level::v5_0 || (reason_code == 0 && more.empty())) return packet(0xE0, {});
  return packet(0xE0, byte(reason_code) + properties(level, more));
}

std::optional<std::string> Received::property(unsigned identifier) const {
  const std::vector<std::string> all = all_properties(identifier);
  return all.empty() ? std::nullopt : std::optional(all.front());
}

std::vector<std::string> Received::all_properties(unsigned identifier) const {
  std::vector<std::string> found;
  for_each_property(properties, [&](unsigned id, const std::string& value, const std::string&) {
    if (id == identifier) found.push_back(value);
  });
  return found;
}

std::optional<std::uint32_t> Received::number(unsigned identifier) const {
  const auto digits = property(identifier);
  if (!digits) return std::nullopt;
  std::uint32_t value = 0;
  for (std::size_t at = 0; at < digits->size(); ++at) value = value << 8U | octet(*digits, at);
  return value;
}

std::vector<std::pair<std::string, std::string>> Received::user_properties() const {
  std::vector<std::pair<std::string, std::string>> found;
  for_each_property(properties,
                    [&](unsigned id, const std::string& name, const std::string& value) {
                      if (id == 0x26) found.emplace_back(name, value);
                    });
  return found;
}

Received read(Level level, std::string bytes) {
  Received received;
  Cursor cursor{bytes};
  const unsigned first = cursor.take_byte();
  cursor.take_variable();
  received.type = first >> 4U;
  received.flags = first & 0x0FU;
  switch (received.type) {
    case 2:
      received.session_present = (cursor.take_byte() & 1U) != 0;
      read_reason_and_properties(level, cursor, received);
      break;
    case 3:
      read_publish(level, cursor, received);
      break;
    case 4:
    case 5:
    case 6:
    case 7:
      received.packet_id = cursor.take_two();
      read_reason_and_properties(level, cursor, received);
      break;
    case 9:
    case 11:
      received.packet_id = cursor.take_two();
      if (level == Level::v5_0) received.properties = cursor.take(cursor.take_variable());
      received.payload = cursor.rest;
      break;
    case 14:
    case 15:
      read_reason_and_properties(level, cursor, received);
      break;
    default:
      break;
  }
  received.bytes = std::move(bytes);
  return received;
}

}  // namespace conformance::wire
