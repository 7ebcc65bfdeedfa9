#pragma once

#include <cstdint>
#include <vector>

#include "tools/mq-bench/connection.hpp"

namespace mq_bench {

/// A client that subscribes whenever it has to and hands what arrives to an Inbox.
class Subscriber final : public Connection {
 public:
  /// Whoever accounts for what arrives.
  class Inbox {
   public:
    virtual ~Inbox() = default;
    virtual void on_message(Subscriber& receiver, const mqtt::Publish& publish, TimePoint now) = 0;
    /// The subscription came into force or out of it.
    virtual void on_live(Subscriber& receiver, bool is_live) = 0;
  };

  Subscriber(Context context, mqtt::client::ClientOptions options, Inbox& inbox,
             std::uint32_t index, std::vector<mqtt::TopicRequest> requests);
  /// The broker keeps its session, and so what is published meanwhile, while it is offline.
  void keep_session() { keeps_session_ = true; }

  std::uint32_t index() const { return index_; }
  bool is_live() const { return is_live_; }
  /// It has been shown that messages come through.
  void prove();
  bool is_proven() const { return is_proven_; }
  /// The first message came, the subscription's or of what was sent at `sent`, whichever is later.
  void note_delivery(TimePoint sent, TimePoint now);
  /// The SUBSCRIBE was answered once, with a code for each of its filters.
  bool is_settled() const { return is_settled_; }
  /// Publishes something itself, unless it is offline or has so many messages unsent already.
  void send(mqtt::Publish publish, std::size_t maximum_backlog, TimePoint now);

 private:
  void on_online(bool session_present, TimePoint now) override;
  void on_offline() override {
    if (!keeps_session_) set_live(false);
  }
  void on_session_event(mqtt::ClientEvent& event, TimePoint now) override;
  void on_subscribed(const mqtt::Suback& suback, TimePoint now);
  bool check(mqtt::ReasonCode code, mqtt::Qos asked);
  void set_live(bool is_live);

  Inbox& inbox_;
  std::uint32_t index_;
  std::vector<mqtt::TopicRequest> requests_;
  TimePoint asked_;
  TimePoint granted_;
  bool has_delivery_ = false;
  bool keeps_session_ = false;
  bool is_live_ = false;
  bool is_proven_ = false;
  bool is_settled_ = false;
};

}  // namespace mq_bench
