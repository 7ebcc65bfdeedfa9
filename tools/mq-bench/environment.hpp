#pragma once

#include <compare>
#include <cstdint>
#include <expected>
#include <string>

#include "libmqtt/base/time.hpp"
#include "tools/common/option.hpp"

namespace mq_bench {

/// The machine that the load came from: results of different machines are not comparable.
struct Environment {
  std::string cpu;
  unsigned cores = 0;
  std::string kernel;
  std::string boot_id;  ///< Equal boot ids (and time namespaces) share one monotonic clock.
  std::string time_namespace;
  std::uint64_t descriptor_limit = 0;
  friend auto operator<=>(const Environment&, const Environment&) = default;
};
Environment read_environment();

/// What the wall clock shows when the monotonic clock shows 0.
mqtt::Duration read_clock_offset();

/// stdin, stdout, stderr, the loop's own, the JSON file, look-ups.
inline constexpr std::uint64_t kOwnDescriptors = 32;

/// Raises the limit of open files as far as allowed. Not enough for `connections`: what to do.
cli::Complaint prepare_descriptors(std::uint64_t connections);

/// Marks the messages of a run: equal only for the same run id on the same clock (as far as 16 bits
/// can tell).
/// Which clock the times of messages are by, as a time that a probe can hold: this machine's own,
/// or the one that all are said to have. Equal for processes that share it.
mqtt::TimePoint clock_mark(const Environment& environment, bool is_vouched_for);

std::uint16_t run_tag(const std::string& run_id, const Environment& environment);

/// Four random hexadecimal digits and the process id, which make a run id.
std::string random_run_id();

/// A stable 64-bit hash of a text (FNV-1a).
std::uint64_t hash(std::string_view text);

}  // namespace mq_bench
