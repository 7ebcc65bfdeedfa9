#pragma once

#include "libmqtt/codec/packet.hpp"
#include "tools/mq-pub/options.hpp"

namespace mq_pub {

/// One request and its reply (5.0 §4.10): the Response Topic and the Correlation Data that go with
/// the request, made up unless -e or -D gives them, and which message is the reply.
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

}  // namespace mq_pub
