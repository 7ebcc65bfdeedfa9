#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "libmqtt/net/stream.hpp"
#include "libmqtt/net/ws_frame.hpp"
#include "libmqtt/net/ws_handshake.hpp"

namespace mqtt::net {

/// MQTT over WebSocket (5.0 §6): a Stream over another, plain or TLS. What try_write() gets in one
/// call becomes one binary frame [MQTT-6.0.0-1], written straight from the caller's bytes; what the
/// transport does not take of it must come first in the next call. What comes in is unframed in the
/// caller's buffer. So a connection at rest holds nothing but this object.
///
/// Of its own it keeps at most one frame's head, one pong and one Close, however slowly the peer
/// reads and however fast it pings. Faults of the peer: WsError from try_read(), after the Close
/// frame (or the HTTP refusal) has been written.
class WsStream final : public Stream {
 public:
  /// The server's side: the handshake is done within try_read(), which gives would_block until
  /// then.
  static std::unique_ptr<WsStream> server(std::unique_ptr<Stream> transport,
                                          const WsServerOptions& options);
  /// The client's, after its handshake; `early`: what the server sent behind its answer.
  static std::unique_ptr<WsStream> client(std::unique_ptr<Stream> transport, std::string early);

  int handle() const override { return transport_->handle(); }
  Transfer try_read(std::span<std::byte> buffer) override;
  Transfer try_write(std::span<const std::span<const std::byte>> pieces) override;
  bool has_input() const override;
  bool wants_write() const override;
  void shutdown_send() override;
  void close() override { transport_->close(); }
  const std::string& peer() const override { return transport_->peer(); }
  std::optional<PeerCertificate> peer_certificate() const override {
    return transport_->peer_certificate();
  }

 private:
  WsStream(std::unique_ptr<Stream> transport, WsRole role)
      : transport_(std::move(transport)), role_(role), reader_(role) {}

  Transfer go_on_with_handshake(std::span<std::byte> bytes);
  Transfer unframe(std::span<const std::byte> bytes, std::byte* out);
  Transfer tell_end();
  void begin_frame(std::span<const std::span<const std::byte>> pieces);
  Transfer write_plain(std::span<const std::span<const std::byte>> pieces);
  Transfer write_masked(std::span<const std::span<const std::byte>> pieces);
  std::size_t mask_from(std::span<const std::span<const std::byte>> pieces, std::size_t skip,
                        std::span<std::byte> out) const;
  std::size_t drop_own(std::size_t count);
  std::span<const std::byte> own_rest() const;
  void queue_control_frames();
  void append_control_frame(WsOpcode opcode, std::string_view payload);
  std::error_code push_own();

  std::unique_ptr<Stream> transport_;
  WsRole role_;
  bool is_close_queued_ = false;
  bool is_send_shut_ = false;       ///< shutdown_send() was called ...
  bool is_transport_shut_ = false;  ///< ... and passed on.
  bool is_end_told_ = false;
  std::unique_ptr<WsServerHandshake> handshake_;  ///< Until it is over.
  WsFrameReader reader_;
  std::string early_;
  std::string own_;  ///< Our own bytes: HTTP answer, control frames, the head of a data frame ...
  std::size_t own_sent_ = 0;               ///< ... and how many of them are gone.
  std::uint64_t frame_left_ = 0;           ///< Payload of the begun data frame still to be written.
  std::uint64_t frame_offset_ = 0;         ///< And how much of it was: the mask's place.
  WsMask mask_{};                          ///< Of the begun data frame; a client's.
  std::optional<std::string> pong_;        ///< Owed.
  std::optional<WsCloseCode> close_code_;  ///< Of the Close frame that is owed or sent.
};

}  // namespace mqtt::net
