#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "libmqtt/base/time.hpp"
#include "libmqtt/codec/property.hpp"

namespace mqtt {

/// The properties that a server adds to a PUBLISH for one receiver, in wire form. One of each fits
/// into the string without an allocation.
class PublishAdditions {
 public:
  void message_expiry_interval(Seconds left) {
    add(PropertyId::message_expiry_interval);
    const auto seconds = static_cast<std::uint32_t>(left.count());
    for (int shift = 24; shift >= 0; shift -= 8) add_byte(seconds >> shift);
  }
  void topic_alias(std::uint16_t alias) {
    add(PropertyId::topic_alias);
    add_byte(std::uint32_t{alias} >> 8);
    add_byte(alias);
  }
  void subscription_identifier(std::uint32_t identifier) {
    add(PropertyId::subscription_identifier);
    for (; identifier >= 0x80; identifier >>= 7)
      add_byte((identifier & 0x7F) | 0x80);  // 5.0 §1.5.5
    add_byte(identifier);
  }
  std::span<const std::byte> wire() const { return as_bytes(wire_); }

 private:
  void add(PropertyId id) { add_byte(static_cast<std::uint32_t>(id)); }
  void add_byte(std::uint32_t value) { wire_ += static_cast<char>(value & 0xFF); }

  std::string wire_;
};

}  // namespace mqtt
