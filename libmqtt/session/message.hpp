#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "libmqtt/base/time.hpp"
#include "libmqtt/codec/packet.hpp"

namespace mqtt {

/// Names a session inside one broker. `shard` says which loop owns it, `generation` makes the key
/// of a session that ended useless although its index is used again. {} names nobody.
struct SessionKey {
  std::uint16_t shard = 0;
  std::uint16_t generation = 0;
  std::uint32_t index = 0xFFFF'FFFF;
  friend bool operator==(const SessionKey&, const SessionKey&) = default;
};

/// Who published a retained message: No Local asks it, and access rules do, session or no session.
struct Publisher {
  Bytes client_id;
  Bytes username;            ///< Empty: anonymous.
  std::uint16_t access = 0;  ///< The broker's AccessScope.
};

/// An application message on its way: immutable once made, shared by everything that holds it
/// (queues, in-flight tables, the retained store). `properties` are those that are forwarded
/// (payload format, content type, response topic, correlation data, user properties): the topic
/// alias, the expiry and subscription identifiers have been taken out.
struct Message {
  Bytes topic;
  Bytes payload;
  Properties properties;
  TimePoint expires = kNever;   ///< When it stops being worth delivering (Message Expiry Interval).
  SessionKey publisher = {};    ///< For No Local; {} for the server's own messages.
  Qos qos = Qos::at_most_once;  ///< As published.
  bool retain = false;          ///< As published.
  std::shared_ptr<const Publisher> origin = {};  ///< Of a client's retained message.

  /// What a queue counts against its limit in bytes.
  std::size_t cost() const { return topic.size() + payload.size() + properties.wire().size() + 64; }
};

/// A counted reference to an immutable Message; the count is atomic.
class MessagePtr {
 public:
  MessagePtr() = default;
  static MessagePtr make(Message message) {
    MessagePtr pointer;
    pointer.counted_ = new Counted{std::move(message), {1}};
    return pointer;
  }
  MessagePtr(const MessagePtr& other) : counted_(other.counted_) {
    if (counted_ != nullptr) counted_->count.fetch_add(1, std::memory_order_relaxed);
  }
  MessagePtr(MessagePtr&& other) noexcept : counted_(std::exchange(other.counted_, nullptr)) {}
  MessagePtr& operator=(MessagePtr other) noexcept {
    std::swap(counted_, other.counted_);
    return *this;
  }
  ~MessagePtr() {
    if (counted_ != nullptr && counted_->count.fetch_sub(1, std::memory_order_acq_rel) == 1)
      delete counted_;
  }
  const Message& operator*() const { return counted_->message; }
  const Message* operator->() const { return &counted_->message; }
  explicit operator bool() const { return counted_ != nullptr; }

  /// What the Journal knows of the message; of the loop that routes it, unlike all else here.
  struct Stored {
    std::uint64_t number = 0;        ///< 0: the store has no body of it.
    std::uint32_t references = 0;    ///< From lasting queues, as far as held, and what is retained.
    bool may_be_in_backlog = false;  ///< Then a store may hold further references.
  };
  Stored& stored() const { return counted_->stored; }

 private:
  struct Counted {
    Message message;
    std::atomic<std::uint32_t> count;
    Stored stored = {};
  };
  Counted* counted_ = nullptr;
};

/// One message for one receiver.
struct Delivery {
  MessagePtr message;
  std::uint32_t subscription_identifier = 0;  ///< Of the subscription it is for; 0 = none.
  Qos qos = Qos::at_most_once;                ///< Published QoS capped by the granted one.
  bool retain = false;                        ///< The RETAIN flag to send.
  std::uint32_t share_group = 0;  ///< SharedGroup::id() when it came by a shared subscription.
  /// Further subscription identifiers, where one copy stands for several subscriptions.
  std::shared_ptr<const std::vector<std::uint32_t>> further_identifiers = {};
  std::uint64_t position = 0;  ///< In the order of its MessageQueue, which sets it.
};

}  // namespace mqtt
