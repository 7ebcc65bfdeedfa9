#include "tools/mq-bench/self_monitor.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <fstream>

namespace mq_bench {
namespace {

Duration duration(const timeval& time) {
  return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
}

rusage thread_usage() {
  rusage usage{};
  ::getrusage(RUSAGE_THREAD, &usage);
  return usage;
}

}  // namespace

// The second number in statm, in pages (proc(5)).
std::uint64_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t total = 0;
  std::uint64_t resident = 0;
  file >> total >> resident;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

void SelfMonitor::begin(TimePoint now) {
  const rusage usage = thread_usage();
  is_running_ = true;
  start_ = now;
  cpu_at_start_ = duration(usage.ru_utime) + duration(usage.ru_stime);
  switches_at_start_ = static_cast<std::uint64_t>(usage.ru_nivcsw);
}

SelfStats SelfMonitor::so_far(TimePoint now) const {
  if (!is_running_) return stats_;
  SelfStats stats;
  const rusage usage = thread_usage();
  const Duration cpu = duration(usage.ru_utime) + duration(usage.ru_stime) - cpu_at_start_;
  if (now > start_)
    stats.cpu_share =
        static_cast<double>(cpu.count()) / static_cast<double>((now - start_).count());
  stats.involuntary_switches = static_cast<std::uint64_t>(usage.ru_nivcsw) - switches_at_start_;
  stats.loop_lag_max = lag_max_;
  stats.rss_bytes = resident_bytes();
  return stats;
}

void SelfMonitor::end(TimePoint now) {
  stats_ = so_far(now);
  is_running_ = false;
}

}  // namespace mq_bench
