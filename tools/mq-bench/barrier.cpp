#include "tools/mq-bench/barrier.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <utility>

#include "tools/common/setters.hpp"

namespace mq_bench {
namespace {

/// Long enough for everybody to hear of it, the message included.
constexpr std::uint64_t kDelayMilliseconds = 500;
constexpr std::uint64_t kLongestDelay = 60'000;
constexpr std::string_view kReady = "ready";
constexpr std::string_view kDead = "dead";
/// How old a retained "dead" with its time may be to be about this run, and how long the shard has
/// to show that it is there again.
constexpr std::int64_t kRecentSeconds = 600;
constexpr Duration kComeback = std::chrono::seconds(10);

std::string_view text(const mqtt::Bytes& bytes) { return bytes.view(); }

std::int64_t wall_seconds() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::seconds>(now).count();
}

/// "dead 1790000000", and that was not long ago.
bool is_recent(std::string_view state) {
  state.remove_prefix(std::min(state.size(), kDead.size() + 1));
  const auto seconds = cli::parse_number(state, {"time"});
  return seconds && std::abs(wall_seconds() - static_cast<std::int64_t>(*seconds)) < kRecentSeconds;
}

mqtt::client::ClientOptions as_shard(mqtt::client::ClientOptions connection,
                                     const std::string& prefix, std::uint32_t shard) {
  mqtt::Connect& connect = connection.session.connect;
  // 3.1.1, where "retained" in a message always means that it is an old one.
  connect.version = mqtt::Version::v3_1_1;
  connect.clean_start = true;
  connect.properties = {};
  connect.client_id = mqtt::Bytes::copy(fmt::format("{}shard/{}", prefix, shard));
  mqtt::Will will;
  will.topic = mqtt::Bytes::copy(fmt::format("{}ready/{}", prefix, shard));
  will.payload = mqtt::Bytes::copy(kDead);
  will.qos = mqtt::Qos::at_least_once;
  will.retain = true;
  connect.will = std::move(will);
  connection.reconnect = false;
  return connection;
}

}  // namespace

Barrier::Barrier(mqtt::net::Loop& loop, mqtt::client::ClientOptions connection,
                 const std::string& run_id, const Shards& shards)
    : loop_(loop),
      prefix_(fmt::format("ctl/{}/", run_id)),
      shard_(shards.given.front()),
      count_(shards.count),
      client_(loop, as_shard(std::move(connection), prefix_, shard_), *this) {}

void Barrier::start() { client_.start(); }

void Barrier::arrive() {
  has_arrived_ = true;
  say_ready();
}

std::string Barrier::failure() const {
  if (!failure_.empty()) return failure_;
  const TimePoint now = loop_.now();
  const auto missed = std::ranges::find_if(
      missed_, [now](const auto& entry) { return now - entry.second > kComeback; });
  if (missed == missed_.end()) return {};
  return fmt::format("shard {} died before the start", missed->first);
}

// One that has hardly begun to connect tells the others once it has.
void Barrier::leave() {
  if (std::exchange(is_leaving_, true)) return;
  if (client_.is_online()) say_goodbye();
}

// Retained, and with the time, for shards that are still to come; who ends because another one
// died has nothing to tell them.
void Barrier::say_goodbye() {
  const bool is_cause = !opens_ && failure().empty();
  say(is_cause ? fmt::format("{} {}", kDead, wall_seconds()) : std::string());
  client_.stop();
}

void Barrier::on_event(mqtt::ClientEvent& event) {
  if (const auto* connected = std::get_if<mqtt::client_event::Connected>(&event)) {
    if (mqtt::is_failure(connected->connack.reason_code)) return;
    if (is_leaving_) return say_goodbye();
    say({});  // What an earlier run of this name may have left.
    subscribe();
  } else if (const auto* message = std::get_if<mqtt::client_event::MessageReceived>(&event)) {
    on_message(message->publish);
  } else if (const auto* subscribed = std::get_if<mqtt::client_event::Subscribed>(&event)) {
    for (const mqtt::ReasonCode code : subscribed->suback.reason_codes) {
      if (mqtt::is_failure(code)) return fail("the control broker refuses the subscription");
    }
    is_subscribed_ = true;
    say_ready();
  }
}

void Barrier::subscribe() {
  mqtt::Subscribe subscribe;
  for (const char* const topic : {"ready/+", "go"}) {
    subscribe.requests.push_back(
        {mqtt::Bytes::copy(prefix_ + topic), {.qos = mqtt::Qos::at_least_once}});
  }
  client_.session().subscribe(std::move(subscribe), loop_.now());
  client_.wake();
}

// Only who hears the others says that it is there: "go" must not be missed.
void Barrier::say_ready() {
  if (!is_subscribed_ || !has_arrived_ || std::exchange(is_told_, true)) return;
  say(kReady);
}

void Barrier::say(std::string_view state) {
  publish(fmt::format("{}ready/{}", prefix_, shard_), state, true);
}

void Barrier::on_message(const mqtt::Publish& publish) {
  std::string_view topic = text(publish.topic);
  if (!topic.starts_with(prefix_) || opens_) return;
  topic.remove_prefix(prefix_.size());
  if (topic == "go") {
    const auto delay =
        cli::parse_number(text(publish.payload), {"delay in milliseconds", 0, kLongestDelay});
    if (delay && !publish.retain)
      opens_ = loop_.now() + std::chrono::milliseconds(static_cast<std::int64_t>(*delay));
    return;
  }
  topic.remove_prefix(std::min(topic.size(), std::string_view("ready/").size()));
  const auto shard = cli::parse_number(topic, {"shard", 0, count_ - 1});
  if (shard) note_shard(static_cast<std::uint32_t>(*shard), publish);
}

// A retained "dead" may be left over from an earlier run of the same name.
void Barrier::note_shard(std::uint32_t shard, const mqtt::Publish& publish) {
  const std::string_view state = text(publish.payload);
  missed_.erase(shard);
  if (state.starts_with(kDead) && !publish.retain)
    return fail(fmt::format("shard {} died before the start", shard));
  if (state.starts_with(kDead) && shard != shard_ && is_recent(state))
    missed_.emplace(shard, loop_.now());
  if (state != kReady) {
    ready_.erase(shard);
    return;
  }
  const bool is_new = ready_.insert(shard).second;
  if (is_new && shard_ == 0 && ready_.size() == count_)
    this->publish(prefix_ + "go", std::to_string(kDelayMilliseconds), false);
}

void Barrier::publish(const std::string& topic, std::string_view payload, bool is_retained) {
  mqtt::Publish publish;
  publish.topic = mqtt::Bytes::copy(topic);
  publish.payload = mqtt::Bytes::copy(payload);
  publish.qos = mqtt::Qos::at_least_once;
  publish.retain = is_retained;
  client_.session().publish(std::move(publish), loop_.now());
  client_.wake();
}

void Barrier::fail(std::string why) {
  if (failure_.empty()) failure_ = std::move(why);
}

void Barrier::on_retry(const mqtt::client::Failure&, Duration) {}

void Barrier::on_stopped(const std::optional<mqtt::client::Failure>& failure) {
  is_gone_ = true;
  if (failure && !opens_ && !is_leaving_) fail("the control broker: " + failure->text);
}

}  // namespace mq_bench
