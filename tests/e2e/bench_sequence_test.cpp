#include <doctest/doctest.h>

#include <list>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "tests/e2e/bench_runs.hpp"

using namespace e2e;

namespace {

/// A broker behind a harmful network, and a pair that sends 1000 messages a second through it.
class Trial {
 public:
  Trial(Arguments arguments, std::vector<Fault> faults, int seconds = 1)
      : broker_(kLite),
        proxy_(broker_.port(), {.faults = std::move(faults), .counts = is_load}),
        process_(bench(proxy_.port(), "pair", with_load(std::move(arguments), seconds))),
        messages_(1'000 * seconds) {}

  BrokerProcess& broker() { return broker_; }
  const support::Faults& faults() const { return proxy_.faults(); }
  std::int64_t done(Kind kind) const { return static_cast<std::int64_t>(faults().done(kind)); }
  /// The payload of a message once it has left for the subscriber.
  std::string delivered(std::size_t index) const {
    REQUIRE(faults().wait_for_deliveries(index + 1));
    return faults().deliveries()[index].payload;
  }
  /// Ends it, and checks what every run keeps to.
  BenchRun result() {
    BenchRun run(process_.wait());
    CAPTURE(run.end().err);
    run.check_balance();
    CHECK(run.counter("scheduled") == messages_);
    CHECK(run.counter("sent") == messages_);
    return run;
  }

 private:
  static Arguments with_load(Arguments arguments, int seconds) {
    arguments.insert(arguments.end(), {"--duration", std::to_string(seconds) + "s"});
    for (const char* word :
         {"--rate", "1000/s", "--warmup", "0s", "--drain", "2s", "-t", "load/%i", "-s", "16"})
      arguments.emplace_back(word);
    return arguments;
  }

  BrokerProcess broker_;
  FaultProxy proxy_;
  Process process_;
  int messages_;
};

const std::vector<std::string> kVersions{"3.1.1", "5"};

void replay(BrokerProcess& broker, const std::string& qos, const std::string& payload) {
  const support::TempDir directory;
  publish(broker.port(), {"-t", "load/0", "-q", qos, "-f", directory.write("payload", payload)});
}

std::string verdict(const BenchRun& run, const std::string& expression) {
  for (int i = 0; run.has("/asserts/" + std::to_string(i)); ++i) {
    const std::string pointer = "/asserts/" + std::to_string(i);
    if (run.text(pointer + "/expr") == expression) return run.text(pointer + "/verdict");
  }
  return "";
}

/// What happens to the 1000 messages at this QoS on their way to the subscriber.
std::vector<Fault> mixed_faults(const std::string& qos) {
  // A DUP flag at QoS 0 would be malformed.
  const Kind repeat = qos == "0" ? Kind::duplicate : Kind::duplicate_as_dup;
  return {{.kind = Kind::drop, .first = 11, .count = 12, .every = 31},
          {.kind = Kind::duplicate, .first = 20, .count = 3, .every = 50},
          {.kind = repeat, .first = 500, .count = 2},
          {.kind = Kind::swap, .first = 650, .count = 4, .every = 10}};
}

void check_mixed_faults(Trial& trial, const std::string& qos) {
  CAPTURE(qos);
  const auto run = trial.result();
  CHECK(trial.done(Kind::drop) == 12);
  CHECK(trial.done(Kind::duplicate) + trial.done(Kind::duplicate_as_dup) == 5);
  CHECK(trial.done(Kind::swap) == 4);
  CHECK(run.counter("lost") == 12);
  CHECK(run.counter("unique") == 988);
  CHECK(run.counter("dup") == 5);
  CHECK(run.counter("dup_allowed") == 0);
  CHECK(run.counter("ooo") == 4);
  CHECK(run.counter("ooo_displacement_max") == 1);
  CHECK(run.counter("foreign") + run.counter("corrupt") + run.counter("late") == 0);
  // More than one in a hundred never came.
  CHECK(run.text("/metrics/e2e/p/99") == "inf");
  CHECK(run.number("/metrics/e2e/p/90") > 0);
  CHECK(run.code() == (qos == "0" ? 0 : 99));
  if (qos == "1") CHECK(verdict(run, "loss==0") == "fail");
}

}  // namespace

TEST_CASE("what the network drops, doubles and swaps is what mq-bench says, message for message") {
  std::list<std::pair<std::string, Trial>> trials;
  for (const std::string& version : kVersions) {
    for (const std::string qos : {"0", "1"})
      trials.emplace_back(std::piecewise_construct, std::tuple(qos),
                          std::tuple(Arguments{"-V", version, "-q", qos}, mixed_faults(qos)));
  }
  // Publishers and subscribers on threads of their own.
  const Arguments threads{"-q", "1", "-c", "6", "--threads", "2"};
  trials.emplace_back(std::piecewise_construct, std::tuple("1"),
                      std::tuple(threads, mixed_faults("1")));
  for (auto& [qos, trial] : trials) check_mixed_faults(trial, qos);
}

TEST_CASE("a message lost on its way to the broker is unanswered and lost") {
  std::list<Trial> trials;
  for (const char* qos : {"1", "2"}) {
    trials.emplace_back(
        Arguments{"-q", qos},
        std::vector<Fault>{{.kind = Kind::drop, .first = 100, .count = 3, .way = Way::up}});
  }
  for (Trial& trial : trials) {
    const auto run = trial.result();
    CHECK(run.counter("lost") == 3);
    CHECK(run.counter("unacked") == 3);
    CHECK(run.counter("acked") == 997);
    CHECK(run.code() == 99);
    CHECK(run.end().err.find("first: pub 0 seq 99") != std::string::npos);
  }
}

TEST_CASE("a swallowed PUBACK leaves a message unanswered, but not lost") {
  Trial trial(
      {"-q", "1"},
      {{.kind = Kind::drop, .first = 301, .count = Fault::kAll, .type = PacketType::puback}});
  const auto run = trial.result();
  CHECK(run.counter("acked") == 300);
  CHECK(run.counter("unacked") == 700);
  CHECK(run.counter("unacked") == trial.done(Kind::drop));
  CHECK(run.counter("lost") == 0);
  CHECK(run.counter("unique") == 1'000);
}

TEST_CASE("at QoS 2 the handshake absorbs what the network doubles [MQTT-4.3.3-1]") {
  for (const std::string& version : kVersions) {
    CAPTURE(version);
    Trial trial(
        {"-q", "2", "-V", version},
        {{.kind = Kind::duplicate_as_dup, .first = 50, .count = 5, .every = 20},
         {.kind = Kind::duplicate_as_dup, .first = 60, .count = 5, .every = 20, .way = Way::up}});
    const auto run = trial.result();
    CHECK(trial.done(Kind::duplicate_as_dup) == 10);
    CHECK(run.counter("dup") == 0);
    CHECK(run.counter("unique") == 1'000);
    CHECK(run.code() == 0);
  }
}

TEST_CASE("a message that somebody sends again is a duplicate, and at QoS 2 a violation") {
  std::list<std::pair<std::string, Trial>> trials;
  for (const std::string qos : {"0", "1", "2"}) {
    trials.emplace_back(std::piecewise_construct, std::tuple(qos),
                        std::tuple(Arguments{"-q", qos}, std::vector<Fault>{}, 3));
  }
  for (auto& [qos, trial] : trials) {
    for (const std::size_t index : {10U, 20U}) replay(trial.broker(), qos, trial.delivered(index));
  }
  for (auto& [qos, trial] : trials) {
    CAPTURE(qos);
    const auto run = trial.result();
    CHECK(run.counter("dup") == 2);
    CHECK(run.counter("dup_allowed") == 0);
    CHECK(run.counter("unique") == 3'000);
    CHECK(run.code() == (qos == "2" ? 99 : 0));
    if (qos == "2") CHECK(verdict(run, "dup==0") == "fail");
  }
}

TEST_CASE("messages of others are foreign, and those that nobody sent are corrupt") {
  // Bytes of the header: the run's tag, the publisher, the sequence number.
  Trial trial({},
              {{.kind = Kind::corrupt, .first = 100, .count = 2, .offset = 0},
               {.kind = Kind::corrupt, .first = 200, .count = 3, .offset = 2},
               {.kind = Kind::corrupt, .first = 300, .count = 4, .offset = 5}},
              3);
  const std::string genuine = trial.delivered(5);
  replay(trial.broker(), "0", "hello");
  replay(trial.broker(), "0", std::string(16, 'x'));
  replay(trial.broker(), "0", genuine + "and more");
  const auto run = trial.result();
  CHECK(trial.done(Kind::corrupt) == 9);
  CHECK(run.counter("foreign") == 2 + 2);
  CHECK(run.counter("corrupt") == 7 + 1);
  CHECK(run.counter("lost") == 9);
  CHECK(run.counter("dup") == 0);
}

TEST_CASE("after a lost connection duplicates at QoS 1 are allowed, before it they are not") {
  Trial trial({"-q", "1"},
              {{.kind = Kind::duplicate, .first = 100},
               {.kind = Kind::finish, .first = 200},
               {.kind = Kind::duplicate, .first = 220, .count = 2}},
              3);
  BenchRun run = trial.result();
  CHECK(run.counter("reconnects") == 1);
  CHECK(run.counter("dup") == 3);
  CHECK(run.counter("dup_allowed") == 2);
}
