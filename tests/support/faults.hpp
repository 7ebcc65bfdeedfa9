#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "libmqtt/codec/framer.hpp"
#include "libmqtt/codec/packet.hpp"
#include "tests/support/proxy.hpp"

namespace support {

/// What befalls packets of one type in one direction, by their number. Numbers begin at 1 and go
/// over all connections; PUBLISH packets that the Faults do not count have none, nor have the
/// answers to them.
struct Fault {
  enum class Kind : std::uint8_t {
    drop,
    duplicate,         ///< The same bytes once more.
    duplicate_as_dup,  ///< The second with the DUP flag.
    swap,              ///< With the next one of the same connection.
    corrupt,           ///< One byte of a payload.
    stall,             ///< Nothing in this direction passes for `time`, nor does the packet.
    finish,            ///< The packet passes, then the connection ends in order (FIN).
    reset,             ///< The same with an RST.
  };
  static constexpr std::uint64_t kAll = std::numeric_limits<std::uint64_t>::max();

  Kind kind = Kind::drop;
  std::uint64_t first = 1;
  std::uint64_t count = 1;  ///< How many times.
  std::uint64_t every = 1;  ///< Numbers first, first + every, ...
  Way way = Way::down;
  mqtt::PacketType type = mqtt::PacketType::publish;
  mqtt::Duration time{};   ///< Of a stall.
  std::size_t offset = 0;  ///< Of the byte in the payload that is inverted.
};

/// Faults in what MQTT connections carry, both directions, all versions: by the number of packets
/// or on command, and counted exactly. All members may be called from any thread.
class Faults final : public Interference {
 public:
  struct Setup {
    std::vector<Fault> faults = {};
    /// Which PUBLISH packets have numbers; nothing: all.
    std::function<bool(const mqtt::Publish&)> counts = {};
    std::uint16_t receive_maximum =
        0;                   ///< Put into every CONNACK of 5.0 [MQTT-3.2.2]; 0: as it is.
    mqtt::Duration delay{};  ///< Of every packet, both directions.
    std::uint64_t bytes_per_second = 0;  ///< Of each direction of a connection; 0: no limit.
  };
  struct Stall {
    mqtt::TimePoint begin;
    mqtt::TimePoint end = mqtt::kNever;  ///< Known once it is over.
  };
  /// A counted PUBLISH on its way out to a client.
  struct Delivery {
    mqtt::TimePoint time;
    std::string payload;
  };

  explicit Faults(Setup setup) : setup_(std::move(setup)), done_(setup_.faults.size()) {}

  // Commands; the Proxy has to be woken after the second.
  void stall(Way way);
  void resume(Way way);

  /// Packets that arrived and have a number.
  std::uint64_t seen(Way way, mqtt::PacketType type) const;
  /// Whether so many came; false when patience ended first.
  bool wait_for(Way way, mqtt::PacketType type, std::uint64_t count) const;
  bool wait_for_deliveries(std::size_t count) const;
  /// How often faults of this kind happened.
  std::uint64_t done(Fault::Kind kind) const;
  std::vector<Stall> stalls() const;
  std::vector<Delivery> deliveries() const;
  /// The most PUBLISH packets of QoS 1 and 2 that one client had open at a time: sent by it, and
  /// without PUBACK, PUBCOMP or failed PUBREC passed on to it.
  std::size_t most_in_flight() const;

  void arrived(unsigned link, Way way, std::string_view bytes, mqtt::TimePoint now) override;
  Released release(unsigned link, Way way, mqtt::TimePoint now) override;
  bool is_full(unsigned link, Way way) const override;
  bool is_empty(unsigned link, Way way) const override;
  mqtt::TimePoint deadline(unsigned link, Way way) const override;
  void closed(unsigned link) override;

 private:
  /// A packet that waits for its time.
  struct Held {
    std::string bytes;
    mqtt::TimePoint due;
    std::uint64_t stall = 0;  ///< How many had begun when it came: the last of them holds it.
    Cut cut = Cut::none;
    std::optional<std::uint16_t> answers = {};  ///< It ends the handshake of this packet_id.
    std::optional<std::string> payload = {};    ///< Of a PUBLISH with a number.
  };
  /// One direction of a connection.
  struct Lane {
    explicit Lane(Way w) : way(w) {}
    Way way;
    bool is_cut = false;  ///< Nothing that comes now matters.
    mqtt::Framer framer{std::numeric_limits<std::uint32_t>::max()};
    std::deque<Held> held;
    std::size_t held_bytes = 0;
    mqtt::TimePoint free_at;           ///< When a limited line has sent all before.
    std::optional<Held> swapped = {};  ///< Waits for the next one to overtake it.
  };
  struct Link {
    mqtt::Version version = mqtt::Version::v3_1_1;
    Lane up{Way::up};
    Lane down{Way::down};
    std::set<std::uint16_t> open;  ///< packet_ids of the client's PUBLISH packets.
    std::set<std::pair<Way, std::uint16_t>> uncounted;  ///< PUBLISH packets without a number.
  };

  static Lane& lane(Link& link, Way way) { return way == Way::up ? link.up : link.down; }
  const Lane* find(unsigned link, Way way) const;
  mqtt::TimePoint due(const Lane& lane) const;

  void on_frame(Link& link, Way way, const mqtt::FrameView& frame, mqtt::TimePoint now);
  /// Learns from the packet; its number, or 0.
  std::uint64_t look_at(Link& link, Way way, const mqtt::FrameView& frame, Held& held);
  bool counts(Link& link, Way way, const mqtt::Publish& publish) const;
  std::string with_receive_maximum(const mqtt::Connack& connack) const;
  const Fault* strike(Way way, mqtt::PacketType type, std::uint64_t number);
  void suffer(Lane& lane, const Fault& fault, Held held, mqtt::TimePoint now);
  void hold(Lane& lane, Held held, mqtt::TimePoint now);
  void begin_stall(Way way, mqtt::TimePoint now, mqtt::TimePoint until);
  void end_stall(Way way, mqtt::TimePoint now);

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  const Setup setup_;
  std::map<unsigned, Link> links_;
  std::map<std::pair<Way, mqtt::PacketType>, std::uint64_t> seen_;
  std::vector<std::uint64_t> done_;  ///< As setup_.faults.
  std::map<Way, mqtt::TimePoint> stalled_until_;
  std::map<Way, std::uint64_t> stalls_begun_;
  std::map<Way, std::size_t> open_stall_;  ///< Place in stalls_ of the one that is not over.
  std::vector<Stall> stalls_;
  std::vector<Delivery> deliveries_;
  std::size_t most_in_flight_ = 0;
};

/// A Proxy with Faults.
class FaultProxy {
 public:
  explicit FaultProxy(std::uint16_t target_port, Faults::Setup setup = {})
      : faults_(std::move(setup)), proxy_(target_port, &faults_) {}

  std::uint16_t port() const { return proxy_.port(); }
  const Faults& faults() const { return faults_; }
  Proxy& proxy() { return proxy_; }
  void stall(Way way) { faults_.stall(way); }
  void resume(Way way) {
    faults_.resume(way);
    proxy_.wake();
  }

 private:
  Faults faults_;
  Proxy proxy_;
};

}  // namespace support
