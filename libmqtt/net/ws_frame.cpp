#include "libmqtt/net/ws_frame.hpp"

#include <wslay/wslay.h>

#include <algorithm>
#include <cstring>

#include "libmqtt/base/bytes.hpp"
#include "libmqtt/net/asio.hpp"
#include "libmqtt/net/ws_error.hpp"

namespace mqtt::net {
namespace {
constexpr std::size_t kMaskSize = sizeof(WsMask);

/// How many bytes stand before the payload (§5.2).
std::uint64_t head_size(std::uint64_t payload_size, bool is_masked) {
  const std::uint64_t length = payload_size < 126 ? 0 : payload_size < 65'536 ? 2 : 8;
  return 2 + length + (is_masked ? kMaskSize : 0);
}

/// What may stand in a Close frame: not the codes that are only ever spoken of (§7.4).
bool may_be_received(unsigned code) {
  if (code >= 3000) return code < 5000;
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014);
}

ssize_t append_sent(const std::uint8_t* data, std::size_t size, int, void* target) {
  static_cast<std::string*>(target)->append(reinterpret_cast<const char*>(data), size);
  return static_cast<ssize_t>(size);
}
}  // namespace

/// A piece of a frame's payload, as wslay tells it.
struct WsFrameReader::Chunk : wslay_frame_iocb {
  std::span<const std::byte> bytes() const {
    return std::as_bytes(std::span(this->data, this->data_length));
  }
  bool is_control() const { return wslay_is_ctrl_frame(this->opcode) != 0; }
};

void WsFrameReader::Free::operator()(wslay_frame_context* context) const {
  wslay_frame_context_free(context);
}

long WsFrameReader::feed(unsigned char* buffer, std::size_t size, int, void* self) {
  auto& reader = *static_cast<WsFrameReader*>(self);
  const std::size_t count = std::min(size, reader.input_.size());
  if (count == 0) return -1;
  std::memcpy(buffer, reader.input_.data(), count);
  reader.input_ = reader.input_.subspan(count);
  reader.fed_ += count;
  return static_cast<long>(count);
}

bool WsFrameReader::open_context() {
  if (context_) return true;
  const wslay_frame_callbacks callbacks{nullptr, &WsFrameReader::feed, nullptr};
  wslay_frame_context* context = nullptr;
  if (wslay_frame_context_init(&context, &callbacks, this) != 0) return false;
  context_.reset(context);
  fed_ = finished_ = 0;
  return true;
}

std::size_t WsFrameReader::read(std::span<const std::byte> in, std::byte* out) {
  if (in.empty() || end_) return 0;
  if (!open_context()) {
    fail(WsCloseCode::internal_error, asio::error::no_memory);
    return 0;
  }
  input_ = in;
  std::size_t size = 0;
  while (!end_) {
    Chunk chunk{};
    const ssize_t result = wslay_frame_recv(context_.get(), &chunk);
    if (result == WSLAY_ERR_WANT_READ) break;
    if (result < 0) {
      fail(WsCloseCode::protocol_error, WsError::protocol_error);
      break;
    }
    if (!std::exchange(is_in_frame_, true)) begin_frame(chunk);
    if (!end_) size += take(chunk, out + size);
    if (!end_ && frame_taken_ == chunk.payload_length) end_frame(chunk);
  }
  if (end_ || fed_ == finished_) context_.reset();
  return size;
}

void WsFrameReader::begin_frame(const Chunk& chunk) {
  frame_taken_ = 0;
  const auto opcode = static_cast<wslay_opcode>(chunk.opcode);
  const bool is_first = opcode == WSLAY_TEXT_FRAME || opcode == WSLAY_BINARY_FRAME;
  const bool is_known = is_first || opcode == WSLAY_CONTINUATION_FRAME ||
                        (opcode >= WSLAY_CONNECTION_CLOSE && opcode <= WSLAY_PONG);
  const bool is_masked = chunk.mask != 0;
  if (!is_known || chunk.rsv != 0 || is_masked != (role_ == WsRole::server))
    return fail(WsCloseCode::protocol_error, WsError::protocol_error);
  if (chunk.is_control()) return control_.clear();
  if (is_first == is_in_message_) return fail(WsCloseCode::protocol_error, WsError::protocol_error);
  if (opcode == WSLAY_TEXT_FRAME)  // [MQTT-6.0.0-1]
    return fail(WsCloseCode::unsupported_data, WsError::not_binary);
  is_in_message_ = chunk.fin == 0;
}

std::size_t WsFrameReader::take(const Chunk& chunk, std::byte* out) {
  const auto bytes = chunk.bytes();
  frame_taken_ += bytes.size();
  if (!chunk.is_control()) {
    std::ranges::copy(bytes, out);
    return bytes.size();
  }
  control_ += as_text(bytes);  // wslay lets no control frame pass that is longer than 125.
  return 0;
}

void WsFrameReader::end_frame(const Chunk& chunk) {
  is_in_frame_ = false;
  finished_ += head_size(chunk.payload_length, chunk.mask != 0) + chunk.payload_length;
  if (chunk.opcode == WSLAY_PING) ping_ = std::exchange(control_, {});
  if (chunk.opcode == WSLAY_CONNECTION_CLOSE) on_close();
  if (chunk.opcode == WSLAY_PONG) control_ = {};
}

void WsFrameReader::on_close() {
  if (control_.empty()) return fail(WsCloseCode::none, asio::error::eof);
  const auto byte = [this](std::size_t i) { return static_cast<unsigned char>(control_[i]); };
  const unsigned code = control_.size() < 2 ? 0 : byte(0) * 256U + byte(1);
  if (!may_be_received(code)) return fail(WsCloseCode::protocol_error, WsError::protocol_error);
  fail(static_cast<WsCloseCode>(code), asio::error::eof);
}

void WsFrameReader::fail(WsCloseCode code, std::error_code error) { end_ = End{error, code}; }

void append_frame_head(std::string& out, WsOpcode opcode, std::uint64_t payload_size,
                       const std::optional<WsMask>& mask) {
  struct Target {
    std::string* out;
    const std::optional<WsMask>* mask;
  } target{&out, &mask};
  const wslay_frame_callbacks callbacks{
      [](const std::uint8_t* data, std::size_t size, int flags, void* to) {
        return append_sent(data, size, flags, static_cast<Target*>(to)->out);
      },
      nullptr,
      [](std::uint8_t* key, std::size_t size, void* to) {
        std::memcpy(key, (*static_cast<Target*>(to)->mask)->data(), size);
        return 0;
      }};
  wslay_frame_context* context = nullptr;
  if (wslay_frame_context_init(&context, &callbacks, &target) != 0) return;
  wslay_frame_iocb frame{};
  frame.fin = 1;
  frame.opcode = static_cast<std::uint8_t>(opcode);
  frame.payload_length = payload_size;
  frame.mask = mask ? 1 : 0;
  wslay_frame_send(context, &frame);
  wslay_frame_context_free(context);
}

void copy_masked(std::span<const std::byte> bytes, const WsMask& mask, std::uint64_t offset,
                 std::byte* out) {
  for (std::size_t i = 0; i < bytes.size(); ++i) out[i] = bytes[i] ^ mask[(offset + i) % kMaskSize];
}

}  // namespace mqtt::net
