#include "libmqtt/client/client.hpp"

#include <unistd.h>

#include <algorithm>
#include <stop_token>
#include <utility>

#include "libmqtt/client/takeover_watch.hpp"
#include "libmqtt/net/pump.hpp"

namespace mqtt::client {
namespace {
/// What a fault of the server may still be told, before the connection is closed.
constexpr Duration kFarewell = Seconds(1);

std::chrono::steady_clock::time_point to_steady(TimePoint time) {
  return std::chrono::steady_clock::time_point(time.time_since_epoch());
}

/// TLS and WebSocket have a farewell of their own behind the DISCONNECT: a server that does not
/// wait for that resets the connection, and has read everything all the same.
bool says_nothing_more(const net::Address& address) {
  using Scheme = net::Address::Scheme;
  return address.scheme == Scheme::mqtt || address.scheme == Scheme::unix_socket;
}

std::uint32_t seed_of(TimePoint now) {
  return static_cast<std::uint32_t>(now.time_since_epoch().count()) ^
         static_cast<std::uint32_t>(::getpid());
}
}  // namespace

/// Outlives the Client while a dial or a posted callback still holds it; `handler` is null then.
struct Client::State final : net::Pump::Handler, std::enable_shared_from_this<Client::State> {
  enum class Phase {
    idle,  ///< Before start().
    dialling,
    connecting,  ///< The transport is up: awaits CONNACK.
    online,
    waiting,   ///< Until the next attempt.
    stopping,  ///< stop() or abort(): the pump is closing.
    stopped,
  };

  State(net::Loop& its_loop, ClientOptions its_options, Client::Handler& its_handler)
      : loop(its_loop),
        options(std::move(its_options)),
        where(net::to_string(options.address)),
        owner(&its_handler),
        handler(&its_handler),
        session(options.session),
        backoff(options.backoff, seed_of(its_loop.now())),
        timer(its_loop.context()),
        session_timer(its_loop.context()) {}

  // The life of a connection.
  void start();
  void attempt();
  static net::Awaitable<> dial(std::shared_ptr<State> self);
  void on_dialled(std::unique_ptr<net::Stream> stream);
  void on_connack(const Connack& connack);
  void end_connection(Failure why, Duration farewell);
  void fail(Failure failure);
  void fail(Failure failure, Duration delay);
  bool may_retry(const Failure& failure) const;
  void finish(std::optional<Failure> failure);
  void stop(ReasonCode reason_code, Duration linger);
  void abort();
  void drop(std::string_view why);
  void abandon();

  // The session's needs.
  void wake();
  void poll_events();
  void look_at(const ClientEvent& event);
  void schedule();
  void on_deadline();
  void set_paused(bool value);

  // net::Pump::Handler
  void on_bytes(std::span<const std::byte> bytes) override;
  void fill_output() override;
  Output& output() override { return session.output(); }
  void on_written(std::size_t count) override;
  void on_closed(std::error_code reason) override;

  net::Loop& loop;
  ClientOptions options;
  std::string where;  ///< Host and port, for texts.
  Client::Handler* owner;
  Client::Handler* handler;  ///< The owner, until it is over.
  ClientSession session;
  Backoff backoff;
  TakeoverWatch takeovers;
  Phase phase = Phase::idle;
  bool paused = false;
  bool was_heard = false;           ///< Bytes came by the present connection.
  bool was_online_before = false;   ///< A connection was once established, since the first start().
  unsigned retries = 0;             ///< Since the last established connection.
  std::optional<Failure> ended_by;  ///< Why the present connection is being closed by us.
  std::unique_ptr<net::Pump> pump;
  std::stop_source dial_stop;
  asio::steady_timer timer;  ///< connect_timeout until CONNACK; the back-off while waiting.
  asio::steady_timer session_timer;
  std::optional<TimePoint> session_alarm;  ///< When session_timer fires; never later than needed.
};

void Client::State::start() {
  if (phase == Phase::stopped && handler == nullptr) {
    handler = owner;
    retries = 0;
    backoff.reset();
    phase = Phase::idle;
  }
  if (phase == Phase::idle) attempt();
}

void Client::State::attempt() {
  phase = Phase::dialling;
  dial_stop = std::stop_source();
  timer.expires_after(options.connect_timeout);  // Waited for once the transport is up.
  asio::co_spawn(loop.context(), dial(shared_from_this()), asio::detached);
}

net::Awaitable<> Client::State::dial(std::shared_ptr<State> self) {
  net::DialOptions how = self->options.dial;
  how.timeout = std::min(how.timeout, self->options.connect_timeout);
  how.cancel = self->dial_stop.get_token();
  how.on_connected = [&state = *self] {
    if (state.handler != nullptr) state.handler->on_socket_connected();
  };
  const std::stop_token cancelled = how.cancel;
  auto stream = co_await net::dial(self->loop, self->options.address, std::move(how));
  if (cancelled.stop_requested()) co_return;
  if (!stream) {
    self->takeovers.no_connection();
    co_return self->fail(dial_failure(stream.error()));
  }
  self->on_dialled(std::move(*stream));
}

void Client::State::on_dialled(std::unique_ptr<net::Stream> stream) {
  phase = Phase::connecting;
  was_heard = false;
  ended_by.reset();
  session.connected(loop.now());
  pump = std::make_unique<net::Pump>(loop, std::move(stream), *this);
  pump->start();
  timer.async_wait([self = shared_from_this()](std::error_code aborted) {
    if (aborted || self->phase != Phase::connecting) return;
    self->end_connection(connack_timeout(self->where, self->options.connect_timeout), {});
  });
  if (handler != nullptr) handler->on_dialled();
}

void Client::State::on_connack(const Connack& connack) {
  timer.cancel();
  if (is_failure(connack.reason_code))
    return end_connection(refusal(where, connack, options.session.connect.version), {});
  phase = Phase::online;
  was_online_before = true;
  retries = 0;
  backoff.reset();
  takeovers.connected(loop.now());
  if (paused) pump->pause_reading();
}

/// Closes the present connection because of what came by it; what output() holds may go within
/// `farewell`. fail() follows when it is closed.
void Client::State::end_connection(Failure why, Duration farewell) {
  if (ended_by || phase == Phase::stopping) return;
  ended_by = std::move(why);
  if (farewell == Duration::zero()) {
    pump->close({});
  } else {
    pump->close_after_flush(farewell);
  }
}

void Client::State::on_closed(std::error_code reason) {
  const auto self = shared_from_this();
  const bool was_online = phase == Phase::online;
  const bool is_cut_off = reason || (says_nothing_more(options.address) && pump->was_reset());
  const TimePoint now = loop.now();
  timer.cancel();
  pump.reset();
  session.disconnected(now);
  session_timer.cancel();
  session_alarm.reset();
  poll_events();
  if (handler == nullptr) return;
  if (phase == Phase::stopping) {
    if (is_cut_off) handler->on_cut_off();
    return finish(std::nullopt);
  }
  const auto verdict = takeovers.disconnected(!ended_by && reason == asio::error::eof, now);
  if (ended_by) return fail(*std::exchange(ended_by, std::nullopt));
  const Connect& connect = options.session.connect;
  // 5.0 says so; and to clients that have no name nobody else's can be the same.
  const bool has_rivals = connect.version != Version::v5_0 && !connect.client_id.empty();
  if (has_rivals && verdict == TakeoverWatch::Verdict::fight) {
    return fail(taken_over(where, connect.client_id.view()));
  }
  const bool at_once = has_rivals && verdict == TakeoverWatch::Verdict::try_at_once;
  fail(connection_lost(where, reason, was_online), at_once ? Duration::zero() : backoff.next());
}

void Client::State::fail(Failure failure) { fail(std::move(failure), backoff.next()); }

void Client::State::fail(Failure failure, Duration delay) {
  if (!may_retry(failure)) return finish(std::move(failure));
  ++retries;
  phase = Phase::waiting;
  timer.expires_after(delay);
  timer.async_wait([self = shared_from_this()](std::error_code aborted) {
    if (!aborted && self->phase == Phase::waiting) self->attempt();
  });
  handler->on_retry(failure, delay);
}

bool Client::State::may_retry(const Failure& failure) const {
  if (failure.is_permanent) return false;
  if (!(was_online_before ? options.reconnect : options.retry_first)) return false;
  return !options.retries || retries < *options.retries;
}

void Client::State::finish(std::optional<Failure> failure) {
  phase = Phase::stopped;
  dial_stop.request_stop();
  timer.cancel();
  asio::post(loop.context(), [self = shared_from_this(), failure = std::move(failure)] {
    // The client may be destroyed in it.
    if (auto* told = std::exchange(self->handler, nullptr)) told->on_stopped(failure);
  });
}

void Client::State::stop(ReasonCode reason_code, Duration linger) {
  if (phase == Phase::stopping || phase == Phase::stopped) return;
  if (!pump) return finish(std::nullopt);
  if (phase == Phase::online && !ended_by) {
    session.disconnect(reason_code, {}, loop.now());
    pump->close_after_flush(linger);  // [MQTT-3.14.4-2], in 3.1.1 [MQTT-3.14.4-1]
  } else {
    pump->close({});
  }
  phase = Phase::stopping;
}

void Client::State::abort() {
  if (phase == Phase::stopped) return;
  if (!pump) return finish(std::nullopt);
  phase = Phase::stopping;
  pump->close({});
}

void Client::State::drop(std::string_view why) {
  if (phase != Phase::online) return;
  end_connection({.kind = Failure::Kind::connection_lost, .text = where + ": " + std::string(why)},
                 {});
}

void Client::State::abandon() {
  handler = nullptr;
  owner = nullptr;
  phase = Phase::stopped;
  dial_stop.request_stop();
  timer.cancel();
  session_timer.cancel();
  pump.reset();
}

void Client::State::wake() {
  if (pump) return pump->wake();
  // A request while offline may have been answered by the session itself.
  asio::post(loop.context(), [self = shared_from_this()] { self->poll_events(); });
}

void Client::State::poll_events() {
  while (handler != nullptr) {
    auto event = session.poll_event();
    if (!event) return;
    look_at(*event);
    handler->on_event(*event);
  }
}

/// What the events mean for the connection itself; the handler is told of all of them.
void Client::State::look_at(const ClientEvent& event) {
  const bool was_online = phase == Phase::online;
  if (const auto* connected = std::get_if<client_event::Connected>(&event)) {
    on_connack(connected->connack);
  } else if (const auto* ended = std::get_if<client_event::ServerDisconnected>(&event)) {
    end_connection(server_disconnect(where, ended->disconnect), {});
  } else if (const auto* failed = std::get_if<client_event::Failed>(&event)) {
    const bool is_silent = failed->error.code == ReasonCode::keep_alive_timeout;
    end_connection(session_failure(where, failed->error, was_online),
                   is_silent ? Duration::zero() : kFarewell);
  }
}

void Client::State::on_bytes(std::span<const std::byte> bytes) {
  const auto self = shared_from_this();  // The handler may destroy the client.
  if (!std::exchange(was_heard, true)) {
    if (auto failure = not_mqtt(where, bytes)) return end_connection(std::move(*failure), {});
  }
  session.receive(bytes, loop.now());
  poll_events();
  schedule();
}

void Client::State::on_written(std::size_t count) {
  const auto self = shared_from_this();
  session.consume(count, loop.now());
  poll_events();
  schedule();
}

void Client::State::fill_output() {
  const auto self = shared_from_this();
  poll_events();  // Of requests that the session answered itself.
}

/// Sees to it that session_timer fires in time. Deadlines mostly move away: then the timer is left
/// alone and looks again when it fires, so that no packet costs a re-arming.
void Client::State::schedule() {
  if (phase != Phase::online) return;
  const auto deadline = session.deadline();
  if (!deadline || (session_alarm && *session_alarm <= *deadline)) return;
  session_alarm = deadline;
  session_timer.expires_at(to_steady(*deadline));
  session_timer.async_wait([self = shared_from_this()](std::error_code aborted) {
    if (aborted || self->phase != Phase::online) return;
    self->session_alarm.reset();
    self->on_deadline();
  });
}

void Client::State::on_deadline() {
  const TimePoint now = loop.now();
  // While we do not read we cannot hear the server: that is no silence of its.
  if (paused) session.receive({}, now);
  if (const auto due = session.deadline(); due && *due <= now) session.tick(now);
  if (pump) pump->wake();
  poll_events();
  schedule();
}

void Client::State::set_paused(bool value) {
  if (std::exchange(paused, value) == value) return;
  if (phase != Phase::online || !pump) return;
  if (value) return pump->pause_reading();
  session.receive({}, loop.now());
  pump->resume_reading();
}

Client::Client(net::Loop& loop, ClientOptions options, Handler& handler)
    : state_(std::make_shared<State>(loop, std::move(options), handler)) {}
Client::~Client() { state_->abandon(); }

void Client::start() { state_->start(); }
bool Client::is_online() const {
  return state_->phase == State::Phase::online && state_->session.is_online();
}
ClientSession& Client::session() { return state_->session; }
void Client::wake() { state_->wake(); }
void Client::pause_reading() { state_->set_paused(true); }
void Client::resume_reading() { state_->set_paused(false); }
void Client::stop(ReasonCode reason_code, Duration linger) { state_->stop(reason_code, linger); }
void Client::drop(std::string_view why) { state_->drop(why); }
void Client::abort() { state_->abort(); }

}  // namespace mqtt::client
