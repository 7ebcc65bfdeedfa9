#include "libmqtt/server/text_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "libmqtt/base/escape.hpp"

namespace mqtt::server {
namespace {

/// A million users are a tenth of this.
constexpr off_t kMaximumSize = 1024L * 1024 * 1024;

std::unexpected<std::string> complaint(const std::string& path, const std::string& what) {
  return std::unexpected(escaped(path) + ": " + what);
}

std::unexpected<std::string> last_error(const std::string& path) {
  return complaint(path, std::generic_category().message(errno));
}

std::expected<std::string, std::string> read_all(const std::string& path, int descriptor) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) return last_error(path);
  if (S_ISDIR(status.st_mode)) return complaint(path, "is a directory");
  // A pipe or a device might never end, or never begin.
  if (!S_ISREG(status.st_mode)) return complaint(path, "is not a regular file");
  if (status.st_size > kMaximumSize) return complaint(path, "is larger than 1 GiB");
  std::string text(static_cast<std::size_t>(status.st_size), '\0');
  std::size_t count = 0;
  while (count < text.size()) {
    const ssize_t got = ::read(descriptor, text.data() + count, text.size() - count);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return last_error(path);
    if (got == 0) break;
    count += static_cast<std::size_t>(got);
  }
  text.resize(count);
  return text;
}

}  // namespace

std::expected<std::string, std::string> read_text_file(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) return last_error(path);
  auto text = read_all(path, descriptor);
  ::close(descriptor);
  return text;
}

}  // namespace mqtt::server
