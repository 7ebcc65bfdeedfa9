#pragma once

#include <expected>
#include <functional>
#include <system_error>

#include "libmqtt/base/bytes.hpp"
#include "libmqtt/net/loop.hpp"

namespace mq_pub {

/// Reads a descriptor chunk by chunk as they are asked for, without ever holding up the loop and
/// without changing the descriptor, which other processes may share. Pipes, sockets and terminals
/// are waited for; a regular file, which is always ready, gives one chunk a turn. Must be destroyed
/// on the loop's thread after the loop has stopped, or while nothing is asked for.
class InputReader final : private mqtt::net::Loop::Watcher {
 public:
  /// A chunk; an empty one at the end of the input.
  using Chunk = std::expected<mqtt::Bytes, std::error_code>;

  InputReader(mqtt::net::Loop& loop, int descriptor, std::function<void(Chunk)> on_chunk);
  InputReader(const InputReader&) = delete;
  InputReader& operator=(const InputReader&) = delete;
  ~InputReader() override;

  /// Asks for one chunk: on_chunk is called once, later, from the loop.
  void request();
  /// Takes the request back.
  void cancel();

 private:
  void on_ready(std::uint32_t events) override;
  void read_later();
  void deliver();
  void unwatch();

  mqtt::net::Loop& loop_;
  int descriptor_;
  std::function<void(Chunk)> on_chunk_;
  bool is_requested_ = false;
  bool is_watched_ = false;
  bool is_always_ready_ = false;  ///< epoll refused it: a regular file.
};

/// Why this descriptor can never be read: closed, for writing only, a directory. Takes nothing from
/// it.
std::error_code check_readable(int descriptor);

}  // namespace mq_pub
