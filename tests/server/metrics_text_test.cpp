#include "libmqtt/server/metrics_text.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <regex>
#include <set>
#include <sstream>

using namespace mqtt::server;

namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

}  // namespace

TEST_CASE(
    "every line is what the text format 0.0.4 allows, with HELP and TYPE before its samples") {
  const std::string text = metrics_text({}, "mq-broker-lite \"1\\2\n3\"");
  REQUIRE(text.ends_with('\n'));
  const std::regex help(R"(# HELP ([a-z_:][a-z0-9_:]*) [^\\\n]+)");
  const std::regex type(R"(# TYPE ([a-z_:][a-z0-9_:]*) (counter|gauge))");
  const std::regex sample(
      R"(([a-z_:][a-z0-9_:]*)(\{[a-z_]+="(\\[\\n"]|[^\\\n"])*"\})? [0-9]+(\.[0-9]+)?)");
  std::set<std::string> samples;
  std::set<std::string> metrics;
  std::string described;
  std::string typed;
  for (const std::string& line : lines_of(text)) {
    CAPTURE(line);
    std::smatch match;
    if (std::regex_match(line, match, help)) {
      described = match[1];
      CHECK(metrics.insert(described).second);
    } else if (std::regex_match(line, match, type)) {
      typed = match[1];
      CHECK(typed == described);
      CHECK((match[2] == "counter") == typed.ends_with("_total"));
    } else {
      REQUIRE(std::regex_match(line, match, sample));
      CHECK(match[1] == typed);
      CHECK(samples.insert(match[1].str() + match[2].str()).second);
    }
  }
  CHECK(samples.contains(R"(mq_broker_info{version="mq-broker-lite \"1\\2\n3\""})"));
  CHECK(samples.contains("mq_broker_clients_connected"));
  CHECK(samples.contains(R"(mq_broker_connections_refused_total{reason="max_connections"})"));
}

TEST_CASE("the values are those of the reading") {
  Statistics statistics;
  statistics.broker.clients_connected = 7;
  statistics.broker.refusals.queue_full = 18'446'744'073'709'551'615U;
  statistics.process.cpu_milliseconds = 1500;
  const auto lines = lines_of(metrics_text(statistics, "v"));
  for (const char* line : {"mq_broker_clients_connected 7", "process_cpu_seconds_total 1.500",
                           "mq_broker_messages_dropped_total{reason=\"queue_full\"} "
                           "18446744073709551615"}) {
    CAPTURE(line);
    CHECK(std::ranges::count(lines, line) == 1);
  }
}

TEST_CASE("no topic of $SYS and no metric with its label stands twice in the table") {
  std::set<std::string> names;
  for (const StatisticRow& row : statistic_rows()) {
    CHECK((!row.topic.empty() || !row.metric.empty()));
    if (!row.topic.empty()) CHECK(names.insert(std::string(row.topic)).second);
    if (row.metric.empty()) continue;
    CHECK(names.insert(std::string(row.metric) + std::string(row.label)).second);
    CHECK_FALSE(row.help.empty());
  }
}
