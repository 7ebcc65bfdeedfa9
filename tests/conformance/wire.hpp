#pragma once

// Control Packets as raw bytes, written down for the conformance tests by hand and apart from
// libmqtt's own codec: a fault in the codec can't hide itself here. Every builder takes what a test
// may want to get wrong; nothing is checked.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace conformance::wire {

/// Whether the packets have properties and reason codes (5.0) or not (3.1.1).
enum class Level : std::uint8_t { v3_1 = 3, v3_1_1 = 4, v5_0 = 5 };

/// Packet types that are received.
inline constexpr unsigned kClosed = 0;  ///< No packet: the connection ended.
inline constexpr unsigned kConnack = 2;
inline constexpr unsigned kPublish = 3;
inline constexpr unsigned kPuback = 4;
inline constexpr unsigned kPubrec = 5;
inline constexpr unsigned kPubrel = 6;
inline constexpr unsigned kPubcomp = 7;
inline constexpr unsigned kSuback = 9;
inline constexpr unsigned kUnsuback = 11;
inline constexpr unsigned kPingresp = 13;
inline constexpr unsigned kDisconnect = 14;
inline constexpr unsigned kAuth = 15;

/// First bytes of acknowledgements that are sent, for ack().
inline constexpr unsigned kSendPuback = 0x40;
inline constexpr unsigned kSendPubrec = 0x50;
inline constexpr unsigned kSendPubrel = 0x62;
inline constexpr unsigned kSendPubcomp = 0x70;

/// Property identifiers.
namespace id {
inline constexpr unsigned payload_format = 0x01;
inline constexpr unsigned message_expiry = 0x02;
inline constexpr unsigned content_type = 0x03;
inline constexpr unsigned response_topic = 0x08;
inline constexpr unsigned correlation_data = 0x09;
inline constexpr unsigned subscription_identifier = 0x0B;
inline constexpr unsigned session_expiry = 0x11;
inline constexpr unsigned authentication_method = 0x15;
inline constexpr unsigned authentication_data = 0x16;
inline constexpr unsigned will_delay = 0x18;
inline constexpr unsigned reason_string = 0x1F;
inline constexpr unsigned receive_maximum = 0x21;
inline constexpr unsigned topic_alias_maximum = 0x22;
inline constexpr unsigned topic_alias = 0x23;
inline constexpr unsigned user_property = 0x26;
inline constexpr unsigned maximum_packet_size = 0x27;
}  // namespace id

/// The bytes of "10 0c 00 04"; blanks are ignored.
std::string hex(std::string_view digits);
std::string byte(unsigned value);
std::string two_bytes(unsigned value);
std::string four_bytes(std::uint32_t value);
/// Variable Byte Integer in its shortest form.
std::string variable(std::uint32_t value);
/// Two bytes of length, then the text or data.
std::string field(std::string_view text);
/// Fixed header with the right Remaining Length, then the body.
std::string packet(unsigned first_byte, std::string_view body);
/// Property Length, then the properties; nothing at all before 5.0.
std::string properties(Level level, std::string_view properties = {});

/// A property: identifier, then its value as the caller encodes it: property(0x11, four_bytes(60)).
std::string property(unsigned identifier, std::string_view value);
std::string user_property(std::string_view name, std::string_view value);

struct ConnectFields {
  std::string client_id = {};
  bool clean = true;
  unsigned keep_alive = 0;      ///< Seconds.
  std::string properties = {};  ///< 5.0 only.
  struct Will {
    std::string topic = {};
    std::string payload = "will";
    unsigned qos = 0;
    bool retain = false;
    std::string properties = {};  ///< 5.0 only.
  };
  std::optional<Will> will = {};
  std::optional<std::string> username = {};
  std::optional<std::string> password = {};
  unsigned more_flags = 0;                        ///< Or-ed into the Connect Flags.
  std::optional<std::string> protocol_name = {};  ///< Instead of the version's own.
  std::optional<unsigned> protocol_level = {};
};
std::string connect(Level level, const ConnectFields& fields);
/// CONNECT of a client whose session outlives its connections and is gone on with when there is
/// one; `more` properties for 5.0.
ConnectFields lasting(Level level, std::string_view client_id, std::string_view more = {});

struct PublishFields {
  std::string topic = {};
  std::string payload = {};
  unsigned qos = 0;
  unsigned packet_id = 0;  ///< Written at QoS 1 and 2.
  bool retain = false;
  bool dup = false;
  std::string properties = {};  ///< 5.0 only.
};
std::string publish(Level level, const PublishFields& fields);

/// PUBACK 0x40, PUBREC 0x50, PUBREL 0x62, PUBCOMP 0x70, by their first byte, in the short form.
std::string ack(unsigned first_byte, unsigned packet_id);
/// The same with a reason code (5.0).
std::string ack(unsigned first_byte, unsigned packet_id, unsigned reason_code);

/// `filters`: filter and options byte.
std::string subscribe(Level level, unsigned packet_id,
                      const std::vector<std::pair<std::string, unsigned>>& filters,
                      std::string_view properties = {});
std::string unsubscribe(Level level, unsigned packet_id, const std::vector<std::string>& filters);
std::string pingreq();
/// 3.1.1: the two-byte form. 5.0: with reason and properties unless both are nothing.
std::string disconnect(Level level, unsigned reason_code = 0, std::string_view properties = {});

/// What a test wants to know of a packet that came. Values are read without checking more than
/// bounds; missing ones are 0 or empty.
struct Received {
  std::string bytes;  ///< The whole packet; empty: the connection ended.
  unsigned type = 0;  ///< 1..15.
  unsigned flags = 0;
  unsigned packet_id = 0;  ///< PUBLISH (QoS > 0), acks, SUBACK, UNSUBACK.
  unsigned qos = 0;        ///< Of PUBLISH, as are the next ones.
  bool retain = false;
  bool dup = false;
  std::string topic;
  std::string payload;  ///< PUBLISH: the message; SUBACK and UNSUBACK: the reason or return codes.
  unsigned reason_code = 0;      ///< CONNACK (return code in 3.1.1), acks, DISCONNECT, AUTH.
  bool session_present = false;  ///< CONNACK.
  std::string properties;        ///< Without the Property Length.

  /// The value bytes of the first property with this identifier, for fixed sizes and single strings
  /// (without their length); nothing when it is not there.
  std::optional<std::string> property(unsigned identifier) const;
  /// The same of every such property, in order.
  std::vector<std::string> all_properties(unsigned identifier) const;
  /// The first such property of a fixed size as a number.
  std::optional<std::uint32_t> number(unsigned identifier) const;
  std::vector<std::pair<std::string, std::string>> user_properties() const;
};
Received read(Level level, std::string bytes);

}  // namespace conformance::wire
