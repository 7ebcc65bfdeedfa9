#include "libmqtt/server/log_line.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <cstdlib>
#include <ctime>

using namespace mqtt::server;
using namespace std::literals;

namespace {

const WallTime kWhen{1'700'000'000'120ms};
constexpr LogSubject kClient{.client = "x\x1b", .peer = "127.0.0.1:50123"};

/// Lines show the local time: for these tests that of Kathmandu.
struct Zone {
  Zone() { set("NPT-05:45"); }
  ~Zone() { set("UTC"); }
  static void set(const char* zone) {
    ::setenv("TZ", zone, 1);
    ::tzset();
  }
};

std::string text(const LogSettings& settings, const LogSubject& about, std::string_view event) {
  return log_line(settings, LogKind::notice, about, event, std::nullopt);
}

LogKinds kinds(std::initializer_list<const char*> words, bool connection_messages = true) {
  LogSettings settings;
  settings.connection_messages = connection_messages;
  settings.types.assign(words.begin(), words.end());
  return kinds_of(settings);
}

}  // namespace

TEST_CASE("a line of text has the time with its zone, the level, whom it is about, and the event") {
  const Zone zone;
  CHECK(log_line({}, LogKind::connection, {}, "started", kWhen) ==
        "2023-11-15T03:58:20.120+0545 info: started\n");
  CHECK(text({}, kClient, "refused") == "notice: client 'x\\x1b' refused\n");
  CHECK(text({}, {.peer = "[::1]:1"}, "refused") == "notice: peer [::1]:1 refused\n");
}

TEST_CASE("log_timestamp_format is strftime's, and can't begin a new line") {
  const Zone zone;
  LogSettings settings;
  settings.timestamp_format = "%H:%M:%S%n";
  CHECK(log_line(settings, LogKind::error, {}, "e", kWhen) == "03:58:20\\x0a error: e\n");
}

TEST_CASE("a line of JSON is one object with what is known, escaped") {
  const Zone zone;
  LogSettings settings;
  settings.format = LogSettings::Format::json;
  CHECK(log_line(settings, LogKind::warning, {.client = "a\"\n\xff", .peer = "127.0.0.1:1"},
                 "says \"no\"", kWhen) ==
        R"({"time":"2023-11-15T03:58:20.120+0545","level":"warning","event":"says \"no\"",)"
        R"("client":"a\"\n\\xff","peer":"127.0.0.1:1"})"
        "\n");
  CHECK(text(settings, {}, "e") == "{\"level\":\"notice\",\"event\":\"e\"}\n");
  const std::string long_name(5000, 'n');
  CHECK(text(settings, {.client = long_name}, "e").size() < 400);
}

TEST_CASE("log_type's words choose the kinds of lines, instead of the level") {
  CHECK(kinds({"error", "warning"}) == (bit(LogKind::error) | bit(LogKind::warning)));
  CHECK(kinds({"notice"}) == (bit(LogKind::notice) | bit(LogKind::connection)));
  CHECK(kinds({"notice"}, false) == bit(LogKind::notice));
  CHECK(kinds({"subscribe", "unsubscribe"}) ==
        (bit(LogKind::subscription) | bit(LogKind::unsubscription)));
  CHECK(kinds({"none"}) == 0);
  CHECK((kinds({"all"}) & bit(LogKind::debug)) != 0);
  CHECK(is_log_type("websockets"));
  CHECK_FALSE(is_log_type("verbose"));
}

TEST_CASE("each level adds lines to those before it") {
  LogKinds before = 0;
  using Level = LogSettings::Level;
  for (const Level level :
       {Level::error, Level::warning, Level::notice, Level::detail, Level::debug}) {
    const LogKinds now = kinds_of({.level = level});
    CHECK((now & before) == before);
    CHECK(now != before);
    before = now;
  }
}
