#pragma once

#include <sys/types.h>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/support/descriptor.hpp"

namespace support {

/// Guards against hanging for ever; nothing is expected to take anywhere near this long.
inline constexpr std::chrono::seconds kPatience{60};

/// One of our tools, as argv[0] of a Command.
std::string tool(std::string_view name);

struct Command {
  std::vector<std::string> argv = {};  ///< argv[0] is a path, or a name to be found in PATH.
  std::vector<std::string> environment =
      {};                        ///< NAME=value, added to an otherwise minimal environment.
  std::string input = {};        ///< What stdin gives.
  bool keep_input_open = false;  ///< After `input`, for write() and close_input().
  std::string output_file = {};  ///< stdout goes there; empty: to this process.
};

/// How a process ended, and all that it said.
struct Exit {
  int code = -1;  ///< Exit status; 128 + N after signal N; -1 when it hung and was killed.
  std::string out;
  std::string err;
};

/// A real process with pipes on stdin, stdout and stderr. One thread moves the bytes, so that
/// neither side can block the other however much is written. The environment holds nothing of the
/// user's (no configuration file, no MQTT_* variable). Destroying it kills what still runs.
class Process {
 public:
  explicit Process(Command command);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  void write(std::string_view text);
  void close_input();
  /// Our end of its stdout: what it writes from now on fails with EPIPE.
  void close_output();

  /// The next whole line, after the one that was found last, that contains `part`; nothing when
  /// the stream ended (or patience did) without one.
  std::optional<std::string> wait_for_line(std::string_view part,
                                           std::chrono::seconds patience = kPatience) {
    return wait_for(out_, part, patience);
  }
  std::optional<std::string> wait_for_error(std::string_view part) {
    return wait_for(err_, part, kPatience);
  }
  /// Whether stdout has had this many lines; false when it ended with fewer.
  bool wait_for_lines(std::size_t count, std::chrono::seconds patience = kPatience);

  bool is_running() const;
  /// Of the process while it runs.
  pid_t id() const { return pid_; }
  void signal(int number);
  /// Takes it off the processors for at least `time`, a fault that a test injects.
  void suspend(std::chrono::milliseconds time);
  /// Waits until it has ended and both its outputs have.
  Exit wait(std::chrono::seconds patience = kPatience);

 private:
  struct Stream {
    Descriptor pipe;
    std::string text;
    std::size_t lines = 0;
    std::size_t searched = 0;  ///< wait_for continues here.
  };

  void spawn(const Command& command);
  void pump();
  void read_from(Stream& stream);
  void write_input();
  void reap();
  void wake();
  std::optional<std::string> wait_for(Stream& stream, std::string_view part,
                                      std::chrono::seconds patience);
  static std::optional<std::string> next_line(Stream& stream, std::string_view part);

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  pid_t pid_ = -1;
  std::optional<int> status_;  ///< As of Exit::code, once reaped.
  bool is_finished_ = false;   ///< Reaped, and both streams at their end.
  Descriptor process_;         ///< Readable when the process has ended.
  Descriptor wake_;            ///< Ends the thread's poll.
  Descriptor input_;
  std::string pending_input_;
  bool closes_input_ = false;
  bool closes_output_ = false;
  Stream out_;
  Stream err_;
  std::thread thread_;  ///< Last: it uses all the others.
};

/// Runs it to its end.
Exit run(Command command);

}  // namespace support
