#include "tools/mq-bench/subscriber.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace mq_bench {

Subscriber::Subscriber(Context context, mqtt::client::ClientOptions options, Inbox& inbox,
                       std::uint32_t index, std::vector<mqtt::TopicRequest> requests)
    : Connection(context, std::move(options)),
      inbox_(inbox),
      index_(index),
      requests_(std::move(requests)) {}

// A broker that kept the session kept the subscription in it (3.1.1 and 5.0 §3.2.2).
void Subscriber::on_online(bool session_present, TimePoint now) {
  if (session_present) return set_live(true);
  asked_ = now;
  mqtt::Subscribe subscribe;
  subscribe.requests = requests_;
  client().session().subscribe(std::move(subscribe), now);
  client().wake();
}

void Subscriber::on_session_event(mqtt::ClientEvent& event, TimePoint now) {
  if (const auto* message = std::get_if<mqtt::client_event::MessageReceived>(&event)) {
    inbox_.on_message(*this, message->publish, now);
    note_delivery(granted_, now);
  } else if (const auto* subscribed = std::get_if<mqtt::client_event::Subscribed>(&event)) {
    on_subscribed(subscribed->suback, now);
  } else if (const auto* sent = std::get_if<mqtt::client_event::PublishFinished>(&event)) {
    if (mqtt::is_failure(sent->reason_code)) note_refusal(sent->reason_code);
  }
}

void Subscriber::send(mqtt::Publish publish, std::size_t maximum_backlog, TimePoint now) {
  mqtt::ClientSession& session = client().session();
  if (!is_online() || session.waiting() >= maximum_backlog) return;
  session.publish(std::move(publish), now);
  client().wake();
}

void Subscriber::note_delivery(TimePoint sent, TimePoint now) {
  if (!std::exchange(has_delivery_, true) && granted_ != TimePoint())
    ledger().metrics().first_delivery.histogram.record(now - std::max(granted_, sent));
}

void Subscriber::on_subscribed(const mqtt::Suback& suback, TimePoint now) {
  is_settled_ = true;
  granted_ = now;
  ledger().metrics().suback.histogram.record(now - asked_);
  bool is_granted = true;
  for (std::size_t i = 0; i < suback.reason_codes.size(); ++i)
    is_granted = check(suback.reason_codes[i], requests_[i].options.qos) && is_granted;
  if (is_granted) set_live(true);
}

bool Subscriber::check(mqtt::ReasonCode code, mqtt::Qos asked) {
  if (mqtt::is_failure(code)) {
    ledger().note_error(fmt::format("subscribe refused: {} (0x{:02X})", mqtt::name(code),
                                    static_cast<unsigned>(code)));
    return false;
  }
  if (static_cast<unsigned>(code) < static_cast<unsigned>(asked)) {
    ledger().note_error(
        fmt::format("subscription granted at QoS {} only", static_cast<unsigned>(code)));
  }
  return true;
}

void Subscriber::set_live(bool is_live) {
  if (std::exchange(is_live_, is_live) != is_live) inbox_.on_live(*this, is_live);
}

void Subscriber::prove() {
  if (!std::exchange(is_proven_, true)) ++ledger().result().subscriptions_proven;
}

}  // namespace mq_bench
