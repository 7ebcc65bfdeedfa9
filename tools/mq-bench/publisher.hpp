#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "libmqtt/session/line.hpp"
#include "tools/mq-bench/connection.hpp"
#include "tools/mq-bench/payload_maker.hpp"
#include "tools/mq-bench/sender.hpp"

namespace mq_bench {

/// What all publishers of a run have in common.
struct LoadOptions {
  mqtt::Qos qos{};
  PayloadSource payloads;
  std::size_t maximum_backlog = 0;
  std::uint16_t run_tag = 0;
  /// Added to the times in payloads: what makes of this machine's clock the one that all share.
  Duration clock_offset{};
  /// In probes, instead of a time: which clock the times of messages are by, so that who receives
  /// them can tell whether it is its own.
  TimePoint clock_mark = {};
  Duration ack_timeout{};  ///< 0: none.
  bool queues_offline = false;
  bool is_closed_loop = false;
  bool retain = false;
};

/// Adds up how long something lasts that begins and ends.
class Stopwatch {
 public:
  /// Whether it lasts; the time of the turn that has just ended goes to `total`.
  void set(bool is_running, TimePoint now, std::uint64_t& total) {
    if (is_running == is_running_) return;
    if (is_running_) total += static_cast<std::uint64_t>((now - since_).count());
    is_running_ = is_running;
    since_ = now;
  }

 private:
  TimePoint since_;
  bool is_running_ = false;
};

/// A client that publishes when it is told to, and follows every message from its intended time
/// through the socket to its acknowledgement.
class Publisher final : public Connection {
 public:
  /// What identifies a publisher among all of the run.
  struct Identity {
    std::uint32_t index = 0;
    std::vector<mqtt::Bytes> topics;  ///< In turn.
    Sender& sender;
    PayloadMaker& payloads;  ///< Of the crew.
  };
  Publisher(Context context, mqtt::client::ClientOptions options, const LoadOptions& load,
            Identity identity);

  /// A message is due: sends it, or counts why it is skipped.
  void offer(TimePoint due, bool is_measured);
  void send_probe();
  /// Clears the retained message of each topic. No part of the books: for the end of a run.
  void remove_retained();

  /// To be called after each flush of the loop while has_unsent(): takes note of what the socket
  /// has taken. Everything offered before has by then been tried once.
  void after_flush(TimePoint now);
  bool has_unsent() const { return sent_ < offered(); }

  /// Connects anew when an acknowledgement has been awaited for too long. To be called now and
  /// then.
  void check_acknowledgements(TimePoint now);

  /// Messages that are not yet sent and, at QoS 1 and 2, answered.
  std::uint64_t open() const { return entries_.size(); }
  /// Everything sent, and answered at QoS 1 and 2.
  bool is_finished() const { return entries_.empty(); }
  /// Tells the receivers that nothing more is to come. Needs is_finished().
  void finish() { sender().finish(sent_); }
  /// The books are closed: what happens from now on is not theirs.
  void freeze(TimePoint now);
  /// After that, and when all threads have ended: what has no end yet gets one in the books.
  void settle();

  std::uint32_t index() const { return identity_.index; }

 private:
  struct Entry {
    std::uint64_t token = 0;
    TimePoint due;
    std::uint64_t end =
        0;  ///< Position in the session's output behind its last byte; 0: not encoded.
    TimePoint sent_at = mqtt::kNever;  ///< When it was seen to have left.
    std::uint32_t owed = 0;            ///< To so many receivers.
    bool is_measured = false;
    bool is_done = false;
  };

  void on_online(bool session_present, TimePoint now) override;
  void on_offline() override;
  void on_session_event(mqtt::ClientEvent& event, TimePoint now) override;
  void on_finished(const mqtt::client_event::PublishFinished& finished, TimePoint now);
  void count_answer(const Entry& entry, std::uint64_t sequence, mqtt::ReasonCode code,
                    TimePoint now);
  mqtt::Publish message(std::uint32_t sequence, TimePoint due);
  void note_tried(std::uint64_t end, TimePoint now);
  void note_written(TimePoint now);
  void mark_sent(Entry& entry, TimePoint now);
  void on_received(std::uint64_t token, TimePoint now);
  std::uint64_t number_of(std::uint64_t token) const;
  void watch_pressure(TimePoint now);

  /// Messages taken over by the session so far; number n has sequence number n, and stands in
  /// entries_ at n - ended_.
  std::uint64_t offered() const { return ended_ + entries_.size(); }
  Entry& entry(std::uint64_t number) {
    return entries_.begin()[static_cast<std::ptrdiff_t>(number - ended_)];
  }

  Sender& sender() { return identity_.sender; }

  const LoadOptions& load_;
  Identity identity_;
  mqtt::Line<Entry> entries_;
  std::uint64_t ended_ = 0;  ///< Messages that have left entries_.
  std::uint64_t sent_ = 0;
  std::uint64_t tried_ = 0;  ///< Messages that a flush has tried to send.
  TimePoint online_since_;
  Stopwatch window_full_;   ///< Messages wait for nothing but the window.
  Stopwatch send_blocked_;  ///< The socket takes no more.
  TimePoint frozen_;        ///< When the books were closed
  bool was_online_ = false;
};

}  // namespace mq_bench
