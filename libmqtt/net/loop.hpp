#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "libmqtt/base/time.hpp"
#include "libmqtt/net/asio.hpp"

namespace mqtt::net {

/// One event loop on one thread: an io_context, the 64 KiB buffer that all its connections read
/// into, and the list of connections to flush at the end of the present turn. Not thread-safe:
/// everything that belongs to a loop runs on the thread that runs it.
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
  };

  Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  asio::io_context& context() { return context_; }
  void run();
  void stop() { context_.stop(); }

  /// The monotonic time, read anew once a turn.
  TimePoint now();
  /// flush() will be called once, after the handlers that are ready now have run.
  void mark(Flushable& flushable);
  /// Must be called before a marked Flushable dies.
  void unmark(Flushable& flushable);

  std::span<std::byte> read_buffer() { return read_buffer_; }

 private:
  asio::io_context context_{1};
  std::vector<std::byte> read_buffer_;
  std::vector<Flushable*> dirty_;
};

}  // namespace mqtt::net
