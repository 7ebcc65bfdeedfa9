#include "tools/mq-sub/ready_notice.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <utility>

namespace mq_sub {
namespace {

constexpr std::string_view kReady = "ready\n";
constexpr mode_t kFileMode = 0666;

std::error_code write_ready(int fd) {
  while (::write(fd, kReady.data(), kReady.size()) < 0) {
    if (errno != EINTR) return {errno, std::generic_category()};
  }
  return {};
}

}  // namespace

ReadyNotice::ReadyNotice(std::optional<std::string> file, std::optional<unsigned> fd)
    : file_(std::move(file)) {
  if (fd) fd_ = static_cast<int>(*fd);
}

std::error_code ReadyNotice::prepare() {
  struct stat info {};
  if (!file_ || ::stat(file_->c_str(), &info) != 0) return {};
  // A FIFO or a terminal is somebody's to read from, not a left-over.
  if (!S_ISREG(info.st_mode) || ::unlink(file_->c_str()) == 0) return {};
  return {errno, std::generic_category()};
}

std::error_code ReadyNotice::tell() {
  if (std::exchange(is_told_, true)) return {};
  const std::error_code error = file_ ? tell_file() : std::error_code();
  return error || !fd_ ? error : tell_fd();
}

std::error_code ReadyNotice::tell_file() const {
  const int fd = ::open(file_->c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kFileMode);
  if (fd < 0) return {errno, std::generic_category()};
  const std::error_code error = write_ready(fd);
  ::close(fd);
  return error;
}

std::error_code ReadyNotice::tell_fd() const {
  const std::error_code error = write_ready(*fd_);
  if (*fd_ > STDERR_FILENO) ::close(*fd_);
  return error;
}

}  // namespace mq_sub
