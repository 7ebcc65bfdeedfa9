#include "tools/mq-pub/input_reader.hpp"

#include <sys/epoll.h>
#include <unistd.h>

#include <cerrno>
#include <span>
#include <utility>

namespace mq_pub {

InputReader::InputReader(mqtt::net::Loop& loop, int descriptor, std::function<void(Chunk)> on_chunk)
    : loop_(loop), descriptor_(descriptor), on_chunk_(std::move(on_chunk)) {}

InputReader::~InputReader() { unwatch(); }

void InputReader::request() {
  if (std::exchange(is_requested_, true) || is_watched_) return;
  if (!is_always_ready_) {
    const std::error_code error = loop_.watch(descriptor_, *this, EPOLLIN);
    is_watched_ = !error;
    // EPERM: not a kind of file one can wait for. Anything else is reported by the read itself.
    is_always_ready_ = !is_watched_;
  }
  if (is_always_ready_) read_later();
}

void InputReader::cancel() {
  is_requested_ = false;
  unwatch();
}

void InputReader::on_ready(std::uint32_t) { deliver(); }

void InputReader::read_later() {
  asio::post(loop_.context(), [this] {
    if (is_requested_) deliver();
  });
}

void InputReader::deliver() {
  const std::span<std::byte> buffer = loop_.read_buffer();
  const ssize_t count = ::read(descriptor_, buffer.data(), buffer.size());
  const int error = errno;
  if (count < 0 && (error == EINTR || error == EAGAIN)) {
    if (is_always_ready_) read_later();
    return;
  }
  is_requested_ = false;
  if (count < 0) {
    on_chunk_(std::unexpected(std::error_code(error, std::system_category())));
  } else {
    on_chunk_(mqtt::Bytes::copy(buffer.first(static_cast<std::size_t>(count))));
  }
  // A hang-up is reported whether asked for or not: not to spin, nobody may watch who does not
  // read.
  if (!is_requested_) unwatch();
}

void InputReader::unwatch() {
  if (std::exchange(is_watched_, false)) loop_.unwatch(descriptor_, *this);
}

std::error_code check_readable(int descriptor) {
  std::byte nothing{};
  // A terminal may stop a background process that so much as tries.
  if (::isatty(descriptor) == 1 || ::read(descriptor, &nothing, 0) == 0) return {};
  return {errno, std::system_category()};
}

}  // namespace mq_pub
