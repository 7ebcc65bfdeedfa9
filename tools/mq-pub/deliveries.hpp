#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>

#include "libmqtt/base/bytes.hpp"

namespace mq_pub {

/// The book of what became of every message: given to the session, delivered, or not. A message
/// that is open when all is over counts as lost.
class Deliveries {
 public:
  struct Message {
    mqtt::Bytes topic;
    std::size_t size = 0;
    std::optional<std::uint64_t> ticket = {};  ///< What its source knows it by.
  };

  void begin(std::uint64_t token, Message message);
  /// The message has come to its end; nothing when no such message is open.
  std::optional<Message> end(std::uint64_t token, bool is_delivered);
  /// Messages that could not even be begun.
  void reject(std::uint64_t count) { refused_ += count; }

  std::size_t open() const { return open_.size(); }
  std::size_t open_bytes() const { return open_bytes_; }
  std::uint64_t sent() const { return sent_; }
  std::uint64_t ended() const { return sent_ + refused_; }
  std::uint64_t refused() const { return refused_; }
  std::uint64_t lost() const { return refused_ + open_.size(); }

 private:
  std::unordered_map<std::uint64_t, Message> open_;
  std::size_t open_bytes_ = 0;
  std::uint64_t sent_ = 0;
  std::uint64_t refused_ = 0;
};

}  // namespace mq_pub
