#include "tools/mq-pub/whole_payload.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <span>
#include <system_error>
#include <vector>

#include "libmqtt/net/error_text.hpp"
#include "tools/common/terminal.hpp"
#include "tools/mq-pub/message_source.hpp"

namespace mq_pub {
namespace {

constexpr std::size_t kFirstRead = 64 * 1024;

std::unexpected<std::string> system_error(const std::string& name, int error) {
  return std::unexpected(fmt::format(
      "{}: {}", name, mqtt::net::error_text(std::error_code(error, std::system_category()))));
}

std::expected<mqtt::Bytes, std::string> read_file(const std::string& path) {
  const std::string name = "-f: " + cli::quoted(path);
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return system_error(name, errno);
  auto payload = read_all(descriptor, name);
  ::close(descriptor);
  return payload;
}

std::expected<mqtt::Bytes, std::string> read_stdin() {
  auto payload = read_all(STDIN_FILENO, "-s: standard input");
  if (payload && payload->empty()) return std::unexpected("-s: standard input is empty");
  return payload;
}

}  // namespace

std::expected<mqtt::Bytes, std::string> read_all(int descriptor, const std::string& name) {
  std::vector<std::byte> bytes(kFirstRead);
  std::size_t size = 0;
  while (size <= kLongestPayload) {
    if (size == bytes.size()) bytes.resize(2 * size);
    const auto room = std::span(bytes).subspan(size);
    const ssize_t count = ::read(descriptor, room.data(), room.size());
    if (count == 0) return mqtt::Bytes::copy(std::span(bytes).first(size));
    if (count < 0 && errno != EINTR) return system_error(name, errno);
    size += static_cast<std::size_t>(std::max<ssize_t>(count, 0));
  }
  return std::unexpected(fmt::format("{}: more than {} bytes", name, kLongestPayload));
}

std::expected<mqtt::Bytes, std::string> whole_payload(const Options& options) {
  if (options.source == Source::file) return read_file(options.file);
  if (options.source == Source::whole_stdin) return read_stdin();
  return mqtt::Bytes::copy(options.text);
}

}  // namespace mq_pub
