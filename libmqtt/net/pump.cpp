#include "libmqtt/net/pump.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace mqtt::net {
namespace {
/// One connection writes at most this much in a turn, so that it cannot starve the others.
constexpr std::size_t kFlushBudget = 1024 * 1024;
/// More reads than any kernel buffer holds.
constexpr int kLastReads = 1024;
}  // namespace

/// Outlives the Pump while one of its own functions or a posted on_closed still runs.
struct Pump::State final : Loop::Watcher,
                           Loop::Flushable,
                           std::enable_shared_from_this<Pump::State> {
  State(Loop& its_loop, std::unique_ptr<Stream> its_stream, Handler& its_handler)
      : loop(its_loop), stream(std::move(its_stream)), handler(&its_handler) {}

  void start();
  void on_ready(std::uint32_t events) override;
  void flush() override;
  void set_paused(bool value);
  void close_after_flush(Duration linger);
  void close(std::error_code reason);
  void abandon();

  enum class Sent { all, blocked, budget_spent, gone };

  bool reads() const { return !closed && !peer_ended && (closing || !paused); }
  void read();
  void read_more();
  void on_read_end(std::error_code error);
  void hand_over(std::span<const std::byte> bytes);
  Sent fill_and_send(std::size_t& budget);
  Sent send(std::size_t& budget);
  void send_own();
  void read_to_the_end_after(std::error_code write_error);
  void finish_sending();
  void linger_is_over();
  void update_interest();
  void release_stream();

  Loop& loop;
  std::unique_ptr<Stream> stream;
  Handler* handler;                                  ///< Null once the Pump is gone.
  std::unique_ptr<asio::steady_timer> linger_timer;  ///< Exists after close_after_flush().
  std::uint32_t interest = 0;                        ///< What the loop watches for.
  bool started = false;
  bool watched = false;
  bool paused = false;
  bool blocked = false;      ///< The last write would have blocked: wait for EPOLLOUT.
  bool closing = false;      ///< close_after_flush(): incoming bytes are discarded.
  bool half_closed = false;  ///< We have sent everything and said so.
  bool peer_ended = false;   ///< The peer's bytes have come to their end, while closing.
  bool was_reset = false;    ///< The peer's end came as an error, after half_closed.
  bool closed = false;       ///< on_closed is posted.
};

void Pump::State::start() {
  started = true;
  update_interest();
  if (!closed) loop.mark(*this);  // What was there before.
}

/// Tells the loop what to wait for now. A stream of which nothing is wanted is not watched at all:
/// the loop would report a dead connection again and again to a paused reader.
void Pump::State::update_interest() {
  if (!started || closed) return;
  const std::uint32_t wanted =
      (reads() ? std::uint32_t{EPOLLIN} : 0U) | (blocked ? std::uint32_t{EPOLLOUT} : 0U);
  if (watched && wanted == interest) return;
  interest = wanted;
  if (wanted == 0) {
    if (std::exchange(watched, false)) loop.unwatch(stream->handle(), *this);
  } else if (watched) {
    loop.change(stream->handle(), *this, wanted);
  } else if (const std::error_code error = loop.watch(stream->handle(), *this, wanted)) {
    close(error);
  } else {
    watched = true;
  }
}

void Pump::State::on_ready(std::uint32_t events) {
  const auto self = shared_from_this();
  const bool broken = (events & (EPOLLERR | EPOLLHUP)) != 0;
  if ((interest & EPOLLIN) != 0 && ((events & EPOLLIN) != 0 || broken)) {
    read();
    if (!closed && (stream->has_input() || stream->wants_write())) loop.mark(*this);
  }
  if (closed || (interest & EPOLLOUT) == 0) return;
  if ((events & EPOLLOUT) == 0 && !broken) return;
  blocked = false;
  loop.mark(*this);
}

void Pump::State::read() {
  const std::span<std::byte> buffer = loop.read_buffer();
  const auto [count, error] = stream->try_read(buffer);
  if (error == asio::error::would_block) return;
  if (error) return on_read_end(error);
  if (!closing) hand_over(buffer.first(count));
}

/// What a layer of the stream holds no readiness will ever tell of; a buffer a turn, as always.
void Pump::State::read_more() {
  if (stream->has_input() && reads()) read();
  if (!closed && stream->has_input() && reads()) loop.mark(*this);
}

void Pump::State::hand_over(std::span<const std::byte> bytes) {
  loop.lend(handler->output());
  handler->on_bytes(bytes);
  if (handler == nullptr || closed) return;
  if (handler->output().empty()) {
    loop.reclaim(handler->output());
  } else {
    loop.mark(*this);
  }
}

void Pump::State::on_read_end(std::error_code error) {
  if (!closing) return close(error);
  if (half_closed) {
    was_reset = error != asio::error::eof;
    return close({});
  }
  if (error != asio::error::eof) return close(error);
  peer_ended = true;  // It may still read: go on writing.
  update_interest();
}

void Pump::State::flush() {
  if (closed || !started) return;
  const auto self = shared_from_this();
  if (!blocked) send_own();
  if (!closed && stream->has_input()) read_more();
  if (closed || blocked || half_closed) return;
  std::size_t budget = kFlushBudget;
  loop.lend(handler->output());
  const Sent sent = fill_and_send(budget);
  if (sent == Sent::gone) return;
  blocked = sent == Sent::blocked || stream->wants_write();
  update_interest();
  if (sent == Sent::budget_spent) loop.mark(*this);
  if (sent != Sent::all) return;
  loop.reclaim(handler->output());
  if (closing && !blocked) finish_sending();
}

/// What a layer of the stream has to say by itself comes first.
void Pump::State::send_own() {
  if (!stream->wants_write()) return;
  const std::error_code error = stream->try_write({}).error;
  if (error && error != asio::error::would_block) return read_to_the_end_after(error);
  blocked = stream->wants_write();
  update_interest();
}

/// Asks the handler for more and writes, until neither has anything left to do.
Pump::State::Sent Pump::State::fill_and_send(std::size_t& budget) {
  for (;;) {
    if (!closing) handler->fill_output();
    if (handler == nullptr || closed) return Sent::gone;
    if (handler->output().empty()) return Sent::all;
    const Sent sent = send(budget);
    if (sent != Sent::all) return sent;
    if (closing) return Sent::all;
  }
}

/// Writes output() until it is empty.
Pump::State::Sent Pump::State::send(std::size_t& budget) {
  std::array<std::span<const std::byte>, Stream::kMaximumPieces> pieces;
  while (!handler->output().empty()) {
    if (budget == 0) return Sent::budget_spent;
    const auto gathered = std::span(pieces).first(handler->output().gather(pieces));
    std::size_t total = 0;
    for (const auto& piece : gathered) total += piece.size();
    const auto [count, error] = stream->try_write(gathered);
    if (error == asio::error::would_block) return Sent::blocked;
    if (error) {
      read_to_the_end_after(error);
      return Sent::gone;
    }
    budget -= std::min(budget, count);
    handler->on_written(count);
    if (handler == nullptr || closed) return Sent::gone;
    if (count < total)
      return Sent::blocked;  // The transport is full: asking again would cost a call.
  }
  return Sent::all;
}

/// A write failed, but what the peer said before it closed (a DISCONNECT with the reason) may lie
/// unread in the kernel: it is handed over before the end is told.
void Pump::State::read_to_the_end_after(std::error_code write_error) {
  const std::span<std::byte> buffer = loop.read_buffer();
  for (int i = 0; i < kLastReads && !closing && !paused; ++i) {
    const auto [count, error] = stream->try_read(buffer);
    if (error) break;
    handler->on_bytes(buffer.first(count));
    if (handler == nullptr || closed) return;
  }
  close(write_error);
}

void Pump::State::finish_sending() {
  if (peer_ended) return close({});
  half_closed = true;
  stream->shutdown_send();
  blocked = stream->wants_write();
  update_interest();
}

void Pump::State::set_paused(bool value) {
  paused = value;
  update_interest();
  if (!paused && !closed && stream->has_input()) loop.mark(*this);
}

void Pump::State::close_after_flush(Duration linger) {
  if (closed || closing) return;
  closing = true;
  linger_timer = std::make_unique<asio::steady_timer>(loop.context());
  linger_timer->expires_after(linger);
  linger_timer->async_wait([self = shared_from_this()](std::error_code aborted) {
    if (!aborted && !self->closed) self->linger_is_over();
  });
  update_interest();
  loop.mark(*this);
}

void Pump::State::linger_is_over() {
  close(half_closed ? std::error_code{} : asio::error::timed_out);
}

void Pump::State::close(std::error_code reason) {
  if (closed) return;
  release_stream();
  asio::post(loop.context(), [self = shared_from_this(), reason] {
    if (self->handler != nullptr) self->handler->on_closed(reason);
  });
}

void Pump::State::release_stream() {
  closed = true;
  loop.unmark(*this);
  if (watched) loop.unwatch(stream->handle(), *this);
  watched = false;
  stream->close();
  if (linger_timer) linger_timer->cancel();
}

void Pump::State::abandon() {
  handler = nullptr;
  if (!closed) release_stream();
}

Pump::Pump(Loop& loop, std::unique_ptr<Stream> stream, Handler& handler)
    : state_(std::make_shared<State>(loop, std::move(stream), handler)) {}
Pump::~Pump() { state_->abandon(); }

void Pump::start() { state_->start(); }
void Pump::wake() {
  if (!state_->closed) state_->loop.mark(*state_);
}
void Pump::pause_reading() { state_->set_paused(true); }
void Pump::resume_reading() { state_->set_paused(false); }
void Pump::close_after_flush(Duration linger) { state_->close_after_flush(linger); }
void Pump::close(std::error_code reason) { state_->close(reason); }
bool Pump::was_reset() const { return state_->was_reset; }
const std::string& Pump::peer() const { return state_->stream->peer(); }
std::optional<PeerCertificate> Pump::peer_certificate() const {
  return state_->stream->peer_certificate();
}

}  // namespace mqtt::net
