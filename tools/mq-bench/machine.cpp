#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "tools/mq-bench/preflight.hpp"

namespace mq_bench {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr int kClockReads = 10'000;
constexpr int kSleeps = 80;
constexpr mqtt::Duration kSleep = 1ms;

template <class T>
T read_value(const char* path) {
  std::ifstream file(path);
  T value{};
  file >> value;
  return value;
}

/// cgroup v2 (kernel: admin-guide/cgroup-v2, cpu.max): "MICROSECONDS PERIOD", or "max PERIOD".
double allowed_cores() {
  const double cores = std::thread::hardware_concurrency();
  std::ifstream file("/sys/fs/cgroup/cpu.max");
  double quota = 0;
  double period = 0;
  if (!(file >> quota >> period) || period <= 0) return cores;
  return std::min(cores, quota / period);
}

std::uint64_t available_memory() {
  std::ifstream file("/proc/meminfo");
  for (std::string key; file >> key;) {
    std::uint64_t kilobytes = 0;
    if (key == "MemAvailable:" && file >> kilobytes) return kilobytes << 10;
    file.ignore(256, '\n');
  }
  return 0;
}

mqtt::Duration clock_cost() {
  const auto start = Clock::now();
  for (int i = 0; i < kClockReads; ++i) static_cast<void>(Clock::now());
  return (Clock::now() - start) / kClockReads;
}

mqtt::Duration wake_up_p99() {
  std::vector<mqtt::Duration> lags;
  for (int i = 0; i < kSleeps; ++i) {
    const auto due = Clock::now() + kSleep;
    std::this_thread::sleep_until(due);
    lags.push_back(Clock::now() - due);
  }
  std::ranges::sort(lags);
  return lags[lags.size() * 99 / 100];
}

}  // namespace

Machine read_machine(const std::vector<std::string>& sources) {
  Machine machine;
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  machine.descriptors = limit.rlim_cur;
  machine.descriptors_hard = limit.rlim_max;
  std::ifstream ports("/proc/sys/net/ipv4/ip_local_port_range");
  ports >> machine.first_port >> machine.last_port;
  machine.tracked_connections =
      read_value<std::uint64_t>("/proc/sys/net/netfilter/nf_conntrack_max");
  machine.memory_bytes = available_memory();
  machine.cores = allowed_cores();
  machine.clock_source =
      read_value<std::string>("/sys/devices/system/clocksource/clocksource0/current_clocksource");
  machine.governor =
      read_value<std::string>("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");
  machine.refused_source = find_refused(sources);
  return machine;
}

void measure(Machine& machine) {
  machine.clock_cost = clock_cost();
  machine.wake_up_p99 = wake_up_p99();
}

}  // namespace mq_bench
