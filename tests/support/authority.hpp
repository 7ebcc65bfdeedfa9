#pragma once

#include <string>

#include "tests/support/process.hpp"
#include "tests/support/temp_dir.hpp"

namespace support {

/// A certificate and its key, as files.
struct Credentials {
  std::string certfile;
  std::string keyfile;
};

/// A certificate authority with everything in a directory of its own; made with the `openssl`
/// command, which fails the test when it fails.
class Authority {
 public:
  struct Request {
    std::string subject = "/CN=localhost";
    std::string names = "DNS:localhost,IP:127.0.0.1,IP:::1";  ///< subjectAltName; may be empty.
    bool is_expired = false;
  };

  explicit Authority(const std::string& common_name = "Test authority");

  /// The authority's own certificate, to be trusted.
  std::string cafile() const { return path("ca.crt"); }
  /// `name` names the files and must be new.
  Credentials issue(const std::string& name, const Request& request);
  Credentials issue(const std::string& name) { return issue(name, Request{}); }
  void revoke(const Credentials& credentials);
  /// The list of what is revoked by now.
  std::string crlfile();

  std::string path(const std::string& name) const { return (directory_.path() / name).string(); }
  const TempDir& directory() const { return directory_; }

 private:
  TempDir directory_;
  int lists_ = 0;
};

/// Runs `openssl` with these arguments to its end; a failure of the test when it fails.
std::string openssl(const std::vector<std::string>& arguments);

}  // namespace support
