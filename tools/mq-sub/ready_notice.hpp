#pragma once

#include <optional>
#include <string>
#include <system_error>

namespace mq_sub {

/// Tells a script, once, that the subscription holds and messages published from now on will
/// arrive: by a file that appears, or a line on a file descriptor, which is closed then.
class ReadyNotice {
 public:
  ReadyNotice(std::optional<std::string> file, std::optional<unsigned> fd);

  /// Removes a file that an earlier run has left.
  std::error_code prepare();
  /// Does nothing when called again.
  std::error_code tell();

 private:
  std::error_code tell_file() const;
  std::error_code tell_fd() const;

  std::optional<std::string> file_;
  std::optional<int> fd_;
  bool is_told_ = false;
};

}  // namespace mq_sub
