#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libmqtt/broker/broker.hpp"
#include "libmqtt/session/client_session.hpp"
#include "libmqtt/session/server_session.hpp"
#include "tests/support/memory_store.hpp"

namespace mqtt::test {

class Pair;

/// A message as tests write it down: "topic=payload", with "r" behind it for RETAIN and "#7" for
/// subscription identifier 7.
std::string text_of(const Publish& publish);

/// A client of a Pair: a ClientSession, the line it is connected by, and what it was told.
class PairClient {
 public:
  PairClient(Pair& pair, const ClientSessionOptions& options);

  /// A new line to the broker; a line that it still has is cut first.
  void connect();
  /// The line breaks: what is on its way is lost.
  void cut();
  /// The line breaks when so many more bytes, of both directions together, have arrived.
  void cut_after(std::size_t bytes);
  void disconnect(ReasonCode reason_code = ReasonCode::success, const Properties& properties = {});
  bool is_connected() const;

  std::uint64_t publish(Qos qos, std::string_view topic, std::string_view payload,
                        bool retain = false, const Properties& properties = {});
  void subscribe(std::string_view filter, SubscribeOptions options = {.qos = Qos::exactly_once},
                 std::uint32_t identifier = 0);
  void unsubscribe(std::string_view filter);

  ClientSession& session() { return session_; }
  /// What came since the last call, as text_of().
  std::vector<std::string> take_messages();
  /// Bytes that have arrived on its lines so far, in both directions.
  std::size_t bytes_moved() const { return bytes_moved_; }

  // Everything that it was told, in order.
  std::vector<Connack> connacks;
  std::vector<Publish> messages;
  std::vector<client_event::PublishFinished> finished;
  std::vector<ReasonCode> subscribed;  ///< Codes of all SUBACKs.
  std::vector<Disconnect> server_disconnects;
  std::vector<Error> failures;

 private:
  friend class Pair;
  void take_events();

  Pair& pair_;
  ClientSession session_;
  bool has_failed_ = false;  ///< On the present line.
  std::size_t taken_ = 0;    ///< Of messages.
  std::size_t bytes_moved_ = 0;
};

struct PairOptions {
  broker::BrokerOptions broker = {};
  std::size_t chunk = SIZE_MAX;  ///< Most bytes that a side writes or reads at once.
  Duration latency{};            ///< Of each direction.
  /// The server does not see that a line was cut: it learns it from takeover or keep-alive.
  bool cuts_are_silent = false;
  broker::ClientContext context = {};  ///< Of every client.
  /// With a store (broker.has_store): steps until a batch of changes is committed.
  unsigned commit_takes = 1;
};

/// A whole MQTT system in one value: a Broker with its ServerSessions, and ClientSessions, joined
/// by lines of bytes in memory under a clock that moves only when a test says so.
class Pair {
 public:
  explicit Pair(const PairOptions& options = {});

  PairClient& add(const ClientSessionOptions& options);
  /// Runs until no byte is on its way and nobody has more to say; time passes for latency only.
  void settle();
  /// Lets time pass; whatever is due on the way happens when it is due.
  void pass(Duration time);
  TimePoint now() const { return now_; }
  /// Of what is written from now on.
  void set_latency(Duration latency) { options_.latency = latency; }
  broker::Broker& broker() { return *broker_; }

  // With a store.
  /// The server is killed, now, and started again: what was not committed is gone, and so are all
  /// lines; clients have to connect again.
  void crash();
  /// That happens once so many changes have been recorded in all, wherever that is.
  void crash_at(std::uint64_t change) { crash_at_ = change; }
  /// What the store would load now.
  std::vector<Change> stored();
  unsigned crashes() const { return crashes_; }
  support::MemoryStore& store() { return store_; }
  std::uint64_t changes() const { return changes_before_ + broker_->journal().count(); }

 private:
  friend class PairClient;
  struct Segment {
    TimePoint arrives;
    std::vector<std::byte> bytes;
  };
  using Wire = std::deque<Segment>;
  /// One transport connection.
  struct Line {
    Line(PairClient* owner, broker::Broker& broker, const broker::ListenerRules* listener,
         TimePoint now)
        : client(owner), server(broker.limits_of(listener), broker.traffic(), now) {}
    PairClient* client;  ///< nullptr once the client's end is gone.
    ServerSession server;
    SessionKey key;
    bool is_bound = false;
    Wire to_server;
    Wire to_client;
    std::size_t budget = SIZE_MAX;  ///< Bytes until it breaks.
    bool is_gone = false;
  };

  void open(PairClient& client);
  void cut(Line& line);
  Line* line_of(const PairClient& client);
  bool step();
  bool step(Line& line);
  /// Moves at most one chunk from `output`; how much, for its owner to consume.
  std::size_t write(const Output& output, Wire& wire) const;
  bool write_client(Line& line);
  bool write_server(Line& line);
  bool read(Line& line, Wire& wire);
  void close_if_over(Line& line);
  void serve(Line& line);
  void on(Line& line, server_event::ConnectRequested& event);
  void on(Line& line, server_event::Published& event);
  void on(Line& line, server_event::SubscribeRequested& event);
  void on(Line& line, server_event::UnsubscribeRequested& event);
  void on(Line& line, server_event::AuthReceived& event);
  void on(Line& line, server_event::Disconnected& event);
  void on(Line& line, server_event::Failed& event);
  void leave(Line& line, const std::optional<Disconnect>& by_client);
  void carry_out_effects();
  void tick();
  bool commit();
  bool fetch();
  store::ClockReading clock() const;
  TimePoint next_arrival() const;
  TimePoint next_deadline() const;

  PairOptions options_;
  std::unique_ptr<broker::Broker> broker_;
  support::MemoryStore store_;
  std::optional<std::pair<std::uint64_t, std::vector<Change>>> closed_;  ///< On its way to disk.
  unsigned steps_to_commit_ = 0;
  struct Fetch {
    std::uint64_t batch = 0;  ///< Has to be committed before.
    broker::effect::FetchBacklog effect;
  };
  std::deque<Fetch> fetches_;
  std::uint64_t committed_ = 0;  ///< The last batch that is.
  std::uint64_t crash_at_ = UINT64_MAX;
  std::uint64_t changes_before_ = 0;  ///< Of the brokers that have crashed.
  unsigned crashes_ = 0;
  TimePoint now_{std::chrono::hours(1)};
  std::vector<std::unique_ptr<PairClient>> clients_;
  std::vector<std::unique_ptr<Line>> lines_;
};

}  // namespace mqtt::test
