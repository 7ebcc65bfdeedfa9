#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "libmqtt/broker/broker_options.hpp"
#include "libmqtt/broker/effect.hpp"
#include "libmqtt/broker/registry.hpp"
#include "libmqtt/broker/retained.hpp"
#include "libmqtt/broker/topic_tree.hpp"

namespace mqtt::broker {

struct ConnectAnswer {
  Connack connack;
  SessionState* session = nullptr;  ///< nullptr: refused.
};

struct PublishAnswer {
  ReasonCode reason_code = ReasonCode::success;  ///< For PUBACK or PUBREC.
  bool is_congested = false;  ///< A receiver can't keep up: read no more from this publisher until
                              ///< ResumePublishers.
};

/// Counters since the start.
struct BrokerStatistics {
  std::uint64_t published = 0;  ///< Messages that came in.
  std::uint64_t delivered = 0;  ///< Copies queued for receivers.
  std::uint64_t dropped = 0;    ///< Copies that a full queue refused.
};

/// Sessions, subscriptions, routing, retained messages, wills: a whole MQTT server but for sockets,
/// as a pure value. Calls and the time come in; effects go out, addressed by SessionKey. Messages
/// for a session always go to its queue: "online" only means that somebody drains it now.
class Broker {
 public:
  explicit Broker(BrokerOptions options);

  /// A valid CONNECT. When the client is already connected, a Disconnect effect for the old
  /// connection must be carried out before the new one accepts the session.
  ConnectAnswer connect(const Connect& connect, TimePoint now);
  PublishAnswer publish(SessionKey from, Publish&& publish, TimePoint now);
  Suback subscribe(SessionKey session, const Subscribe& subscribe, TimePoint now);
  Unsuback unsubscribe(SessionKey session, const Unsubscribe& unsubscribe);
  /// The connection has ended and is detached; `by_client` is the client's DISCONNECT if it sent
  /// one.
  void disconnected(SessionKey session, const std::optional<Disconnect>& by_client, TimePoint now);
  /// fill_output() ran for a session after a Wake.
  void drained(SessionKey session, TimePoint now);

  /// Wills, session expiry, patience: what is due at `now`.
  void tick(TimePoint now);
  std::optional<TimePoint> deadline() const;

  std::optional<Effect> poll_effect();

  const BrokerOptions& options() const { return options_; }
  const BrokerStatistics& statistics() const { return statistics_; }
  std::size_t sessions() const { return registry_.size(); }
  std::size_t subscriptions() const { return tree_.size(); }
  std::size_t retained_messages() const { return retained_.size(); }
  /// Sessions that began to lose messages since the last call: to be told in the log.
  std::vector<SessionKey> take_overflowed() { return std::move(overflowed_); }
  /// nullptr once the session has ended.
  SessionState* find(SessionKey session) { return registry_.find(session); }

 private:
  std::string make_client_id();
  /// Whether the session stays.
  bool take_over(SessionState& state, const Connect& connect, TimePoint now);
  ReasonCode subscribe_one(SessionState& state, const TopicRequest& request,
                           std::uint32_t identifier, TimePoint now);
  bool unsubscribe_one(SessionState& state, std::string_view filter);
  void send_retained(SessionState& state, const TopicRequest& request, std::uint32_t identifier,
                     TimePoint now);
  void drop_subscriptions(SessionState& state);
  void end_session(SessionState& state, TimePoint now);
  void publish_will(SessionState& state, TimePoint now);

  PublishAnswer accept_message(Message message, TimePoint now);
  void deliver_match(const Match& match, const MessagePtr& message, PublishAnswer& answer,
                     TimePoint now);
  void deliver_merged(std::vector<Match> matches, const MessagePtr& message, PublishAnswer& answer,
                      TimePoint now);
  void deliver_shared(SharedGroup& group, SessionKey leaving, const MessagePtr& message,
                      PublishAnswer& answer, TimePoint now);
  void deliver(SessionState& state, Delivery delivery, const QueueLimits& limits,
               PublishAnswer& answer, TimePoint now);
  SharedGroup* group_to_take(const Delivery& delivery, SessionKey leaving, bool session_ends);
  void pass_on_shared(SessionState& leaving, bool session_ends, TimePoint now);
  bool should_wait_for(SessionState& state, TimePoint now);
  /// Sets the session's one timer to the earliest of what it has coming.
  void schedule(SessionState& state);
  void cancel_timer(SessionState& state);

  BrokerOptions options_;
  Registry registry_;
  TopicTree tree_;
  Retained retained_;
  /// When to look at a session again: at most one entry each, at its SessionState::timer.
  std::multimap<TimePoint, SessionKey> timers_;
  std::deque<Effect> effects_;
  std::vector<SessionKey> overflowed_;
  BrokerStatistics statistics_;
  std::uint64_t random_;
};

}  // namespace mqtt::broker
