#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "libmqtt/base/bytes.hpp"
#include "libmqtt/base/error.hpp"
#include "libmqtt/codec/packet.hpp"
#include "libmqtt/session/frequency_sketch.hpp"

namespace mqtt {

/// The Topic Aliases that the peer has set on one connection (5.0 §3.3.2.3.4). Grows with the
/// highest alias in use, up to the maximum that was announced; holds no memory before the first
/// one.
class IncomingTopicAliases {
 public:
  /// The Topic Alias Maximum announced to the peer, for a new connection: forgets every alias,
  /// which never outlive their connection [MQTT-3.3.2-7].
  void start(std::uint16_t maximum);

  /// Gives a received PUBLISH its topic, or remembers the topic that it brings for its alias; its
  /// properties stay as they came. Errors: topic_alias_invalid for an alias of 0 [MQTT-3.3.2-8] or
  /// above the maximum [MQTT-3.3.2-9, 3.3.2-11, 3.2.2-17]; protocol_error for an alias that was
  /// never set, or for neither topic nor alias.
  Result<void> resolve(Publish& publish);

 private:
  std::vector<Bytes> topics_;  ///< topics_[alias - 1]; empty = not set.
  std::uint16_t maximum_ = 0;
};

/// The Topic Aliases that this sender has set on one connection. While there are free ones they go
/// to topics as they come; after that a topic that has come more often lately takes the alias of
/// one that has come less often. Topics that come once, however many, take nothing from frequent
/// ones. Holds no memory before the first one.
class OutgoingTopicAliases {
 public:
  struct Alias {
    std::uint16_t value = 0;  ///< 0: send the topic and no alias.
    bool is_known = false;    ///< The peer has it: the topic may be left out.
  };

  /// The peer's Topic Alias Maximum (or less), for a new connection: forgets every alias.
  void start(std::uint16_t maximum);

  /// The alias of a topic, which takes one if need be. Then the caller must send it, topic and all:
  /// from now on the peer is taken to know it.
  Alias use(const Bytes& topic);

 private:
  struct Holder {
    Bytes topic;
    std::uint8_t uses = 0;  ///< Lately; as the sketch counts.
  };
  struct Hash {
    std::size_t operator()(const Bytes& bytes) const {
      return std::hash<std::string_view>()(bytes.view());
    }
  };
  Alias compete(const Bytes& topic);
  std::uint16_t rarest_of_some();
  void count_one();

  std::unordered_map<Bytes, std::uint16_t, Hash> places_;  ///< In holders_.
  std::vector<Holder> holders_;                            ///< holders_[alias - 1].
  std::optional<FrequencySketch> others_;                  ///< Of the topics without an alias.
  std::size_t counted_ = 0;                                ///< Since the last ageing.
  std::uint16_t hand_ = 0;
  std::uint16_t maximum_ = 0;
};

}  // namespace mqtt
