#include "tools/mq-broker-lite/locked_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "libmqtt/base/escape.hpp"
#include "libmqtt/net/write_all.hpp"
#include "libmqtt/server/text_file.hpp"

namespace mq_broker_lite {
namespace {

std::unexpected<std::string> last_error(const std::string& path) {
  return std::unexpected(mqtt::escaped(path) + ": " + std::generic_category().message(errno));
}

/// Gives the new file the mode and the owner of the one that it will replace, if there is one.
bool take_after(int descriptor, const std::string& path) {
  struct stat old {};
  if (::stat(path.c_str(), &old) != 0) return errno == ENOENT;
  struct stat now {};
  if (::fstat(descriptor, &now) != 0) return false;
  const bool is_same_owner = old.st_uid == now.st_uid && old.st_gid == now.st_gid;
  if (!is_same_owner && ::fchown(descriptor, old.st_uid, old.st_gid) != 0) return false;
  return ::fchmod(descriptor, old.st_mode & 07777U) == 0;
}

}  // namespace

std::expected<LockedFile, std::string> LockedFile::open(const std::string& path) {
  std::error_code error;
  // Made absolute first: what does not exist yet would stay relative, without a directory.
  const auto whole = std::filesystem::absolute(path, error);
  const auto real = error ? whole : std::filesystem::weakly_canonical(whole, error);
  if (error) return std::unexpected(mqtt::escaped(path) + ": " + error.message());
  const int directory = ::open(real.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return last_error(path);
  LockedFile file(real.string(), directory);
  while (::flock(directory, LOCK_EX) != 0)
    if (errno != EINTR) return last_error(path);
  return file;
}

LockedFile::~LockedFile() {
  if (directory_ >= 0) ::close(directory_);
}

std::expected<std::string, std::string> LockedFile::read() const {
  return mqtt::server::read_text_file(path_);
}

std::expected<void, std::string> LockedFile::replace(std::string_view text) const {
  if (std::error_code ignored; std::filesystem::is_directory(path_, ignored)) {
    errno = EISDIR;
    return last_error(path_);
  }
  std::string temporary = path_ + ".XXXXXX";
  const int descriptor = ::mkostemp(temporary.data(), O_CLOEXEC);  // mode 0600
  if (descriptor < 0) return last_error(path_);
  const bool is_written = take_after(descriptor, path_) && mqtt::net::write_all(descriptor, text) &&
                          ::fsync(descriptor) == 0;
  std::expected<void, std::string> outcome;
  if (!is_written || std::rename(temporary.c_str(), path_.c_str()) != 0) {
    outcome = last_error(path_);
    ::unlink(temporary.c_str());
  }
  ::close(descriptor);
  // The new name lasts once the directory is on the disk; it is in place in any case.
  if (outcome) ::fsync(directory_);
  return outcome;
}

}  // namespace mq_broker_lite
