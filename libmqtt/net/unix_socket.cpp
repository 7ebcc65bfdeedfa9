#include "libmqtt/net/unix_socket.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "libmqtt/net/asio.hpp"
#include "libmqtt/net/error_text.hpp"

namespace mqtt::net {
namespace {

std::unexpected<std::string> failed(int error) {
  return std::unexpected(error_text({error, asio::error::get_system_category()}));
}

sockaddr_un address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::ranges::copy(path, address.sun_path);
  return address;
}

/// A connected socket, or errno.
std::expected<int, int> connect_to(const sockaddr_un& address) {
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket < 0) return std::unexpected(errno);
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  if (::connect(socket, generic, sizeof address) == 0) return socket;
  const int error = errno;
  ::close(socket);
  return std::unexpected(error);
}

/// How a connection to the path fails; 0 when it does not.
int try_to_connect(const sockaddr_un& address) {
  const auto socket = connect_to(address);
  if (!socket) return socket.error();
  ::close(*socket);
  return 0;
}

/// Takes away the file that is in the way, if it is a socket and nobody listens on it.
std::expected<void, std::string> clear_the_way(const sockaddr_un& address) {
  struct stat status {};
  if (::lstat(address.sun_path, &status) != 0) return failed(errno);
  if (!S_ISSOCK(status.st_mode)) return std::unexpected("a file that is no socket is in the way");
  const int error = try_to_connect(address);
  if (error == 0 || error == EAGAIN) return failed(EADDRINUSE);
  if (error != ECONNREFUSED) return failed(error);
  if (::unlink(address.sun_path) != 0) return failed(errno);
  return {};
}

}  // namespace

std::expected<UnixSocketFile, std::string> UnixSocketFile::bind(int socket,
                                                                const std::string& path) {
  if (path.size() >= sizeof(sockaddr_un::sun_path))
    return std::unexpected("the path is longer than 107 bytes");
  const sockaddr_un address = address_of(path);
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  int error = ::bind(socket, generic, sizeof address) == 0 ? 0 : errno;
  if (error == EADDRINUSE) {
    if (const auto cleared = clear_the_way(address); !cleared)
      return std::unexpected(cleared.error());
    error = ::bind(socket, generic, sizeof address) == 0 ? 0 : errno;
  }
  if (error != 0) return failed(error);
  UnixSocketFile file;
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0) return failed(errno);
  file.path_ = path;
  file.device_ = status.st_dev;
  file.inode_ = status.st_ino;
  return file;
}

UnixSocketFile::UnixSocketFile(UnixSocketFile&& other) noexcept
    : path_(std::exchange(other.path_, {})), device_(other.device_), inode_(other.inode_) {}

UnixSocketFile& UnixSocketFile::operator=(UnixSocketFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(device_, other.device_);
  std::swap(inode_, other.inode_);
  return *this;
}

void UnixSocketFile::remove() {
  const std::string path = std::exchange(path_, {});
  struct stat status {};
  if (path.empty() || ::lstat(path.c_str(), &status) != 0) return;
  if (status.st_dev == device_ && status.st_ino == inode_) ::unlink(path.c_str());
}

std::expected<int, std::error_code> connect_unix(const std::string& path) {
  if (path.size() >= sizeof(sockaddr_un::sun_path))
    return std::unexpected(make_error_code(std::errc::filename_too_long));
  const auto socket = connect_to(address_of(path));
  if (socket) return *socket;
  return std::unexpected(std::error_code(socket.error(), asio::error::get_system_category()));
}

std::string unix_peer(int socket, const std::string& path) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return path;
  return path + " pid " + std::to_string(peer.pid) + " uid " + std::to_string(peer.uid);
}

}  // namespace mqtt::net
