#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "libmqtt/base/bytes.hpp"
#include "libmqtt/base/reason_code.hpp"
#include "libmqtt/codec/property.hpp"

namespace mqtt {

/// The protocol version, with its value on the wire (CONNECT, Protocol Version).
enum class Version : std::uint8_t { v3_1 = 3, v3_1_1 = 4, v5_0 = 5 };

enum class Qos : std::uint8_t { at_most_once = 0, at_least_once = 1, exactly_once = 2 };

// One struct per Control Packet for all versions. In 3.1 and 3.1.1 properties are empty and reason
// codes are those that the codec maps the old return codes to. Strings are validated UTF-8 once
// decoded; whoever fills a packet to be encoded vouches for them. Every member has an initialiser,
// so that designated initialisers need to name only what differs.

struct Will {
  Bytes topic{};
  Bytes payload{};
  Properties properties{};
  Qos qos = Qos::at_most_once;
  bool retain = false;
  friend bool operator==(const Will&, const Will&) = default;
};

struct Connect {
  Version version = Version::v5_0;
  bool clean_start = true;       ///< "Clean Session" in 3.1.1.
  std::uint16_t keep_alive = 0;  ///< Seconds; 0 = off.
  Bytes client_id{};
  std::optional<Bytes> username{};
  std::optional<Bytes> password{};
  std::optional<Will> will{};
  Properties properties{};
  friend bool operator==(const Connect&, const Connect&) = default;
};

struct Connack {
  bool session_present = false;
  ReasonCode reason_code = ReasonCode::success;
  Properties properties{};
  friend bool operator==(const Connack&, const Connack&) = default;
};

struct Publish {
  Bytes topic{};  ///< May be empty in 5.0 when a Topic Alias property is present.
  Bytes payload{};
  Properties properties{};
  std::uint16_t packet_id = 0;  ///< 0 at QoS 0.
  Qos qos = Qos::at_most_once;
  bool retain = false;
  bool dup = false;
  friend bool operator==(const Publish&, const Publish&) = default;
};

struct Puback {
  std::uint16_t packet_id = 0;
  ReasonCode reason_code = ReasonCode::success;
  Properties properties{};
  friend bool operator==(const Puback&, const Puback&) = default;
};
struct Pubrec {
  std::uint16_t packet_id = 0;
  ReasonCode reason_code = ReasonCode::success;
  Properties properties{};
  friend bool operator==(const Pubrec&, const Pubrec&) = default;
};
struct Pubrel {
  std::uint16_t packet_id = 0;
  ReasonCode reason_code = ReasonCode::success;
  Properties properties{};
  friend bool operator==(const Pubrel&, const Pubrel&) = default;
};
struct Pubcomp {
  std::uint16_t packet_id = 0;
  ReasonCode reason_code = ReasonCode::success;
  Properties properties{};
  friend bool operator==(const Pubcomp&, const Pubcomp&) = default;
};

/// 5.0 §3.8.3.1; in 3.1.1 only the QoS is on the wire.
enum class RetainHandling : std::uint8_t { send = 0, send_if_new = 1, do_not_send = 2 };
struct SubscribeOptions {
  Qos qos = Qos::at_most_once;
  bool no_local = false;
  bool retain_as_published = false;
  RetainHandling retain_handling = RetainHandling::send;
  friend bool operator==(const SubscribeOptions&, const SubscribeOptions&) = default;
};
struct TopicRequest {
  Bytes filter{};
  SubscribeOptions options{};
  friend bool operator==(const TopicRequest&, const TopicRequest&) = default;
};
struct Subscribe {
  std::uint16_t packet_id = 0;
  std::vector<TopicRequest> requests{};
  Properties properties{};
  friend bool operator==(const Subscribe&, const Subscribe&) = default;
};
struct Suback {
  std::uint16_t packet_id = 0;
  std::vector<ReasonCode> reason_codes{};  ///< One per request, in order; granted QoS or a failure.
  Properties properties{};
  friend bool operator==(const Suback&, const Suback&) = default;
};
struct Unsubscribe {
  std::uint16_t packet_id = 0;
  std::vector<Bytes> filters{};
  Properties properties{};
  friend bool operator==(const Unsubscribe&, const Unsubscribe&) = default;
};
struct Unsuback {
  std::uint16_t packet_id = 0;
  std::vector<ReasonCode> reason_codes{};  ///< Empty in 3.1.1.
  Properties properties{};
  friend bool operator==(const Unsuback&, const Unsuback&) = default;
};

struct Pingreq {
  friend bool operator==(const Pingreq&, const Pingreq&) = default;
};
struct Pingresp {
  friend bool operator==(const Pingresp&, const Pingresp&) = default;
};
struct Disconnect {
  ReasonCode reason_code = ReasonCode::success;
  Properties properties{};
  friend bool operator==(const Disconnect&, const Disconnect&) = default;
};
struct Auth {
  ReasonCode reason_code = ReasonCode::success;
  Properties properties{};
  friend bool operator==(const Auth&, const Auth&) = default;
};

using Packet = std::variant<Connect, Connack, Publish, Puback, Pubrec, Pubrel, Pubcomp, Subscribe,
                            Suback, Unsubscribe, Unsuback, Pingreq, Pingresp, Disconnect, Auth>;

/// The index of a Packet's alternative is its packet type minus one.
inline PacketType type(const Packet& packet) { return static_cast<PacketType>(packet.index() + 1); }

}  // namespace mqtt
