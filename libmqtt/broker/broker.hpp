#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "libmqtt/broker/broker_options.hpp"
#include "libmqtt/broker/effect.hpp"
#include "libmqtt/broker/registry.hpp"
#include "libmqtt/broker/retained.hpp"
#include "libmqtt/broker/statistics.hpp"
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

/// Sessions, subscriptions, routing, retained messages, wills: a whole MQTT server but for sockets,
/// as a pure value. Calls and the time come in; effects go out, addressed by SessionKey. Messages
/// for a session always go to its queue: "online" only means that somebody drains it now.
class Broker {
 public:
  explicit Broker(BrokerOptions options);

  /// A valid CONNECT. When the client is already connected, a Disconnect effect for the old
  /// connection must be carried out before the new one accepts the session.
  ConnectAnswer connect(const Connect& connect, const ClientContext& context, TimePoint now);
  /// An anonymous client by a listener without rules of its own.
  ConnectAnswer connect(const Connect& connect, TimePoint now) {
    return this->connect(connect, ClientContext{}, now);
  }
  /// What a connection by this listener is limited to: for its ServerSession.
  ServerLimits limits_of(const ListenerRules* listener) const;
  PublishAnswer publish(SessionKey from, Publish&& publish, TimePoint now);
  Suback subscribe(SessionKey session, const Subscribe& subscribe, TimePoint now);
  Unsuback unsubscribe(SessionKey session, const Unsubscribe& unsubscribe);
  /// A message of the server's own, at QoS 0; any topic will do, $SYS included. An empty payload
  /// with `retain` removes what is retained.
  void publish_from_server(std::string_view topic, std::string_view payload, bool retain,
                           TimePoint now);
  /// From now on these rules hold for everybody in the scope; nullptr: everything is allowed, as it
  /// is in a scope that was never set. What waits for clients that may not read it any more is
  /// dropped.
  void replace_access(AccessScope scope, std::shared_ptr<const Access> rules, TimePoint now);
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
  /// Looks at every session: for once in a while.
  BrokerStatistics statistics() const;
  /// For the ServerSessions of this broker's connections.
  Traffic& traffic() { return statistics_.traffic; }
  std::size_t sessions() const { return registry_.size(); }
  std::size_t subscriptions() const { return tree_.size(); }
  std::size_t retained_messages() const { return retained_.size(); }
  /// Sessions that began to lose messages since the last call: to be told in the log.
  std::vector<SessionKey> take_overflowed() { return std::move(overflowed_); }
  /// nullptr once the session has ended.
  SessionState* find(SessionKey session) { return registry_.find(session); }

 private:
  std::string make_client_id(std::string_view prefix);
  /// Whether the session stays.
  bool take_over(Session& state, const Connect& connect, TimePoint now);
  ReasonCode subscribe_one(Session& state, const TopicRequest& request, std::uint32_t identifier,
                           TimePoint now);
  bool unsubscribe_one(Session& state, std::string_view filter);
  void send_retained(Session& state, const TopicRequest& request, std::uint32_t identifier,
                     TimePoint now);
  void drop_subscriptions(Session& state);
  void end_session(Session& state, TimePoint now);
  void publish_will(Session& state, TimePoint now);

  PublishAnswer accept_message(Message message, TimePoint now);
  void deliver_match(const Match& match, const MessagePtr& message, PublishAnswer& answer,
                     TimePoint now);
  void deliver_merged(std::vector<Match> matches, const MessagePtr& message, PublishAnswer& answer,
                      TimePoint now);
  void deliver_shared(SharedGroup& group, SessionKey leaving, const MessagePtr& message,
                      PublishAnswer& answer, TimePoint now);
  void deliver(Session& state, Delivery delivery, const QueueLimits& limits, PublishAnswer& answer,
               TimePoint now);
  SharedGroup* group_to_take(const Delivery& delivery, SessionKey leaving, bool session_ends);
  void pass_on_shared(Session& leaving, bool session_ends, TimePoint now);
  bool should_wait_for(Session& state, TimePoint now);
  /// Sets the session's one timer to the earliest of what it has coming.
  void schedule(Session& state);
  void cancel_timer(Session& state);

  BrokerOptions options_;
  Registry registry_;
  TopicTree tree_;
  Retained retained_;
  /// When to look at a session again: at most one entry each, at its SessionState::timer.
  std::multimap<TimePoint, SessionKey> timers_;
  std::deque<Effect> effects_;
  std::vector<SessionKey> overflowed_;
  std::vector<std::shared_ptr<const Access>> access_;  ///< By AccessScope.
  BrokerStatistics statistics_;  ///< Its counters; the rest is filled in on demand.
  std::uint64_t random_;
};

}  // namespace mqtt::broker
