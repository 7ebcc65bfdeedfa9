#include "tools/mq-bench/preflight.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>

using namespace mq_bench;
using namespace std::chrono_literals;

namespace {

/// A machine that nobody has to complain about.
Machine good_machine() {
  return {.descriptors = 1'024,
          .descriptors_hard = 1'000'000,
          .first_port = 32'768,
          .last_port = 60'999,
          .tracked_connections = 262'144,
          .memory_bytes = 8ULL << 30,
          .cores = 4,
          .clock_source = "tsc",
          .governor = "performance",
          .clock_cost = 25ns,
          .wake_up_p99 = 80us};
}

Finding finding(const std::string& subject, const Needs& needs, const Machine& machine) {
  const auto findings = examine(needs, machine);
  const auto found = std::ranges::find(findings, subject, &Finding::subject);
  REQUIRE(found != findings.end());
  return *found;
}

}  // namespace

TEST_CASE("a machine that can bear the load has nothing to fix") {
  const auto findings = examine({.connections = 1'000, .rate = 1'000}, good_machine());
  CHECK(findings.size() == 8);
  for (const Finding& each : findings) {
    CAPTURE(each.subject);
    CHECK(each.grade == Finding::Grade::good);
    CHECK(each.fix.empty());
  }
  CHECK(impossibility(findings).empty());
  CHECK(render(findings).starts_with("ok   open files   1032 needed, 1000000 allowed (mq-bench"));
}

TEST_CASE("too few open files are told with the command that allows more") {
  Machine machine = good_machine();
  machine.descriptors_hard = 4'096;
  const Finding files = finding("open files", {.connections = 5'000}, machine);
  CHECK(files.grade == Finding::Grade::impossible);
  CHECK(files.fix == "as root: ulimit -Hn 5032 && ulimit -Sn 5032");
  CHECK(finding("open files", {.connections = 4'064}, machine).grade == Finding::Grade::good);
}

TEST_CASE("ports are counted for each pair of a source and a target") {
  const Machine machine = good_machine();  // 28,232 ports.
  using Grade = Finding::Grade;
  const auto grade = [&](Needs needs) { return finding("local ports", needs, machine).grade; };
  CHECK(grade({.connections = 14'116}) == Grade::good);
  CHECK(grade({.connections = 28'232}) == Grade::doubtful);  // The last ones are long searched for.
  CHECK(grade({.connections = 28'233}) == Grade::impossible);
  CHECK(grade({.connections = 28'232, .sources = 2}) == Grade::good);
  CHECK(grade({.connections = 28'232, .targets = 2}) == Grade::good);
  CHECK(finding("local ports", {.connections = 20'000}, machine).fix ==
        "connect from 2 local addresses (--bind)");
  CHECK(finding("local ports", {.connections = 50'000}, machine).fix ==
        "sysctl -w net.ipv4.ip_local_port_range='1024 65535', or connect from 2 local addresses "
        "(--bind)");
  CHECK(finding("local ports", {.connections = 1'000'000}, machine).fix ==
        "connect from 36 local addresses (--bind)");
}

TEST_CASE("an address that is not this machine's is told before the run, with what to do") {
  Machine machine = good_machine();
  const Needs needs{.connections = 2, .names_sources = true};
  CHECK(finding("local addrs", needs, machine).grade == Finding::Grade::good);
  machine.refused_source = find_refused({"127.0.0.1", "127.9.9.9", "192.0.2.1"});
  REQUIRE(machine.refused_source.has_value());
  CHECK(impossibility(examine(needs, machine)) ==
        "local addrs: cannot connect from 192.0.2.1: Cannot assign requested address: another "
        "--bind, or as root: ip address add 192.0.2.1 dev lo");
  CHECK_FALSE(find_refused({"127.0.0.1", "127.9.9.9"}).has_value());
}

TEST_CASE("a Unix socket needs no ports") {
  const auto findings = examine({.connections = 100'000, .uses_ports = false}, good_machine());
  CHECK(impossibility(findings).empty());
}

TEST_CASE("what makes figures worse is a warning and does not stop a run") {
  Machine machine = good_machine();
  machine.governor = "powersave";
  machine.clock_cost = 2us;
  machine.wake_up_p99 = 5ms;
  machine.cores = 1;
  machine.memory_bytes = 1 << 20;
  const auto findings = examine({.connections = 1'000, .uses_tls = true}, machine);
  CHECK(std::ranges::count(findings, Finding::Grade::doubtful, &Finding::grade) == 5);
  CHECK(impossibility(findings).empty());
}

TEST_CASE("what cannot be found out is not judged") {
  CHECK(examine({.connections = 10}, {.descriptors_hard = 1'024}).size() == 1);
}
