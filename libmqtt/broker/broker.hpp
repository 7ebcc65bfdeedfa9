#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "libmqtt/broker/admission.hpp"
#include "libmqtt/broker/broker_options.hpp"
#include "libmqtt/broker/effect.hpp"
#include "libmqtt/broker/registry.hpp"
#include "libmqtt/broker/restoration.hpp"
#include "libmqtt/broker/retained.hpp"
#include "libmqtt/broker/statistics.hpp"
#include "libmqtt/broker/topic_tree.hpp"
#include "libmqtt/session/journal.hpp"

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
  ServerLimits limits_of(const ListenerRules* listener) const {
    return broker::limits_of(options_, listener);
  }
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
  void replace_access(AccessScope scope, std::shared_ptr<const Access> rules);
  /// The connection has ended and is detached; `by_client` is the client's DISCONNECT if it sent
  /// one.
  void disconnected(SessionKey session, const std::optional<Disconnect>& by_client, TimePoint now);
  /// fill_output() ran for a session after a Wake.
  void drained(SessionKey session, TimePoint now);

  /// Every connection ends now and the server with them: for the journal. Wills are due, and
  /// published when the server is back.
  void shut_down(TimePoint now);
  /// Wills, session expiry, patience: what is due at `now`.
  void tick(TimePoint now);
  std::optional<TimePoint> deadline() const;

  std::optional<Effect> poll_effect();

  const BrokerOptions& options() const { return options_; }
  // With BrokerOptions::has_store.
  /// What is to be committed, and what answers wait for.
  Journal& journal() { return journal_; }
  /// Before anything else: a change of the stored state, in the order of Store::load().
  void restore(Change&& change);
  /// The answer to a FetchBacklog.
  void backlog_came(SessionKey session, BacklogPage&& page, TimePoint now);
  /// The last one has come. Clients that were connected have lost their connections now.
  void end_of_restore(TimePoint now);

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
  Session* find(SessionKey session) { return registry_.find(session); }

 private:
  std::string make_client_id(std::string_view prefix);
  /// The session that a client comes back to, or a new one; whether it was there.
  struct Arrival {
    Session& session;
    bool was_present = false;
  };
  Arrival arrive(const Connect& connect, std::string_view client_id, const ClientContext& context,
                 TimePoint now);
  /// Whether the session stays.
  bool take_over(Session& state, bool wanted, TimePoint now);
  ConnectAnswer refuse(const Refusal& refusal);
  ReasonCode subscribe_one(Session& state, const TopicRequest& request, std::uint32_t identifier,
                           TimePoint now);
  bool add_subscription(Session& state, std::string_view filter, const Subscription& subscription);
  bool unsubscribe_one(Session& state, std::string_view filter);
  void remove_from_tree(const Session& state, std::string_view filter);
  void send_retained(Session& state, std::string_view filter, const Subscription& subscription,
                     TimePoint now);
  void drop_subscriptions(Session& state);
  void end_session(Session& state, TimePoint now);
  void keep(Session& state);
  void forget(Session& state);
  Bytes share_of(const Session& state, const Delivery& delivery) const;
  void retain(const MessagePtr& message);
  bool lasts_retained(const Message& message) const;
  void retained_erased(const MessagePtr& message);
  void restore(change::SessionKept& kept);
  void restore(change::Subscribed& subscribed);
  void restore(change::MessageKept& kept);
  void restore(change::BacklogLeft& left);
  void restore(change::Queued& queued);
  void restore_queued();
  void restore(change::Sent& sent);
  void restore(change::Arrived& arrived);
  void restore(change::RetainedSet& set);
  template <class Other>
  void restore(Other& other);
  Session* restored_session(std::uint64_t number);
  static Delivery delivery_of(const change::Queued& queued, const Session& state);
  Delivery restored(const change::Queued& queued, const Session& state);
  void publish_will(Session& state, TimePoint now);

  /// nullptr: everything is allowed.
  const Access* rules_of(AccessScope scope) const {
    return scope < access_.size() ? access_[scope].get() : nullptr;
  }
  /// Why a client's message goes nowhere, if so; counted. The topic is a whole one.
  std::optional<ReasonCode> refusal_of_message(const Session& state, std::string_view topic,
                                               std::size_t payload);
  bool may_write(const Session& state, std::string_view topic) const;
  bool may_read(const Session& state, const Message& message) const;
  bool may_subscribe(const Session& state, std::string_view filter) const;
  bool origin_may_write(const Message& message) const;
  void drop_unreadable(Session& state, bool is_connected);
  bool forget(Session& state, const OutgoingFlights::Flight& flight, bool is_connected);
  Qos delivered_qos(Qos published, Qos granted) const {  // [MQTT-3.8.4-8]
    return options_.upgrade_outgoing_qos ? granted : std::min(published, granted);
  }

  PublishAnswer accept_message(Message message, TimePoint now);
  std::shared_ptr<const Publisher> origin_of(SessionKey publisher);
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
  /// Counts and tells it when not.
  bool enqueue(Session& state, Delivery delivery, const QueueLimits& limits);
  void put_aside_pushed(Session& state);
  void put_aside_tail(Session& state);
  void fetch_backlog(Session& state);
  bool should_wait_for(Session& state, TimePoint now);
  void relieve(Session& state);
  void drop_expired_retained(TimePoint now);
  /// Sets the session's one timer to the earliest of what it has coming.
  void schedule(Session& state);
  void cancel_timer(Session& state);

  BrokerOptions options_;
  Journal journal_;
  std::unique_ptr<Restoration> restoration_;  ///< While restore() is being called.
  Registry registry_;
  TopicTree tree_;
  Retained retained_;
  /// When to look at a session again: at most one entry each, at its SessionState::timer.
  std::multimap<TimePoint, SessionKey> timers_;
  std::deque<Effect> effects_;
  std::vector<SessionKey> overflowed_;
  TimePoint retained_due_ = TimePoint::min();  ///< No look for expired retained messages before.
  std::size_t online_ = 0;
  std::size_t shared_subscriptions_ = 0;
  std::vector<std::shared_ptr<const Access>> access_;  ///< By AccessScope.
  BrokerStatistics statistics_;  ///< Its counters; the rest is filled in on demand.
  std::uint64_t random_;
};

}  // namespace mqtt::broker
