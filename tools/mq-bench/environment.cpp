#include "tools/mq-bench/environment.hpp"

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <fstream>
#include <random>
#include <thread>

namespace mq_bench {
namespace {

std::string first_line(const char* path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

std::string cpu_model() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("model name")) continue;
    const std::size_t start = line.find(": ");
    return start == std::string::npos ? std::string() : line.substr(start + 2);
  }
  return {};
}

std::string link_target(const char* path) {
  std::array<char, 128> target{};
  const ssize_t size = ::readlink(path, target.data(), target.size());
  return size > 0 ? std::string(target.data(), static_cast<std::size_t>(size)) : std::string();
}

rlimit descriptor_limit() {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return limit;
}

}  // namespace

mqtt::Duration read_clock_offset() {
  const auto wall = std::chrono::system_clock::now().time_since_epoch();
  return wall - std::chrono::steady_clock::now().time_since_epoch();
}

Environment read_environment() {
  Environment environment;
  utsname system{};
  ::uname(&system);
  environment.cpu = cpu_model();
  environment.cores = std::thread::hardware_concurrency();
  environment.kernel = fmt::format("{} {}", system.sysname, system.release);
  environment.boot_id = first_line("/proc/sys/kernel/random/boot_id");
  environment.time_namespace = link_target("/proc/self/ns/time");
  environment.descriptor_limit = descriptor_limit().rlim_cur;
  return environment;
}

cli::Complaint prepare_descriptors(std::uint64_t connections) {
  rlimit limit = descriptor_limit();
  const std::uint64_t needed = connections + kOwnDescriptors;
  if (limit.rlim_cur >= needed) return {};
  if (limit.rlim_max < needed) {
    return fmt::format(
        "{} connections need {} open files and the hard limit is {}: raise it (ulimit -Hn {})",
        connections, needed, limit.rlim_max, needed);
  }
  limit.rlim_cur = limit.rlim_max;
  if (::setrlimit(RLIMIT_NOFILE, &limit) == 0) return {};
  return fmt::format("the limit of open files cannot be raised to {}", needed);
}

// Boot id and time namespace name the clock: processes that share both read the same
// CLOCK_MONOTONIC.
std::uint16_t run_tag(const std::string& run_id, const Environment& environment) {
  const std::uint64_t mixed =
      hash(run_id + '\n' + environment.boot_id + '\n' + environment.time_namespace);
  return static_cast<std::uint16_t>(mixed ^ mixed >> 16 ^ mixed >> 32 ^ mixed >> 48);
}

// Whole microseconds of 48 bits, which every header can hold.
mqtt::TimePoint clock_mark(const Environment& environment, bool is_vouched_for) {
  const std::string name =
      is_vouched_for ? "wall" : environment.boot_id + '\n' + environment.time_namespace;
  return mqtt::TimePoint(std::chrono::microseconds(static_cast<std::int64_t>(hash(name) >> 16)));
}

std::string random_run_id() {
  std::random_device random;
  return fmt::format("{:08x}", random() & 0xFFFF'FFFFU);
}

std::uint64_t hash(std::string_view text) {
  std::uint64_t hash = 0xCBF2'9CE4'8422'2325;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100'0000'01B3;
  }
  return hash;
}

}  // namespace mq_bench
