#pragma once

#include <memory>
#include <span>
#include <string>
#include <system_error>

#include "libmqtt/base/output.hpp"
#include "libmqtt/net/loop.hpp"
#include "libmqtt/net/stream.hpp"

namespace mqtt::net {

/// Moves bytes between a Stream and whoever speaks the protocol: one read into the loop's buffer
/// when the stream is readable, and a deferred flush (one gathered write at the end of the turn;
/// waits for writability only after would-block). Client and server connections are both this.
///
/// The owner may destroy the pump at any time, in a call of the handler too: nothing is called
/// after.
class Pump {
 public:
  class Handler {
   public:
    virtual ~Handler() = default;
    /// Bytes came; valid during the call. What it puts into output() is flushed by itself.
    virtual void on_bytes(std::span<const std::byte> bytes) = 0;
    /// The moment before a write: put what may go now into output(). Called again when all that was
    /// written, until it adds nothing; not called after close_after_flush().
    virtual void fill_output() = 0;
    virtual Output& output() = 0;
    /// `count` bytes of output() were taken by the stream; the handler consumes them.
    virtual void on_written(std::size_t count) = 0;
    /// The stream has ended: eof, an I/O error, or success after close_after_flush() (timed_out
    /// when the time was up before everything was written). Called once, never from inside another
    /// call; the pump may be destroyed in it.
    virtual void on_closed(std::error_code reason) = 0;
  };

  Pump(Loop& loop, std::unique_ptr<Stream> stream, Handler& handler);
  Pump(const Pump&) = delete;
  Pump& operator=(const Pump&) = delete;
  ~Pump();

  void start();
  /// Something waits to be sent: flush at the end of this turn.
  void wake();
  /// Reading stops (back-pressure) and goes on; the peer's bytes wait in the kernel.
  void pause_reading();
  void resume_reading();
  /// Writes what output() holds, half-closes, reads the peer's last bytes to their end (discarding
  /// them), closes: so that nothing we sent is lost to a reset. All within `linger`.
  void close_after_flush(Duration linger);
  /// Closes at once; what was not written is dropped. on_closed(reason) follows from the loop.
  void close(std::error_code reason);
  /// After close_after_flush(): the peer has reset the connection, and so had not read everything.
  bool was_reset() const;

  const std::string& peer() const;
  std::optional<PeerCertificate> peer_certificate() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace mqtt::net
