#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <utility>

struct wslay_frame_context;

namespace mqtt::net {

enum class WsRole : std::uint8_t { client, server };

enum class WsOpcode : std::uint8_t { binary = 2, close = 8, ping = 9, pong = 10 };

/// RFC 6455 §7.4.1.
enum class WsCloseCode : std::uint16_t {
  normal = 1000,
  protocol_error = 1002,
  unsupported_data = 1003,
  none = 1005,  ///< Stands for a Close frame without a code; never sent.
  internal_error = 1011,
};

/// Takes apart the frames that come by one connection (RFC 6455 §5), over wslay. What a frame
/// announces costs no memory: data is passed on as it comes, and only a control frame's payload, at
/// most 125 bytes, is kept. Between frames it holds no heap memory at all: wslay's context, four
/// KiB, lives only while a frame is incomplete.
class WsFrameReader {
 public:
  /// `role`: our own. A client's frames are masked, a server's never.
  explicit WsFrameReader(WsRole role) : role_(role) {}
  WsFrameReader(const WsFrameReader&) = delete;
  WsFrameReader& operator=(const WsFrameReader&) = delete;

  /// How the peer's frames came to their end.
  struct End {
    std::error_code error;  ///< eof after a Close, else the fault.
    WsCloseCode answer;     ///< What our own Close frame says.
  };

  /// Reads all of `in`; the payload of binary messages, which may span frames and share them
  /// [MQTT-6.0.0-2], goes to `out`, which may be in.data() or lie before it. Returns its size.
  std::size_t read(std::span<const std::byte> in, std::byte* out);
  /// The payload of the last ping that was not taken yet: only that needs an answer (§5.5.3).
  std::optional<std::string> take_ping() { return std::exchange(ping_, std::nullopt); }
  /// Set by read(); what comes after is ignored.
  const std::optional<End>& end() const { return end_; }

 private:
  struct Chunk;
  struct Free {
    void operator()(wslay_frame_context* context) const;
  };

  static long feed(unsigned char* buffer, std::size_t size, int flags, void* self);
  bool open_context();
  void begin_frame(const Chunk& chunk);
  std::size_t take(const Chunk& chunk, std::byte* out);
  void end_frame(const Chunk& chunk);
  void on_close();
  void fail(WsCloseCode code, std::error_code error);

  WsRole role_;
  bool is_in_message_ = false;  ///< A fragmented message has begun.
  std::unique_ptr<wslay_frame_context, Free> context_;
  std::span<const std::byte> input_;  ///< During read(): what wslay has not asked for yet.
  std::uint64_t fed_ = 0;             ///< Bytes given to context_ ...
  std::uint64_t finished_ = 0;        ///< ... and those of them in finished frames.
  std::uint64_t frame_taken_ = 0;     ///< Payload bytes of the present frame so far.
  bool is_in_frame_ = false;
  std::string control_;  ///< Payload of the present control frame.
  std::optional<std::string> ping_;
  std::optional<End> end_;
};

using WsMask = std::array<std::byte, 4>;

/// Appends the head of an unfragmented frame; with a mask it is a client's.
void append_frame_head(std::string& out, WsOpcode opcode, std::uint64_t payload_size,
                       const std::optional<WsMask>& mask);

/// Copies the bytes masked; `offset`: where in the frame's payload they stand.
void copy_masked(std::span<const std::byte> bytes, const WsMask& mask, std::uint64_t offset,
                 std::byte* out);

}  // namespace mqtt::net
