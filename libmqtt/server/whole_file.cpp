#include "libmqtt/server/whole_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "libmqtt/net/write_all.hpp"

namespace mqtt::server {
namespace {

std::unexpected<std::string> failure(const std::string& path) {
  return std::unexpected("write " + path + ": " + std::strerror(errno));
}

}  // namespace

std::expected<void, std::string> write_whole_file(const std::string& path,
                                                  std::string_view content) {
  // Beside the place it is meant for: a rename does not cross file systems.
  const std::string temporary = path + "." + std::to_string(::getpid()) + ".tmp";
  const int descriptor =
      ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
  if (descriptor < 0) return failure(path);
  const bool is_written = net::write_all(descriptor, content);
  const int write_error = errno;
  ::close(descriptor);
  if (is_written && std::rename(temporary.c_str(), path.c_str()) == 0) return {};
  if (!is_written) errno = write_error;
  const auto failed = failure(path);
  ::unlink(temporary.c_str());
  return failed;
}

void remove_whole_file(const std::string& path) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode)) ::unlink(path.c_str());
}

}  // namespace mqtt::server
