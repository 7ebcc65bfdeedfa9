#pragma once

#include <string_view>
#include <variant>
#include <vector>

#include "libmqtt/base/bytes.hpp"
#include "libmqtt/codec/packet.hpp"

namespace mqtt::test {

/// One packet as it stands on the wire and what it means: the packet, or the reason code that a
/// receiver refuses it with.
///
/// `wire` is hexadecimal with three shorthands, so that rows can be read and no length is counted
/// by hand: 'abc' is text, (…) has its size in two bytes in front, […] has it in front as a
/// Variable Byte Integer. Spaces mean nothing.
struct WireVector {
  std::string_view name;
  Version version;  ///< Of the connection; a CONNECT brings its own.
  std::string_view wire;
  std::variant<Packet, ReasonCode> meaning;
  /// The bytes are those that encode() writes; false for allowed but longer or older forms.
  bool is_canonical = true;

  const Packet* packet() const { return std::get_if<Packet>(&meaning); }
  const ReasonCode* error() const { return std::get_if<ReasonCode>(&meaning); }
  Bytes bytes() const;
};

/// All rows: every packet type in every version, valid and refused. Sources of frames for the tests
/// of decode, encode, framer and sessions, and seeds for fuzzing.
const std::vector<WireVector>& wire_vectors();

/// The bytes that the notation of WireVector::wire stands for.
Bytes parse_wire(std::string_view wire);

// The parts of wire_vectors().
std::vector<WireVector> wire_vectors_3();        ///< Valid in 3.1 or 3.1.1.
std::vector<WireVector> wire_vectors_5();        ///< Valid in 5.0.
std::vector<WireVector> wire_vectors_refused();  ///< Refused.

}  // namespace mqtt::test
