#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <list>
#include <utility>

#include "tests/e2e/bench_runs.hpp"

using namespace e2e;
using namespace std::chrono_literals;
using mqtt::Duration;
using support::Faults;

namespace {

constexpr Duration kWindow = 2s;
constexpr Duration kStall = 500ms;
constexpr Duration kGap = 1ms;  ///< Between two messages, at 1000/s.
/// Against hanging, no claim: a busy machine adds to every latency.
constexpr Duration kPatience = 10s;

struct Percentile {
  std::string name;
  double share;
};
const std::vector<Percentile> kPercentiles{{"50", .5}, {"90", .9}, {"99", .99}};

/// Values up to so much are rounded away by three significant digits and whole microseconds.
Duration rounding(Duration value) { return value / 1'000 + 1us; }

Duration value_of(const BenchRun& run, const std::string& metric, const std::string& name) {
  return Duration(run.number("/metrics/" + metric + "/" + name));
}

/// p_q = base + max(0, S - (1 - q) T): who is stopped for S in a window of T must say so. Nothing
/// that was due in the stall can have come before its end, so this is a bound that no machine is
/// too slow or too busy for.
void check_formula(const BenchRun& run, const std::string& metric, const Faults::Stall& stall) {
  CAPTURE(metric);
  const Duration length = stall.end - stall.begin;
  for (const auto& [name, share] : kPercentiles) {
    CAPTURE(name);
    const auto free = std::chrono::duration_cast<Duration>((1 - share) * kWindow);
    const Duration least = length - free - kGap;
    const Duration said = value_of(run, metric, "p/" + name);
    CHECK(said >= least - rounding(length));
    CHECK(said <= std::max(least, Duration()) + kPatience);
  }
  CHECK(value_of(run, metric, "max") >= length - kGap - rounding(length));
}

/// What the proxy saw leave, against what was said to have arrived: nothing arrives sooner.
void check_against_witness(const BenchRun& run, const std::vector<Faults::Delivery>& deliveries) {
  std::vector<Duration> latencies;
  for (const auto& delivery : deliveries)
    latencies.push_back(delivery.time - stamp_of(delivery.payload).intended);
  std::ranges::sort(latencies);
  for (const auto& [name, share] : kPercentiles) {
    CAPTURE(name);
    const auto rank = static_cast<std::size_t>(share * static_cast<double>(latencies.size()));
    const Duration seen = latencies.at(rank - 1);
    const Duration said = value_of(run, "e2e", "p/" + name);
    CHECK(said >= seen - rounding(seen));
    CHECK(said <= seen + kPatience);
  }
}

struct Case {
  std::string what;
  Fault fault;
  Arguments arguments;
  std::vector<std::string> metrics;  ///< That the stall must show in.
};

class Trial {
 public:
  explicit Trial(Case stalled)
      : case_(std::move(stalled)),
        proxy_(broker_.port(), {.faults = {stall_at_400(case_.fault)}, .counts = is_load}),
        process_(bench(proxy_.port(), "pair", with_load(case_.arguments))) {}

  void check() {
    CAPTURE(case_.what);
    const BenchRun run(process_.wait());
    CAPTURE(run.end().err);
    CHECK(run.code() == 0);
    run.check_balance();
    CHECK(run.counter("scheduled") == 2000);
    CHECK(run.counter("unique") == 2000);
    CHECK(run.counter("lost") == 0);
    const auto stalls = proxy_.faults().stalls();
    REQUIRE(stalls.size() == 1);
    for (const auto& metric : case_.metrics) check_formula(run, metric, stalls.front());
    check_against_witness(run, proxy_.faults().deliveries());
  }

 private:
  static Fault stall_at_400(Fault fault) {
    fault.kind = Fault::Kind::stall;
    fault.first = 400;
    fault.time = kStall;
    return fault;
  }
  static Arguments with_load(Arguments arguments) {
    arguments.insert(arguments.end(),
                     {"--rate", "1000/s", "--warmup", "0s", "--duration", "2s", "--drain", "20s"});
    return arguments;
  }

  Case case_;
  BrokerProcess broker_{kLite};
  FaultProxy proxy_;
  Process process_;
};

void check_all(const std::vector<Case>& cases) {
  std::list<Trial> trials;
  for (const Case& stalled : cases) trials.emplace_back(stalled);
  for (Trial& trial : trials) trial.check();
}

}  // namespace

TEST_CASE("a stall of S in a window of T shows as S - (1 - q) T in every percentile q") {
  check_all(
      {{"messages to the subscriber", {.way = Way::down}, {"-q", "0", "-V", "3.1.1"}, {"e2e"}},
       {"messages to the broker", {.way = Way::up}, {"-q", "1"}, {"e2e", "ack"}},
       {"from and to threads", {.way = Way::up}, {"-c", "4", "--threads", "2"}, {"e2e"}}});
}

TEST_CASE("a publisher that is not allowed to send while the broker stalls does not hide it") {
  const std::vector<std::string> metrics{"e2e", "ack", "send_lag"};
  check_all({{"acknowledgements",
              {.way = Way::down, .type = PacketType::puback},
              {"-q", "1", "--inflight", "1"},
              metrics},
             {"receipts",
              {.way = Way::down, .type = PacketType::pubrec},
              {"-q", "2", "--inflight", "1", "-V", "3.1.1"},
              metrics}});
}

TEST_CASE("what a narrow line delays counts from when it was due") {
  BrokerProcess broker(kLite);
  // 1000 messages of more than 200 bytes, on a line that needs more than 2 s for them.
  FaultProxy proxy(broker.port(), {.counts = is_load, .bytes_per_second = 100'000});
  const auto run = run_bench(proxy.port(), "pair",
                             {"--rate", "1000/s", "-q", "1", "-s", "200", "--warmup", "0s",
                              "--duration", "1s", "--drain", "30s"});
  CAPTURE(run.end().err);
  CHECK(run.code() == 0);
  CHECK(run.counter("unique") == 1000);
  CHECK(value_of(run, "e2e", "max") >= 1s);
  check_against_witness(run, proxy.faults().deliveries());
}

TEST_CASE(
    "a closed loop stalls with the broker, calls it service time and answers for no latency") {
  BrokerProcess broker(kLite);
  FaultProxy proxy(broker.port(), {.faults = {{.kind = Fault::Kind::stall,
                                               .first = 50,
                                               .type = PacketType::puback,
                                               .time = kStall}},
                                   .counts = is_load});
  const auto run = run_bench(proxy.port(), "pair",
                             {"--loop", "closed", "-q", "1", "--warmup", "0s", "--duration", "1s",
                              "--assert", "e2e.p50<1h", "--assert", "ack_service.max>=400ms"});
  CAPTURE(run.end().err);
  CHECK(contains(run.headline(), "closed loop: service time"));
  CHECK(run.code() == 99);
  CHECK(run.text("/asserts/0/verdict") == "no_data");
  CHECK(run.text("/asserts/1/verdict") == "pass");
  CHECK(run.text("/filled_up/co") == "synthetic");
  CHECK(run.number("/filled_up/ack_service/n") > run.number("/metrics/ack_service/n"));
  CHECK(run.number("/filled_up/ack_service/max") == run.number("/metrics/ack_service/max"));
  CHECK(contains(run.end().err, "        co=synthetic, one each "));
  run.check_balance();
}
