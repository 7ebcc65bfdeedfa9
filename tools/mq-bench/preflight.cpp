#include "tools/mq-bench/preflight.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tools/mq-bench/environment.hpp"
#include "tools/mq-bench/text.hpp"

namespace mq_bench {
namespace {

using Grade = Finding::Grade;
using namespace std::chrono_literals;

/// What a connection takes in this process, generously.
constexpr std::uint64_t kPlainBytes = 8 << 10;
constexpr std::uint64_t kTlsBytes = 96 << 10;
/// Messages a second that a core sends and receives with room to spare.
constexpr double kComfortableRate = 50'000;
constexpr mqtt::Duration kQuickClock = 1us;
constexpr mqtt::Duration kPunctual = 1ms;
constexpr std::uint64_t kFirstUsablePort = 1'024;
constexpr std::uint64_t kLastUsablePort = 65'535;

std::uint64_t divide_up(std::uint64_t number, std::uint64_t by) { return (number + by - 1) / by; }

Finding examine_descriptors(const Needs& needs, const Machine& machine) {
  const std::uint64_t needed = needs.connections + kOwnDescriptors;
  Finding finding{Grade::good,
                  "open files",
                  fmt::format("{} needed, {} allowed", needed, machine.descriptors_hard),
                  {}};
  if (needed > machine.descriptors_hard) {
    finding.grade = Grade::impossible;
    finding.fix = fmt::format("as root: ulimit -Hn {0} && ulimit -Sn {0}", needed);
  } else if (needed > machine.descriptors) {
    finding.text += fmt::format(" (mq-bench raises its limit from {})", machine.descriptors);
  }
  return finding;
}

Finding examine_sources(const Needs& needs, const Machine& machine) {
  if (!machine.refused_source)
    return {Grade::good, "local addrs", fmt::format("{} to connect from", needs.sources), {}};
  const auto& [address, reason] = *machine.refused_source;
  return {Grade::impossible, "local addrs",
          fmt::format("cannot connect from {}: {}", address, reason),
          fmt::format("another --bind, or as root: ip address add {} dev lo", address)};
}

// A port can be used once for each pair of a local and a remote address.
Finding examine_ports(const Needs& needs, const Machine& machine) {
  const std::uint64_t ports = machine.last_port - machine.first_port + 1;
  Finding finding{
      Grade::good,
      "local ports",
      fmt::format("{} needed, {} = {} ports x {} sources x {} targets", needs.connections,
                  ports * needs.sources * needs.targets, ports, needs.sources, needs.targets),
      {}};
  const std::uint64_t available = ports * needs.sources * needs.targets;
  if (needs.connections <= available / 2) return finding;
  if (needs.connections <= available) {
    // From there on the kernel searches long for a free one: connecting stalls for seconds.
    finding.grade = Grade::doubtful;
    finding.fix = fmt::format("connect from {} local addresses (--bind)", needs.sources * 2);
    return finding;
  }
  finding.grade = Grade::impossible;
  const std::uint64_t most = kLastUsablePort - kFirstUsablePort + 1;
  if (needs.connections <= most * needs.sources * needs.targets) {
    finding.fix = fmt::format("sysctl -w net.ipv4.ip_local_port_range='{} {}', or ",
                              kFirstUsablePort, kLastUsablePort);
  }
  finding.fix += fmt::format("connect from {} local addresses (--bind)",
                             divide_up(needs.connections, ports * needs.targets));
  return finding;
}

Finding examine_memory(const Needs& needs, const Machine& machine) {
  const std::uint64_t needed = needs.connections * (needs.uses_tls ? kTlsBytes : kPlainBytes);
  Finding finding{Grade::good,
                  "memory",
                  fmt::format("about {} MiB needed, {} MiB available", divide_up(needed, 1 << 20),
                              machine.memory_bytes >> 20),
                  {}};
  if (needed > machine.memory_bytes) {
    finding.grade = Grade::doubtful;
    finding.fix = "fewer clients (-c), or several machines";
  }
  return finding;
}

Finding examine_cores(const Needs& needs, const Machine& machine) {
  Finding finding{Grade::good,
                  "cores",
                  fmt::format("{:.3g}, for {:g} events/s", machine.cores, needs.rate),
                  {}};
  if (needs.rate > kComfortableRate * machine.cores) {
    finding.grade = Grade::doubtful;
    finding.fix = "several machines; and look at \"self\" in the result";
  } else if (machine.cores < 2) {
    finding.grade = Grade::doubtful;
    finding.fix = "let the broker run elsewhere: here it and mq-bench share one core";
  }
  return finding;
}

Finding examine_clock(const Machine& machine) {
  Finding finding{Grade::good,
                  "clock",
                  fmt::format("{}, read in {}ns", machine.clock_source, machine.clock_cost.count()),
                  {}};
  if (machine.clock_cost > kQuickClock) {
    finding.grade = Grade::doubtful;
    finding.fix =
        "a clock source the processor reads itself (tsc, kvm-clock, arch_sys_counter): "
        "see /sys/devices/system/clocksource/clocksource0";
  }
  return finding;
}

Finding examine_timer(const Machine& machine) {
  Finding finding{Grade::good,
                  "timer",
                  fmt::format("wakes up {} late (p99)", milliseconds(machine.wake_up_p99)),
                  {}};
  if (machine.wake_up_p99 > kPunctual) {
    finding.grade = Grade::doubtful;
    finding.fix = "an idle machine: something else uses its cores";
  }
  return finding;
}

Finding examine_governor(const Machine& machine) {
  Finding finding{Grade::good, "cpu governor", machine.governor, {}};
  if (machine.governor != "performance") {
    finding.grade = Grade::doubtful;
    finding.fix = "cpupower frequency-set -g performance";
  }
  return finding;
}

Finding examine_tracking(const Needs& needs, const Machine& machine) {
  Finding finding{
      Grade::good,
      "conntrack",
      fmt::format("{} needed, {} allowed", needs.connections, machine.tracked_connections),
      {}};
  if (needs.connections > machine.tracked_connections) {
    finding.grade = Grade::doubtful;
    finding.fix = fmt::format("sysctl -w net.netfilter.nf_conntrack_max={}", needs.connections * 2);
  }
  return finding;
}

std::string_view word(Grade grade) {
  switch (grade) {
    case Grade::good:
      return "ok";
    case Grade::doubtful:
      return "warn";
    case Grade::impossible:
      return "FAIL";
  }
  return {};
}

}  // namespace

Needs needs_of(const Options& options) {
  using Scheme = mqtt::net::Address::Scheme;
  const Scheme scheme = options.connection.address.scheme;
  return {.connections = options.connections(),
          .sources = std::max<std::uint64_t>(options.link.sources.size(), 1),
          .names_sources = !options.link.sources.empty(),
          .targets = std::max<std::uint64_t>(options.link.hosts.size(), 1),
          .uses_ports = scheme != Scheme::unix_socket,
          .uses_tls = options.connection.tls.has_value(),
          .rate = options.publishes() || options.mode() == Mode::conn
                      ? options.total_rate().per_second()
                      : 0};
}

std::vector<Finding> examine(const Needs& needs, const Machine& machine) {
  std::vector<Finding> findings{examine_descriptors(needs, machine)};
  if (needs.uses_ports && needs.names_sources) findings.push_back(examine_sources(needs, machine));
  if (needs.uses_ports && machine.last_port > 0) findings.push_back(examine_ports(needs, machine));
  if (needs.uses_ports && machine.tracked_connections > 0)
    findings.push_back(examine_tracking(needs, machine));
  if (machine.memory_bytes > 0) findings.push_back(examine_memory(needs, machine));
  if (machine.cores > 0) findings.push_back(examine_cores(needs, machine));
  if (machine.clock_cost > mqtt::Duration()) findings.push_back(examine_clock(machine));
  if (machine.wake_up_p99 > mqtt::Duration()) findings.push_back(examine_timer(machine));
  if (!machine.governor.empty()) findings.push_back(examine_governor(machine));
  return findings;
}

std::string impossibility(const std::vector<Finding>& findings) {
  const auto found = std::ranges::find(findings, Grade::impossible, &Finding::grade);
  if (found == findings.end()) return {};
  return fmt::format("{}: {}: {}", found->subject, found->text, found->fix);
}

std::string render(const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& finding : findings) {
    text += fmt::format("{:<5}{:<13}{}\n", word(finding.grade), finding.subject, finding.text);
    if (!finding.fix.empty()) text += fmt::format("{:<18}fix: {}\n", "", finding.fix);
  }
  return text;
}

}  // namespace mq_bench
