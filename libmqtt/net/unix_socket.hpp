#pragma once

#include <sys/types.h>

#include <expected>
#include <string>
#include <system_error>

namespace mqtt::net {

/// The file of a listening Unix socket: removed with this object, unless another has taken its
/// place.
class UnixSocketFile {
 public:
  /// Binds `socket` to `path`. A socket's file that nobody listens on is replaced; the error, in
  /// words that stand after a colon, says what is in the way otherwise.
  static std::expected<UnixSocketFile, std::string> bind(int socket, const std::string& path);

  UnixSocketFile() = default;
  UnixSocketFile(UnixSocketFile&& other) noexcept;
  UnixSocketFile& operator=(UnixSocketFile&& other) noexcept;
  ~UnixSocketFile() { remove(); }

  void remove();
  const std::string& path() const { return path_; }

 private:
  std::string path_;  ///< Empty: there is none.
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

/// Connects to a listening Unix socket, which never takes long; the socket is non-blocking.
std::expected<int, std::error_code> connect_unix(const std::string& path);

/// Who is at the other end of a connected Unix socket, for logs: "/run/mqtt.sock pid 12 uid 1000".
std::string unix_peer(int socket, const std::string& path);

}  // namespace mqtt::net
