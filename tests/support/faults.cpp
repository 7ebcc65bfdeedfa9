#include "tests/support/faults.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <span>
#include <variant>

#include "libmqtt/base/output.hpp"
#include "libmqtt/codec/decode.hpp"
#include "libmqtt/codec/encode.hpp"
#include "tests/support/process.hpp"

namespace support {
namespace {

/// What a line takes in while it may not give anything out.
constexpr std::size_t kMostHeld = 65'536;

mqtt::TimePoint clock_now() {
  return mqtt::TimePoint(std::chrono::steady_clock::now().time_since_epoch());
}

/// The whole packet: frames are handed out in place, so its fixed header stands before the body.
std::string raw(const mqtt::FrameView& frame) {
  const std::size_t header = frame.size - frame.body.size();
  return std::string(mqtt::as_text({frame.body.data() - header, frame.size}));
}

std::string contents(const mqtt::Output& output) {
  std::array<std::span<const std::byte>, 64> pieces;
  std::string text;
  const std::size_t count = output.gather(pieces);
  for (std::size_t i = 0; i < count; ++i) text += mqtt::as_text(pieces[i]);
  return text;
}

/// The packet_id of a PUBLISH whose handshake this answer ends.
std::optional<std::uint16_t> ended_handshake(const mqtt::Packet& packet) {
  if (const auto* puback = std::get_if<mqtt::Puback>(&packet)) return puback->packet_id;
  if (const auto* pubcomp = std::get_if<mqtt::Pubcomp>(&packet)) return pubcomp->packet_id;
  const auto* pubrec = std::get_if<mqtt::Pubrec>(&packet);
  if (pubrec == nullptr || !mqtt::is_failure(pubrec->reason_code)) return std::nullopt;
  return pubrec->packet_id;
}

/// The way of the PUBLISH that this packet, itself on its way `way`, belongs to.
std::optional<std::pair<Way, std::uint16_t>> handshake(const mqtt::Packet& packet, Way way) {
  const Way back = way == Way::up ? Way::down : Way::up;
  if (const auto* puback = std::get_if<mqtt::Puback>(&packet)) return {{back, puback->packet_id}};
  if (const auto* pubrec = std::get_if<mqtt::Pubrec>(&packet)) return {{back, pubrec->packet_id}};
  if (const auto* pubrel = std::get_if<mqtt::Pubrel>(&packet)) return {{way, pubrel->packet_id}};
  if (const auto* pubcomp = std::get_if<mqtt::Pubcomp>(&packet))
    return {{back, pubcomp->packet_id}};
  return std::nullopt;
}

bool strikes(const Fault& fault, std::uint64_t number) {
  if (number < fault.first || (number - fault.first) % fault.every != 0) return false;
  return (number - fault.first) / fault.every < fault.count;
}

}  // namespace

void Faults::stall(Way way) {
  const std::scoped_lock lock(mutex_);
  begin_stall(way, clock_now(), mqtt::kNever);
}

void Faults::resume(Way way) {
  const std::scoped_lock lock(mutex_);
  stalled_until_[way] = clock_now();
}

void Faults::begin_stall(Way way, mqtt::TimePoint now, mqtt::TimePoint until) {
  stalled_until_[way] = until;
  ++stalls_begun_[way];
  if (open_stall_.try_emplace(way, stalls_.size()).second) stalls_.push_back({now});
}

void Faults::end_stall(Way way, mqtt::TimePoint now) {
  if (const auto stall = open_stall_.extract(way)) stalls_[stall.mapped()].end = now;
}

std::uint64_t Faults::seen(Way way, mqtt::PacketType type) const {
  const std::scoped_lock lock(mutex_);
  const auto found = seen_.find({way, type});
  return found == seen_.end() ? 0 : found->second;
}

bool Faults::wait_for(Way way, mqtt::PacketType type, std::uint64_t count) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, kPatience, [&] {
    const auto found = seen_.find({way, type});
    return found != seen_.end() && found->second >= count;
  });
}

bool Faults::wait_for_deliveries(std::size_t count) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, kPatience, [&] { return deliveries_.size() >= count; });
}

std::uint64_t Faults::done(Fault::Kind kind) const {
  const std::scoped_lock lock(mutex_);
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < done_.size(); ++i) {
    if (setup_.faults[i].kind == kind) sum += done_[i];
  }
  return sum;
}

std::vector<Faults::Stall> Faults::stalls() const {
  const std::scoped_lock lock(mutex_);
  return stalls_;
}

std::vector<Faults::Delivery> Faults::deliveries() const {
  const std::scoped_lock lock(mutex_);
  return deliveries_;
}

std::size_t Faults::most_in_flight() const {
  const std::scoped_lock lock(mutex_);
  return most_in_flight_;
}

void Faults::arrived(unsigned number, Way way, std::string_view bytes, mqtt::TimePoint now) {
  const std::scoped_lock lock(mutex_);
  Link& link = links_[number];
  mqtt::Framer& framer = lane(link, way).framer;
  framer.feed(mqtt::as_bytes(bytes));
  for (auto frame = framer.next(); frame && *frame; frame = framer.next())
    on_frame(link, way, **frame, now);
  framer.keep_rest();
  changed_.notify_all();
}

void Faults::on_frame(Link& link, Way way, const mqtt::FrameView& frame, mqtt::TimePoint now) {
  if (Faults::lane(link, way).is_cut) return;
  Held held{raw(frame), now};
  const std::uint64_t number = look_at(link, way, frame, held);
  const auto type = static_cast<mqtt::PacketType>(frame.type_bits());
  Lane& lane = Faults::lane(link, way);
  const Fault* fault = number == 0 ? nullptr : strike(way, type, number);
  if (fault != nullptr) return suffer(lane, *fault, std::move(held), now);
  hold(lane, std::move(held), now);
  if (number == 0 || !lane.swapped || lane.swapped->bytes.front() >> 4 != frame.type_bits()) return;
  hold(lane, std::move(*lane.swapped), now);
  lane.swapped.reset();
}

std::uint64_t Faults::look_at(Link& link, Way way, const mqtt::FrameView& frame, Held& held) {
  const auto packet = mqtt::decode(link.version, frame);
  if (!packet) return 0;  // whoever gets it may complain
  if (const auto* connect = std::get_if<mqtt::Connect>(&*packet)) link.version = connect->version;
  if (const auto* connack = std::get_if<mqtt::Connack>(&*packet)) {
    const bool is_changed = setup_.receive_maximum != 0 && link.version == mqtt::Version::v5_0;
    if (is_changed) held.bytes = with_receive_maximum(*connack);
  }
  if (way == Way::down) held.answers = ended_handshake(*packet);
  if (const auto* publish = std::get_if<mqtt::Publish>(&*packet)) {
    if (way == Way::up && publish->qos != mqtt::Qos::at_most_once)
      link.open.insert(publish->packet_id);
    most_in_flight_ = std::max(most_in_flight_, link.open.size());
    if (!counts(link, way, *publish)) return 0;
    held.payload = std::string(publish->payload.view());
  }
  const auto handshake = support::handshake(*packet, way);
  if (handshake && link.uncounted.contains(*handshake)) return 0;
  return ++seen_[{way, mqtt::type(*packet)}];
}

// An identifier is used again, for messages of both kinds.
bool Faults::counts(Link& link, Way way, const mqtt::Publish& publish) const {
  const bool is_counted = !setup_.counts || setup_.counts(publish);
  if (is_counted) {
    link.uncounted.erase({way, publish.packet_id});
  } else if (publish.qos != mqtt::Qos::at_most_once) {
    link.uncounted.insert({way, publish.packet_id});
  }
  return is_counted;
}

std::string Faults::with_receive_maximum(const mqtt::Connack& connack) const {
  mqtt::PropertiesBuilder properties;
  connack.properties.for_each([&](const mqtt::PropertyView& property) {
    if (property.id != mqtt::PropertyId::receive_maximum) properties.add(property);
  });
  properties.add(mqtt::property::receive_maximum, setup_.receive_maximum);
  mqtt::Connack changed = connack;
  changed.properties = properties.build();
  mqtt::Output output;
  mqtt::encode(mqtt::Version::v5_0, changed, output);
  return contents(output);
}

const Fault* Faults::strike(Way way, mqtt::PacketType type, std::uint64_t number) {
  for (std::size_t i = 0; i < setup_.faults.size(); ++i) {
    const Fault& fault = setup_.faults[i];
    if (fault.way != way || fault.type != type || !strikes(fault, number)) continue;
    ++done_[i];
    return &fault;
  }
  return nullptr;
}

void Faults::suffer(Lane& lane, const Fault& fault, Held held, mqtt::TimePoint now) {
  using Kind = Fault::Kind;
  if (fault.kind == Kind::drop) return;
  if (fault.kind == Kind::swap) {
    lane.swapped = std::move(held);
    return;
  }
  if (fault.kind == Kind::corrupt && held.payload && fault.offset < held.payload->size()) {
    // The payload is what a PUBLISH ends with.
    char& byte = held.bytes[held.bytes.size() - held.payload->size() + fault.offset];
    byte = static_cast<char>(~byte);
  }
  if (fault.kind == Kind::stall) begin_stall(fault.way, now, now + fault.time);
  if (fault.kind == Kind::finish) held.cut = Cut::finish;
  if (fault.kind == Kind::reset) held.cut = Cut::reset;
  const bool is_doubled = fault.kind == Kind::duplicate || fault.kind == Kind::duplicate_as_dup;
  lane.is_cut = held.cut != Cut::none;
  if (is_doubled) hold(lane, held, now);
  if (fault.kind == Kind::duplicate_as_dup) held.bytes.front() |= 0x08;
  hold(lane, std::move(held), now);
}

void Faults::hold(Lane& lane, Held held, mqtt::TimePoint now) {
  held.stall = stalls_begun_[lane.way];
  held.due = now + setup_.delay;
  if (setup_.bytes_per_second != 0) {
    const auto share = held.bytes.size() * 1'000'000'000 / setup_.bytes_per_second;
    held.due = std::max(held.due, lane.free_at);
    lane.free_at = held.due + mqtt::Duration(static_cast<std::int64_t>(share));
  }
  lane.held_bytes += held.bytes.size();
  lane.held.push_back(std::move(held));
}

const Faults::Lane* Faults::find(unsigned link, Way way) const {
  const auto found = links_.find(link);
  if (found == links_.end()) return nullptr;
  return way == Way::up ? &found->second.up : &found->second.down;
}

// A stall begins behind what came before it.
mqtt::TimePoint Faults::due(const Lane& lane) const {
  if (lane.held.empty()) return mqtt::kNever;
  const Held& first = lane.held.front();
  const bool is_stalled = first.stall > 0 && first.stall == stalls_begun_.at(lane.way);
  return is_stalled ? std::max(first.due, stalled_until_.at(lane.way)) : first.due;
}

Interference::Released Faults::release(unsigned number, Way way, mqtt::TimePoint now) {
  const std::scoped_lock lock(mutex_);
  Released released;
  const auto found = links_.find(number);
  if (found == links_.end()) return released;
  Link& link = found->second;
  Lane& lane = Faults::lane(link, way);
  while (due(lane) <= now && released.cut == Cut::none) {
    Held held = std::move(lane.held.front());
    lane.held.pop_front();
    lane.held_bytes -= held.bytes.size();
    released.bytes += held.bytes;
    released.cut = held.cut;
    if (held.answers) link.open.erase(*held.answers);
    if (held.payload && way == Way::down) deliveries_.push_back({now, std::move(*held.payload)});
    if (held.stall > 0 && held.stall == stalls_begun_.at(way)) end_stall(way, now);
  }
  changed_.notify_all();
  return released;
}

bool Faults::is_full(unsigned link, Way way) const {
  const std::scoped_lock lock(mutex_);
  const Lane* lane = find(link, way);
  return lane != nullptr && lane->held_bytes >= kMostHeld;
}

bool Faults::is_empty(unsigned link, Way way) const {
  const std::scoped_lock lock(mutex_);
  const Lane* lane = find(link, way);
  return lane == nullptr || lane->held.empty();
}

mqtt::TimePoint Faults::deadline(unsigned link, Way way) const {
  const std::scoped_lock lock(mutex_);
  const Lane* lane = find(link, way);
  return lane == nullptr ? mqtt::kNever : due(*lane);
}

void Faults::closed(unsigned link) {
  const std::scoped_lock lock(mutex_);
  links_.erase(link);
}

}  // namespace support
