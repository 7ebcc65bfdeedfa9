#include "libmqtt/session/client_requests.hpp"

#include <algorithm>
#include <utility>

namespace mqtt {

void ClientRequests::offline(PacketIds& packet_ids) {
  for (const Pending& pending : pending_) packet_ids.release(pending.packet_id);
  pending_.clear();
}

void ClientRequests::subscribe(Subscribe subscribe, PacketIds& packet_ids, Output& output,
                               ClientEvents& events) {
  const std::uint16_t packet_id = subscribe.packet_id;
  const bool has_identifier =
      subscribe.properties.find(property::subscription_identifier).has_value();
  std::vector<ReasonCode> codes;
  for (const TopicRequest& request : subscribe.requests)
    codes.push_back(
        limits_.refusal(request.filter.view(), has_identifier).value_or(ReasonCode::success));
  std::size_t position = 0;
  std::erase_if(subscribe.requests,
                [&](const TopicRequest&) { return is_failure(codes[position++]); });
  const Packet packet = std::move(subscribe);
  if (!fits(packet)) std::ranges::replace(codes, ReasonCode::success, ReasonCode::packet_too_large);
  if (std::ranges::all_of(codes, is_failure)) {
    packet_ids.release(packet_id);
    events.push(client_event::Subscribed{{packet_id, std::move(codes), {}}});
    return;
  }
  pending_.push_back({packet_id, PacketType::suback, std::move(codes)});
  encode(version_, packet, output);
}

void ClientRequests::unsubscribe(Unsubscribe unsubscribe, PacketIds& packet_ids, Output& output,
                                 ClientEvents& events) {
  const std::uint16_t packet_id = unsubscribe.packet_id;
  const std::size_t count = unsubscribe.filters.size();
  const Packet packet = std::move(unsubscribe);
  if (!fits(packet)) {
    packet_ids.release(packet_id);
    events.push(client_event::Unsubscribed{
        {packet_id, std::vector<ReasonCode>(count, ReasonCode::packet_too_large), {}}});
    return;
  }
  pending_.push_back({packet_id, PacketType::unsuback, std::vector<ReasonCode>(count)});
  encode(version_, packet, output);
}

Result<void> ClientRequests::suback(Suback suback, PacketIds& packet_ids, ClientEvents& events) {
  auto pending = take(suback.packet_id, PacketType::suback, packet_ids);
  if (!pending) return {};
  auto& codes = pending->codes;
  const auto asked = std::ranges::count(codes, ReasonCode::success);
  if (std::cmp_not_equal(asked, suback.reason_codes.size()))  // [MQTT-3.8.4-6]
    return fail(ReasonCode::protocol_error, "SUBACK answers another number of subscriptions");
  std::size_t next = 0;
  for (ReasonCode& code : codes)
    if (code == ReasonCode::success) code = suback.reason_codes[next++];
  suback.reason_codes = std::move(codes);
  events.push(client_event::Subscribed{std::move(suback)});
  return {};
}

Result<void> ClientRequests::unsuback(Unsuback unsuback, PacketIds& packet_ids,
                                      ClientEvents& events) {
  const auto pending = take(unsuback.packet_id, PacketType::unsuback, packet_ids);
  if (!pending) return {};
  if (version_ == Version::v5_0 && unsuback.reason_codes.size() != pending->codes.size())
    return fail(ReasonCode::protocol_error, "UNSUBACK answers another number of filters");
  events.push(client_event::Unsubscribed{std::move(unsuback)});
  return {};
}

bool ClientRequests::fits(const Packet& packet) const {
  return limits_.maximum_packet_size >= kMaximumPacketSize ||
         encoded_size(version_, packet) <= limits_.maximum_packet_size;  // [MQTT-3.2.2-15]
}

std::optional<ClientRequests::Pending> ClientRequests::take(std::uint16_t packet_id,
                                                            PacketType answer,
                                                            PacketIds& packet_ids) {
  const auto found = std::ranges::find_if(pending_, [&](const Pending& pending) {
    return pending.packet_id == packet_id && pending.answer == answer;
  });
  if (found == pending_.end()) return std::nullopt;  // An answer to nothing.
  std::optional<Pending> taken(std::move(*found));
  pending_.erase(found);
  packet_ids.release(packet_id);
  return taken;
}

}  // namespace mqtt
