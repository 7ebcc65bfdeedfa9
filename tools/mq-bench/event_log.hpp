#pragma once

#include <array>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "libmqtt/base/time.hpp"

namespace mq_bench {

/// What can happen to a client and is worth a line of its own.
enum class EventKind : std::uint8_t {
  connect,
  reconnect,
  disconnect,
  no_connect,
  nack,
  first_loss,
};

/// What happens to the clients of a run, as CSV: time in seconds since the run began, client,
/// event, reason. Bounded: at most so many lines of a kind in a second and in the whole file; those
/// that were left out are counted in lines of their own. Crews note, one other thread writes.
class EventLog {
 public:
  static constexpr std::uint64_t kMostASecond = 1'000;
  static constexpr std::uint64_t kMostInAll = 1'000'000;

  /// Takes over a file that is open for writing.
  explicit EventLog(std::FILE* file);

  /// Another run begins; its times count from here.
  void begin(mqtt::TimePoint now);
  void note(mqtt::TimePoint now, EventKind kind, std::string_view client,
            std::string_view reason = {});
  /// Writes what was noted since the last time.
  void write_out();
  /// Writes what is left, with the counts of what was left out. False: not all could be written.
  bool close();

 private:
  static constexpr std::size_t kKinds = 6;
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  void append_left_out(mqtt::TimePoint now);
  void append(mqtt::TimePoint now, std::string_view kind, std::string_view client,
              std::string_view reason);

  std::mutex mutex_;
  std::unique_ptr<std::FILE, Close> file_;
  std::string pending_;  ///< Whole lines.
  mqtt::TimePoint start_{};
  mqtt::TimePoint second_{};  ///< Within which so many of each kind were noted:
  std::array<std::uint64_t, kKinds> noted_{};
  std::array<std::uint64_t, kKinds> left_out_{};
  std::uint64_t lines_ = 0;
  bool is_written_ = true;
};

}  // namespace mq_bench
