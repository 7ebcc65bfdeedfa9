#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "tests/support/descriptor.hpp"

namespace support {

/// The bytes of "10 0C 00 04", and of the shorthands of wire_vectors.hpp.
std::string from_hex(std::string_view digits);
/// The other way: "10 0C 00 04".
std::string to_hex(std::string_view bytes);

/// A TCP connection on which a test says exactly the bytes it wants and reads whole MQTT frames.
/// Everything blocks, with kPatience as the limit.
class RawConnection {
 public:
  explicit RawConnection(Descriptor socket);
  explicit RawConnection(std::uint16_t port);

  /// False when the other side has closed.
  bool send(std::string_view bytes);
  /// One whole frame, as long as its own length says; empty when the connection ended before.
  std::string read_packet();
  /// Exactly so many bytes; fewer when the connection ended before.
  std::string read_bytes(std::size_t count);
  /// Reads and drops what comes until the end; false when patience ends first.
  bool is_closed_by_peer();
  /// Waits, reading nothing, until the other side says that no more will come; false when patience
  /// ends first.
  bool is_half_closed_by_peer();
  /// Ends a call that blocks in another thread.
  void interrupt();
  void reset();

 private:
  bool read_byte(char& byte);

  Descriptor socket_;
};

/// A server that answers each frame with what a test's script says, one connection after another,
/// in a thread of its own.
class ScriptedServer {
 public:
  struct Answer {
    std::string bytes = {};
    bool closes = false;  ///< After the bytes.
  };
  using Script = std::function<Answer(const std::string& packet)>;

  explicit ScriptedServer(Script script);
  ~ScriptedServer();

  std::uint16_t port() const { return port_; }

 private:
  void serve();
  void converse(RawConnection& connection) const;

  Script script_;
  Descriptor listener_;
  std::uint16_t port_;
  std::mutex mutex_;
  bool stops_ = false;
  RawConnection* current_ = nullptr;  ///< To interrupt it.
  std::thread thread_;
};

}  // namespace support
