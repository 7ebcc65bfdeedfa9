#include "libmqtt/net/ws_stream.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "libmqtt/base/bytes.hpp"
#include "libmqtt/net/asio.hpp"
#include "libmqtt/net/ws_error.hpp"

namespace mqtt::net {
namespace {
using Pieces = std::span<const std::span<const std::byte>>;

/// A client masks this much at a time.
constexpr std::size_t kMaskedChunk = 16'384;

/// A fresh one for each frame, that nobody can foresee (RFC 6455 §5.3).
WsMask new_mask() {
  WsMask mask{};
  RAND_bytes(reinterpret_cast<unsigned char*>(mask.data()), static_cast<int>(mask.size()));
  return mask;
}

std::size_t total_size(Pieces pieces) {
  std::size_t size = 0;
  for (const auto& piece : pieces) size += piece.size();
  return size;
}
}  // namespace

std::unique_ptr<WsStream> WsStream::server(std::unique_ptr<Stream> transport,
                                           const WsServerOptions& options) {
  std::unique_ptr<WsStream> stream(new WsStream(std::move(transport), WsRole::server));
  stream->handshake_ = std::make_unique<WsServerHandshake>(options);
  return stream;
}

std::unique_ptr<WsStream> WsStream::client(std::unique_ptr<Stream> transport, std::string early) {
  std::unique_ptr<WsStream> stream(new WsStream(std::move(transport), WsRole::client));
  stream->early_ = std::move(early);
  return stream;
}

Stream::Transfer WsStream::try_read(std::span<std::byte> buffer) {
  if (reader_.end()) return tell_end();
  if (handshake_ && handshake_->answer()) return {0, WsError::handshake_refused};
  if (!early_.empty()) {
    const std::size_t count = std::min(buffer.size(), early_.size());
    std::memcpy(buffer.data(), early_.data(), count);
    early_.erase(0, count);
    if (early_.empty()) early_ = {};
    return unframe(buffer.first(count), buffer.data());
  }
  const auto [count, error] = transport_->try_read(buffer);
  if (error) return {0, error};
  if (handshake_) return go_on_with_handshake(buffer.first(count));
  return unframe(buffer.first(count), buffer.data());
}

Stream::Transfer WsStream::go_on_with_handshake(std::span<std::byte> bytes) {
  const std::size_t taken = handshake_->receive(as_text(bytes));
  if (!handshake_->answer()) return {0, asio::error::would_block};
  own_ = *handshake_->answer();
  if (const auto error = push_own(); error && error != asio::error::would_block) return {0, error};
  if (!handshake_->is_accepted()) return {0, WsError::handshake_refused};
  handshake_.reset();
  return unframe(bytes.subspan(taken), bytes.data());
}

/// One read's worth of frames: it may hold no data at all, then the caller waits for more.
Stream::Transfer WsStream::unframe(std::span<const std::byte> bytes, std::byte* out) {
  const std::size_t size = reader_.read(bytes, out);
  if (auto ping = reader_.take_ping()) pong_ = std::move(ping);
  if (reader_.end() && !close_code_) close_code_ = reader_.end()->answer;
  push_own();  // An error of writing shows again when the caller writes.
  if (size > 0) return {size, {}};
  if (reader_.end()) return tell_end();
  return {0, asio::error::would_block};
}

Stream::Transfer WsStream::tell_end() {
  is_end_told_ = true;
  return {0, reader_.end()->error};
}

Stream::Transfer WsStream::try_write(Pieces pieces) {
  if (pieces.empty()) return {0, push_own()};
  queue_control_frames();
  if (reader_.end() && is_close_queued_) return {0, reader_.end()->error};
  if (handshake_ || is_close_queued_) return {0, asio::error::not_connected};
  if (frame_left_ == 0) begin_frame(pieces);
  return role_ == WsRole::client ? write_masked(pieces) : write_plain(pieces);
}

void WsStream::begin_frame(Pieces pieces) {
  std::optional<WsMask> mask;
  if (role_ == WsRole::client) mask = mask_ = new_mask();
  frame_left_ = total_size(pieces);
  frame_offset_ = 0;
  append_frame_head(own_, WsOpcode::binary, frame_left_, mask);
}

Stream::Transfer WsStream::write_plain(Pieces pieces) {
  std::array<std::span<const std::byte>, kMaximumPieces> gathered;
  std::size_t count = 0;
  if (!own_.empty()) gathered[count++] = own_rest();
  std::uint64_t left = frame_left_;
  for (const auto& piece : pieces) {
    if (left == 0 || count == gathered.size()) break;
    gathered[count] = piece.first(std::min<std::uint64_t>(piece.size(), left));
    left -= gathered[count++].size();
  }
  const auto [written, error] = transport_->try_write(std::span(gathered).first(count));
  if (error) return {0, error};
  const std::size_t taken = drop_own(written);
  frame_left_ -= taken;
  if (taken == 0) return {0, asio::error::would_block};
  return {taken, {}};
}

Stream::Transfer WsStream::write_masked(Pieces pieces) {
  std::array<std::byte, kMaskedChunk> masked;  // Not cleared: only what is filled in is used.
  std::size_t total = 0;
  while (frame_left_ > 0) {
    const std::size_t size = mask_from(pieces, total, masked);
    if (size == 0) break;
    const std::array<std::span<const std::byte>, 2> gathered{own_rest(),
                                                             std::span(masked).first(size)};
    const auto [written, error] = transport_->try_write(gathered);
    if (error && total == 0) return {0, error};
    const std::size_t taken = drop_own(written);
    frame_left_ -= taken;
    frame_offset_ += taken;
    total += taken;
    if (taken < size) break;
  }
  if (total == 0) return {0, asio::error::would_block};
  return {total, {}};
}

/// Fills `out` with the begun frame's next bytes: those that follow the first `skip` of the pieces.
std::size_t WsStream::mask_from(Pieces pieces, std::size_t skip, std::span<std::byte> out) const {
  std::size_t size = 0;
  const std::size_t limit = std::min<std::uint64_t>(out.size(), frame_left_);
  for (auto piece : pieces) {
    const std::size_t skipped = std::min(skip, piece.size());
    skip -= skipped;
    piece = piece.subspan(skipped);
    piece = piece.first(std::min(piece.size(), limit - size));
    copy_masked(piece, mask_, frame_offset_ + size, out.data() + size);
    size += piece.size();
  }
  return size;
}

/// The transport took `count` bytes, ours first; returns how many of them were the caller's.
std::size_t WsStream::drop_own(std::size_t count) {
  const std::size_t ours = std::min(count, own_.size() - own_sent_);
  own_sent_ += ours;
  if (own_sent_ == own_.size()) {
    own_ = {};
    own_sent_ = 0;
  }
  return count - ours;
}

std::span<const std::byte> WsStream::own_rest() const { return as_bytes(own_).subspan(own_sent_); }

/// Puts what is owed into own_: between data frames only, and one at a time, so that it stays
/// small.
void WsStream::queue_control_frames() {
  if (frame_left_ > 0 || !own_.empty()) return;
  if (const auto pong = std::exchange(pong_, std::nullopt); pong && !is_close_queued_)
    append_control_frame(WsOpcode::pong, *pong);
  if (!close_code_ || is_close_queued_) return;
  is_close_queued_ = true;
  const auto code = static_cast<unsigned>(*close_code_);
  const std::array<char, 2> payload{static_cast<char>(code >> 8U), static_cast<char>(code & 0xFFU)};
  const bool has_code = *close_code_ != WsCloseCode::none;
  append_control_frame(WsOpcode::close, {payload.data(), has_code ? payload.size() : 0});
}

void WsStream::append_control_frame(WsOpcode opcode, std::string_view payload) {
  std::optional<WsMask> mask;
  if (role_ == WsRole::client) mask = new_mask();
  append_frame_head(own_, opcode, payload.size(), mask);
  const std::size_t start = own_.size();
  own_ += payload;
  if (!mask) return;
  const auto bytes = std::as_writable_bytes(std::span(own_)).subspan(start);
  copy_masked(bytes, *mask, 0, bytes.data());
}

/// Writes what is ours until the transport takes no more.
std::error_code WsStream::push_own() {
  for (;;) {
    queue_control_frames();
    if (own_.empty()) break;
    const std::array<std::span<const std::byte>, 1> pieces{own_rest()};
    const auto [count, error] = transport_->try_write(pieces);
    if (error) return error;
    drop_own(count);
  }
  if (transport_->wants_write()) return transport_->try_write({}).error;
  if (is_send_shut_ && !std::exchange(is_transport_shut_, true)) transport_->shutdown_send();
  return {};
}

bool WsStream::has_input() const {
  if (reader_.end()) return !is_end_told_;
  return !early_.empty() || transport_->has_input();
}

bool WsStream::wants_write() const {
  const bool owes = pong_.has_value() || (close_code_ && !is_close_queued_);
  return !own_.empty() || (owes && frame_left_ == 0) || transport_->wants_write();
}

void WsStream::shutdown_send() {
  // Who has not been accepted yet would not understand a frame.
  if (!close_code_ && !handshake_) close_code_ = WsCloseCode::normal;
  is_send_shut_ = true;
  push_own();  // What is left goes when the transport has room: wants_write().
}

}  // namespace mqtt::net
