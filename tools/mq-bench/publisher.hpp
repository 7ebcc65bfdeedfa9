#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "libmqtt/session/line.hpp"
#include "tools/mq-bench/connection.hpp"
#include "tools/mq-bench/flow.hpp"

namespace mq_bench {

/// What all publishers of a run have in common.
struct LoadOptions {
  mqtt::Qos qos{};
  std::size_t size = 0;
  std::size_t maximum_backlog = 0;
  std::uint16_t run_tag = 0;
  /// Marked when a publisher may have to note what the next flush sends.
  mqtt::net::Loop::Flushable* after_flush = nullptr;
};

/// A client that publishes when it is told to, and follows every message from its intended time
/// through the socket to its acknowledgement.
class Publisher final : public Connection {
 public:
  Publisher(Context context, mqtt::client::ClientOptions options, const LoadOptions& load,
            std::uint32_t index, mqtt::Bytes topic);

  /// A message is due: sends it, or counts why it is skipped.
  void offer(TimePoint due, bool is_measured);
  void send_probe();

  /// To be called after each flush of the loop while has_unsent(): takes note of what the socket
  /// has taken. Everything offered before has by then been tried once.
  void note_sent(TimePoint now);
  bool has_unsent() const { return sent_ < offered(); }

  /// Everything sent, and answered at QoS 1 and 2.
  bool is_finished() const { return entries_.empty(); }
  /// Messages that left, in the order of their sequence numbers.
  std::uint64_t sent() const { return sent_; }
  /// The drain is over: what has no end yet gets one in the books.
  void settle();

  Flow& flow() { return flow_; }
  std::uint32_t index() const { return index_; }

 private:
  struct Entry {
    std::uint64_t token = 0;
    TimePoint due;
    std::uint64_t end =
        0;  ///< Position in the session's output behind its last byte; 0: not encoded.
    bool is_measured = false;
    bool is_done = false;
  };

  void on_offline() override;
  void on_session_event(mqtt::ClientEvent& event, TimePoint now) override;
  void on_finished(const mqtt::client_event::PublishFinished& finished, TimePoint now);
  void count_answer(const Entry& entry, std::uint64_t sequence, mqtt::ReasonCode code,
                    TimePoint now);
  mqtt::Publish message(std::uint32_t sequence, TimePoint due);
  void note_tried(std::uint64_t end, TimePoint now);
  void note_written(TimePoint now);
  void mark_sent(const Entry& entry, TimePoint now);

  /// Messages taken over by the session so far; number n has sequence number n, and stands in
  /// entries_ at n - ended_.
  std::uint64_t offered() const { return ended_ + entries_.size(); }
  Entry& entry(std::uint64_t number) {
    return entries_.begin()[static_cast<std::ptrdiff_t>(number - ended_)];
  }

  const LoadOptions& load_;
  std::uint32_t index_;
  mqtt::Bytes topic_;
  std::vector<std::byte> scratch_;  ///< The payload; only its header changes.
  Flow flow_;
  mqtt::Line<Entry> entries_;
  std::uint64_t ended_ = 0;  ///< Messages that have left entries_.
  std::uint64_t sent_ = 0;
  std::uint64_t tried_ = 0;  ///< Messages that a flush has tried to send.
};

}  // namespace mq_bench
