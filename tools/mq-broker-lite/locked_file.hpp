#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace mq_broker_lite {

/// A file that this process alone is about to replace: whoever opens it by this class meanwhile
/// waits. Symbolic links are followed, to the file that is replaced in the end. Errors are one line
/// that begins with the path.
class LockedFile {
 public:
  static std::expected<LockedFile, std::string> open(const std::string& path);
  LockedFile(LockedFile&& other) noexcept
      : path_(std::move(other.path_)), directory_(std::exchange(other.directory_, -1)) {}
  LockedFile& operator=(LockedFile&&) = delete;
  ~LockedFile();

  std::expected<std::string, std::string> read() const;
  /// At once, and on the disk when this returns: nobody ever sees half of it. Mode and owner stay;
  /// a new file is its owner's alone.
  std::expected<void, std::string> replace(std::string_view text) const;

 private:
  LockedFile(std::string path, int directory) : path_(std::move(path)), directory_(directory) {}

  std::string path_;
  int directory_;  ///< Holds the lock: the file itself is another one after each replacement.
};

}  // namespace mq_broker_lite
