#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

namespace mqtt::server {

/// A place where lines of the log go: a descriptor that never makes the broker wait. What a pipe,
/// terminal or socket does not take at once is lost and counted. (A regular file is written
/// straight on: the kernel takes it into its cache.) Owns the descriptor, but for stdout and
/// stderr.
class LogDestination {
 public:
  /// "stderr", "stdout", "syslog" or "file PATH" (appended to). The error is one line.
  static std::expected<std::unique_ptr<LogDestination>, std::string> open(const std::string& name);
  /// syslog by the Unix datagram socket at this path.
  static std::expected<std::unique_ptr<LogDestination>, std::string> open_syslog(
      const std::string& socket_path);
  ~LogDestination();
  LogDestination(const LogDestination&) = delete;
  LogDestination& operator=(const LogDestination&) = delete;

  /// `severity` is syslog's, 0 to 7. False: the line is lost, and counted.
  bool write(std::string_view line, int severity);
  /// Lines lost since they were last forgiven.
  std::uint64_t lost() const { return lost_; }
  void forgive_lost() { lost_ = 0; }
  /// syslog brings a time and a program's name of its own.
  bool is_syslog() const { return kind_ == Kind::syslog; }

 private:
  enum class Kind : std::uint8_t { file, stream, socket, syslog };
  LogDestination(int descriptor, Kind kind, bool is_owner)
      : descriptor_(descriptor), kind_(kind), is_owner_(is_owner) {}
  static std::unique_ptr<LogDestination> standard(int descriptor);
  long transfer(std::string_view text) const;
  bool flush_rest();

  int descriptor_;
  Kind kind_;
  bool is_owner_;
  std::string rest_;  ///< Of a line that was taken in part.
  std::uint64_t lost_ = 0;
};

}  // namespace mqtt::server
