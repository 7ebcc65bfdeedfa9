#pragma once

#include "tools/mq-bench/publisher.hpp"
#include "tools/mq-bench/subscriber.hpp"

namespace mq_bench {

/// The far end of a round trip: sends each message back as it came, to another topic, where its
/// sender waits for it and times it with the clock that it was sent by. Keeps no books: what it
/// does not get or cannot send is lost to the sender.
class Echo final : public Subscriber::Inbox {
 public:
  /// `sender`: whose messages these are, if it lives in this process.
  Echo(const LoadOptions& load, mqtt::Bytes answer_topic, Sender& sender)
      : load_(load), answer_topic_(std::move(answer_topic)), sender_(sender) {}

  /// A message that came shows that the subscription delivers: the probe is the first.
  void on_message(Subscriber& client, const mqtt::Publish& publish, TimePoint now) override;
  /// What is sent again after a reconnect comes back twice, as QoS 1 allows.
  void on_live(Subscriber& client, bool is_live) override;

  /// All that a message has, but what belongs to the way it came.
  static mqtt::Publish answer_to(const mqtt::Publish& publish, const mqtt::Bytes& topic);

 private:
  const LoadOptions& load_;
  mqtt::Bytes answer_topic_;
  Sender& sender_;
};

}  // namespace mq_bench
