#pragma once

#include <array>
#include <cstddef>

#include "libmqtt/codec/property.hpp"
#include "tools/common/option.hpp"

namespace cli {

/// The MQTT 5.0 properties given by -D, for CONNECT, PUBLISH, SUBSCRIBE, UNSUBSCRIBE, DISCONNECT
/// and the will. All commands are taken by every tool, as scripts expect; those that a tool never
/// sends have no effect.
class PropertyOptions {
 public:
  /// CMD NAME VALUE, or CMD user-property NAME VALUE. Refuses what the standard's property table
  /// does: unknown names, names in the wrong place, repeats, values out of range.
  Complaint add(Words words);
  bool empty() const;
  bool has(mqtt::PropertyPlace place, mqtt::PropertyId id) const;
  /// What was given for one packet, ready to be extended.
  mqtt::PropertiesBuilder builder(mqtt::PropertyPlace place) const;
  mqtt::Properties build(mqtt::PropertyPlace place) const { return builder(place).build(); }

 private:
  static constexpr std::size_t kPlaces = static_cast<std::size_t>(mqtt::PropertyPlace::will) + 1;
  std::array<mqtt::Properties, kPlaces> given_;
};

/// The row of -D, --property.
Option property_row(PropertyOptions& target);

}  // namespace cli
