#include "libmqtt/net/ready.hpp"

#include <fcntl.h>

#include <cerrno>

namespace mqtt::net {

Awaitable<std::error_code> Ready::wait(const Stream& stream) {
  using Wait = asio::posix::stream_descriptor;
  std::error_code error;
  // A duplicate: Asio closes what it waits for, and the stream's own descriptor stays the stream's.
  const int duplicate = ::fcntl(stream.handle(), F_DUPFD_CLOEXEC, 0);
  if (duplicate < 0) co_return std::error_code{errno, asio::error::get_system_category()};
  descriptor_.assign(duplicate, error);
  if (error) co_return error;
  // What waits to be written comes first: the peer mostly waits for it.
  const auto kind = stream.wants_write() ? Wait::wait_write : Wait::wait_read;
  const auto [wait_error] = co_await descriptor_.async_wait(kind, kAwait);
  descriptor_.close(error);
  co_return wait_error;
}

void Ready::cancel() {
  std::error_code ignored;
  descriptor_.close(ignored);
}

}  // namespace mqtt::net
