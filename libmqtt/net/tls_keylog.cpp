#include "libmqtt/net/tls_keylog.hpp"

#include <fcntl.h>
#include <openssl/ssl.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <system_error>

#include "libmqtt/net/error_text.hpp"

namespace mqtt::net {
namespace {

struct KeyLog {
  explicit KeyLog(int its_fd) : fd(its_fd) {}
  ~KeyLog() { ::close(fd); }
  KeyLog(const KeyLog&) = delete;
  KeyLog& operator=(const KeyLog&) = delete;

  int fd;
};

void free_log(void*, void* log, CRYPTO_EX_DATA*, int, long, void*) {
  delete static_cast<KeyLog*>(log);
}

/// Where a context keeps its log, which ends with it.
int log_index() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, free_log);
  return index;
}

void write_line(const SSL* connection, const char* line) {
  const void* log = SSL_CTX_get_ex_data(SSL_get_SSL_CTX(connection), log_index());
  const std::string text = std::string(line) + '\n';
  // In one piece, as several processes may append. What cannot be written helps nobody to look into
  // the traffic, and is no reason to have none.
  [[maybe_unused]] const auto written =
      ::write(static_cast<const KeyLog*>(log)->fd, text.data(), text.size());
}

}  // namespace

std::expected<void, std::string> log_keys(ssl_ctx_st* context, const std::string& path) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (fd < 0) {
    const std::error_code error(errno, std::generic_category());
    return std::unexpected("keylog " + path + ": " + error_text(error));
  }
  auto log = std::make_unique<KeyLog>(fd);
  if (SSL_CTX_set_ex_data(context, log_index(), log.get()) != 1) {
    return std::unexpected("keylog " + path + ": out of memory");
  }
  log.release();
  SSL_CTX_set_keylog_callback(context, write_line);
  return {};
}

}  // namespace mqtt::net
