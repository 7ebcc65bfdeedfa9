#pragma once

#include <sys/epoll.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <system_error>
#include <vector>

#include "libmqtt/base/output.hpp"
#include "libmqtt/base/time.hpp"
#include "libmqtt/net/asio.hpp"

namespace mqtt::net {

/// One event loop on one thread: an io_context for timers, dialling, accepting and signals; beside
/// it one epoll set for the connections, the 64 KiB buffer that all of them read into, and the list
/// of connections to flush at the end of the present turn. Not thread-safe: everything that belongs
/// to a loop runs on the thread that runs it, and ends before the loop does.
///
/// Connections have an epoll set of their own because Asio re-arms every wait with an epoll_ctl,
/// and looks for new events before it runs what was posted: here a wake costs no re-arming, and a
/// turn is one known thing: all connections that are ready, then one flush.
class Loop {
 public:
  /// Something that wants one call at the end of the loop turn, however often it was marked in it.
  class Flushable {
   public:
    virtual ~Flushable() = default;
    virtual void flush() = 0;

   private:
    friend class Loop;
    bool marked_ = false;
    std::uint32_t slot_ = 0;  ///< Where it stands in the loop's list, while marked.
  };

  /// Someone who is told that a descriptor is ready, again each turn for as long as it is.
  class Watcher {
   public:
    virtual ~Watcher() = default;
    /// `events`: EPOLLIN, EPOLLOUT as asked for; EPOLLERR and EPOLLHUP always.
    virtual void on_ready(std::uint32_t events) = 0;
  };

  Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  asio::io_context& context() { return context_; }
  /// Returns after stop(), or when nothing is left that could ever happen. May be called again.
  void run();
  void stop() { context_.stop(); }

  /// The monotonic time. Reads the clock: once per read or flush, not per packet.
  TimePoint now() const;
  /// flush() will be called once, after the handlers that are ready now have run; marked while
  /// flushing, in a later turn.
  void mark(Flushable& flushable);
  /// Must be called before a marked Flushable dies.
  void unmark(Flushable& flushable);

  /// Watches `descriptor` for `events` (EPOLLIN, EPOLLOUT, both or none).
  std::error_code watch(int descriptor, Watcher& watcher, std::uint32_t events);
  void change(int descriptor, Watcher& watcher, std::uint32_t events);
  /// Before the descriptor is closed or the watcher dies; on_ready is not called any more.
  void unwatch(int descriptor, Watcher& watcher);

  std::span<std::byte> read_buffer() { return read_buffer_; }
  /// Lends an empty `output` a buffer that has room already ...
  void lend(Output& output);
  /// ... and takes it back once the output is empty again, so that idle connections hold none.
  void reclaim(Output& output);

 private:
  void arm();
  void turn();
  void flush_marked();

  asio::io_context context_{1};
  asio::posix::stream_descriptor epoll_;
  std::array<epoll_event, 128>
      ready_;  ///< The present turn's events; data.ptr null once unwatched.
  std::size_t ready_count_ = 0;
  std::size_t watched_ = 0;
  bool armed_ = false;    ///< context_ waits for epoll_ to become readable.
  bool in_turn_ = false;  ///< flush_marked() follows by itself.
  bool flush_posted_ = false;
  std::vector<Flushable*> marked_;
  std::vector<Flushable*> flushing_;
  std::vector<std::byte> read_buffer_;
  std::vector<std::vector<std::byte>> spare_buffers_;
};

}  // namespace mqtt::net
