#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <sstream>
#include <string>

#include "tests/support/temp_dir.hpp"
#include "tools/mq-bench/event_log.hpp"

using namespace mq_bench;
using namespace std::chrono_literals;

namespace {

constexpr mqtt::TimePoint kStart{100s};

/// A log in a file of its own.
class Fixture {
 public:
  Fixture() : log(std::fopen(path().c_str(), "we")) {}

  std::string close() {
    CHECK(log.close());
    std::ifstream file(path());
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }

 private:
  std::string path() const { return (folder_.path() / "e.csv").string(); }
  support::TempDir folder_;

 public:
  EventLog log;
};

}  // namespace

TEST_CASE("events: a line each, with the time since the run began") {
  Fixture f;
  f.log.begin(kStart);
  f.log.note(kStart + 1500ms, EventKind::connect, "mqb-p0");
  f.log.write_out();
  f.log.note(kStart + 2s, EventKind::disconnect, "mqb-p0", "connection closed by the server");
  CHECK(f.close() ==
        "t,event,client,reason\n"
        "1.500000,connect,\"mqb-p0\",\"\"\n"
        "2.000000,disconnect,\"mqb-p0\",\"connection closed by the server\"\n");
}

TEST_CASE("events: what a peer says is one field, and no formula") {
  Fixture f;
  f.log.begin(kStart);
  f.log.note(kStart, EventKind::nack, "=1+1", "say \"no\",\nthen\x1b[2J");
  CHECK(f.close().ends_with("0.000000,nack,\"'=1+1\",\"say \"\"no\"\",\\x0athen\\x1b[2J\"\n"));
}

TEST_CASE("events: beyond the limit of a second they are counted, not written") {
  Fixture f;
  f.log.begin(kStart);
  for (std::uint64_t i = 0; i < EventLog::kMostASecond + 7; ++i)
    f.log.note(kStart + 1ms, EventKind::connect, "c");
  f.log.note(kStart + 2ms, EventKind::nack, "other kinds have their own limit");
  f.log.note(kStart + 1s, EventKind::connect, "again");
  const std::string text = f.close();
  CHECK(text.contains("nack,\"other kinds have their own limit\""));
  CHECK(
      text.ends_with("1.000000,left_out,\"\",\"7 x connect\"\n1.000000,connect,\"again\",\"\"\n"));
  CHECK(std::ranges::count(text, '\n') == 1 + EventLog::kMostASecond + 3);
}

TEST_CASE("events: a full file ends with the number of those that are not in it") {
  Fixture f;
  f.log.begin(kStart);
  mqtt::TimePoint now = kStart;
  for (std::uint64_t i = 0; i < EventLog::kMostInAll + 5; ++i) {
    if (i % EventLog::kMostASecond == 0) {
      now += 1s;
      f.log.write_out();
    }
    f.log.note(now, EventKind::reconnect, "c");
  }
  CHECK(f.close().ends_with("left_out,\"\",\"5 events\"\n"));
}
