#include "tools/mq-bench/verdict.hpp"

#include <doctest/doctest.h>

#include "tests/tools/bench_results.hpp"

using namespace mq_bench;
using support::good_result;
using support::with_losses;

TEST_CASE("what is wrong with one of several runs is wrong with all, and says which run it was") {
  Verdict verdict = judge(good_result(), {});
  add_run(verdict, "7f3a-1", judge(good_result(), {}));
  CHECK(verdict.exit_code == 0);

  add_run(verdict, "7f3a-2", judge(with_losses(200), {}));
  CHECK(verdict.exit_code == 99);
  CHECK(verdict.assertions.back().expression == "run 7f3a-2: loss==0");
  CHECK_FALSE(verdict.assertions.back().passed());
  CHECK(verdict.is_valid());

  Result busy = good_result();
  busy.self.cpu_share = 2;
  add_run(verdict, "7f3a-3", judge(busy, {}));
  CHECK(verdict.exit_code == 5);
  CHECK(verdict.invalid_reasons ==
        std::vector<std::string>{"run 7f3a-3: generator-limited: cpu 200% > 90%"});

  Result ended = good_result();
  ended.signal = 2;
  add_run(verdict, "7f3a-4", judge(ended, {}));
  CHECK(verdict.exit_code == 130);
  CHECK(verdict.partial);
}

TEST_CASE("a baseline that is kept does not make good what another run did") {
  const Result result = good_result();
  Verdict verdict = judge(result, {});
  add_baseline(verdict, result, {});
  add_run(verdict, "7f3a-2", judge(with_losses(200), {}));
  CHECK(verdict.exit_code == 99);
}
