#include "tools/mq-sub/acknowledgements.hpp"

namespace mq_sub {

using mqtt::Qos;

void Acknowledgements::owe(const mqtt::Publish& message, std::uint64_t position) {
  if (message.qos == Qos::at_most_once) return;
  owed_.push_back({position, message.packet_id, message.qos});
}

bool Acknowledgements::is_repeat(const mqtt::Publish& message) {
  if (taken_.empty() || message.qos != Qos::exactly_once) return false;
  const bool was_taken = taken_.erase(message.packet_id) > 0;
  // Without DUP the server has forgotten the old message and uses its id again [MQTT-3.3.1-1].
  return was_taken && message.dup;
}

void Acknowledgements::released() {
  if (unreleased_ > 0) --unreleased_;
}

void Acknowledgements::reconnected(bool is_resumed) {
  if (is_resumed) {
    for (const Owed& owed : owed_) {
      if (owed.qos == Qos::exactly_once) taken_.insert(owed.packet_id);
    }
  } else {
    taken_.clear();
    unreleased_ = 0;
  }
  owed_.clear();
}

}  // namespace mq_sub
