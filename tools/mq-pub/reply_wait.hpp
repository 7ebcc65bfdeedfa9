#pragma once

#include "libmqtt/codec/packet.hpp"
#include "tools/mq-pub/options.hpp"

namespace mq_pub {

/// One request and its reply (5.0 §4.10): the Response Topic and the Correlation Data that go with
/// the request, made up unless -D gives them, and what to do with what comes back.
class ReplyWait {
 public:
  explicit ReplyWait(const Options& options);

  /// Adds what the responder needs to know.
  void complete(mqtt::Publish& request) const;
  mqtt::Subscribe subscription() const;
  bool is_answered_by(const mqtt::Publish& message) const;
  const mqtt::Bytes& topic() const { return topic_; }

 private:
  mqtt::Properties given_;
  mqtt::Bytes topic_;
  mqtt::Bytes correlation_;
};

/// Prints a payload and a line feed, as mq-sub does; nothing for an empty payload. False when
/// standard output cannot be written.
bool print_reply(const mqtt::Bytes& payload);

}  // namespace mq_pub
