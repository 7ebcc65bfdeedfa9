#pragma once

#include "libmqtt/client/client.hpp"
#include "libmqtt/net/loop.hpp"
#include "tools/mq-bench/ledger.hpp"

namespace mq_bench {

/// What a run takes for the time: the loop's, unless a test has one of its own.
using Clock = TimePoint (*)(const mqtt::net::Loop& loop);
inline TimePoint time_of(const mqtt::net::Loop& loop) { return loop.now(); }

/// Where the clients of a crew live.
struct Context {
  Ledger& ledger;
  mqtt::net::Loop& loop;
  Clock clock = time_of;
  /// Marked when a publisher may have to note what the next flush sends.
  mqtt::net::Loop::Flushable* after_flush = nullptr;
};

/// One client of a run: connects at its scheduled time, keeps the census of connections in the
/// ledger, and hands what it hears to the kind of client that it is. On its own it just holds the
/// connection.
class Connection : public mqtt::client::Client::Handler {
 public:
  Connection(Context context, mqtt::client::ClientOptions options);

  /// `scheduled`: when it should have started; connect_total counts from there.
  void start(TimePoint scheduled);
  /// Goes away, with DISCONNECT or just cut off (the will fires); stays away until restart(), and
  /// is not over meanwhile. False: it is not there, or going already.
  bool leave();
  bool cut();
  bool is_away() const { return is_away_; }
  /// Comes back, to its session if that is kept; like start() when it comes to latencies, but tries
  /// again when it is not let in. False: it is not away, or not yet.
  bool restart(TimePoint scheduled);
  bool is_online() const { return is_online_; }
  bool is_over() const { return is_over_; }
  std::string_view client_id() { return client_.session().client_id(); }
  bool has_reconnected() const { return connects_ > 1; }
  /// For good: it is over when this is done, away or not.
  void stop();

 protected:
  virtual void on_online(bool session_present, TimePoint now);
  virtual void on_offline() {}
  virtual void on_session_event(mqtt::ClientEvent& event, TimePoint now);

  /// A message of its own was refused by the broker.
  void note_refusal(mqtt::ReasonCode code);

  mqtt::client::Client& client() { return client_; }
  Ledger& ledger() { return context_.ledger; }
  void mark_after_flush() {
    if (context_.after_flush != nullptr) context_.loop.mark(*context_.after_flush);
  }
  TimePoint now() const { return context_.clock(context_.loop); }

 private:
  void on_socket_connected() final;
  void on_dialled() final;
  void on_event(mqtt::ClientEvent& event) final;
  void on_retry(const mqtt::client::Failure& failure, Duration retry_in) final;
  void on_stopped(const std::optional<mqtt::client::Failure>& failure) final;
  bool begin_leaving();
  void went_online(bool session_present);
  void note_return(bool session_present, TimePoint now);
  void note_properties(const mqtt::Properties& properties);
  void record_latencies(TimePoint now);
  void went_offline();
  void note_failure(const mqtt::client::Failure& failure);
  void settle();

  Context context_;
  const mqtt::net::Address::Scheme scheme_;
  mqtt::client::Client client_;
  TimePoint scheduled_;
  TimePoint connected_;
  TimePoint dialled_;
  std::uint64_t connects_ = 0;
  bool is_timed_ = true;       ///< The attempt under way was scheduled, not just a retry.
  bool is_returning_ = false;  ///< It was told to come back, and is not there yet.
  bool is_leaving_ = false;
  bool is_away_ = false;
  bool is_online_ = false;
  bool is_over_ = false;
  bool is_settled_ = false;
};

}  // namespace mq_bench
