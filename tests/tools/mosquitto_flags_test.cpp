#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/mq-pub/options.hpp"
#include "tools/mq-sub/options.hpp"

// tools/common/MOSQUITTO.md tells people who come from mosquitto what becomes of their flags: here
// it is held against mosquitto's flags and against the option tables.

namespace {

/// Every flag of mosquitto_pub, mosquitto_sub and mosquitto_rr 2.1.
constexpr std::string_view kMosquitto[] = {"-h",
                                           "--host",
                                           "-p",
                                           "--port",
                                           "--unix",
                                           "-A",
                                           "-L",
                                           "--url",
                                           "--ws",
                                           "--proxy",
                                           "-S",
                                           "--nodelay",
                                           "-k",
                                           "--keepalive",
                                           "-u",
                                           "--username",
                                           "-P",
                                           "--pw",
                                           "-i",
                                           "--id",
                                           "-I",
                                           "--id-prefix",
                                           "-c",
                                           "--disable-clean-session",
                                           "-x",
                                           "-V",
                                           "--protocol-version",
                                           "-q",
                                           "--qos",
                                           "-M",
                                           "-D",
                                           "--property",
                                           "--will-topic",
                                           "--will-payload",
                                           "--will-qos",
                                           "--will-retain",
                                           "--cafile",
                                           "--capath",
                                           "--cert",
                                           "--key",
                                           "--keyform",
                                           "--tls-engine",
                                           "--tls-engine-kpass-sha1",
                                           "--tls-use-os-certs",
                                           "--insecure",
                                           "--tls-version",
                                           "--ciphers",
                                           "--tls-alpn",
                                           "--tls-keylog",
                                           "--no-tls",
                                           "--psk",
                                           "--psk-identity",
                                           "-d",
                                           "--debug",
                                           "--quiet",
                                           "-o",
                                           "--help",
                                           "--version",
                                           "-t",
                                           "--topic",
                                           "-m",
                                           "--message",
                                           "-n",
                                           "--null-message",
                                           "-f",
                                           "--file",
                                           "-s",
                                           "--stdin-file",
                                           "-l",
                                           "--stdin-line",
                                           "-r",
                                           "--retain",
                                           "--repeat",
                                           "--repeat-delay",
                                           "-T",
                                           "--filter-out",
                                           "-U",
                                           "--unsubscribe",
                                           "-C",
                                           "-W",
                                           "-E",
                                           "-F",
                                           "-N",
                                           "-v",
                                           "--verbose",
                                           "--pretty",
                                           "-R",
                                           "--retained-only",
                                           "--remove-retained",
                                           "--retain-as-published",
                                           "--retain-handling",
                                           "--random-filter",
                                           "--message-rate",
                                           "-w",
                                           "--watch",
                                           "-e",
                                           "--latency"};

struct Row {
  std::vector<std::string> flags;
  std::string pub;
  std::string sub;
  std::string text;
};

/// The cells of a line of a table; empty for any other line.
std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  for (std::size_t start = 2, end = 0; start < line.size(); start = end + 3) {
    end = line.find(" |", start);
    if (end == std::string::npos) break;
    cells.push_back(line.substr(start, end - start));
  }
  return cells;
}

std::vector<std::string> flags_of(const std::string& cell) {
  std::vector<std::string> flags;
  for (std::size_t at = cell.find('`'); at != std::string::npos;) {
    const std::size_t end = cell.find('`', at + 1);
    flags.push_back(cell.substr(at + 1, end - at - 1));
    at = cell.find('`', end + 1);
  }
  return flags;
}

const std::vector<Row>& rows() {
  static const std::vector<Row> all = [] {
    std::ifstream file(std::filesystem::path(MQ_SOURCE_DIR) / "tools/common/MOSQUITTO.md");
    std::vector<Row> found;
    for (std::string line; std::getline(file, line);) {
      if (!line.starts_with("| `")) continue;
      const auto cells = cells_of(line);
      REQUIRE_MESSAGE(cells.size() >= 3, line);
      found.push_back({flags_of(cells[0]), cells[1], cells[2], line});
    }
    return found;
  }();
  return all;
}

bool is_told(std::string_view flag) {
  return std::ranges::any_of(rows(), [&](const Row& row) {
    return std::ranges::find(row.flags, flag) != row.flags.end();
  });
}

bool has(const cli::Tool& tool, const std::string& flag) {
  return std::ranges::any_of(cli::all_options(tool), [&](const cli::Option& option) {
    return flag == "--" + std::string(option.name) || flag == std::string{'-', option.letter};
  });
}

void check_cell(const cli::Tool& tool, const Row& row, const std::string& cell) {
  CAPTURE(row.text);
  CAPTURE(std::string(tool.name));
  const bool is_here = cell == "same" || cell == "better" || cell == "yes";
  CHECK((is_here || cell == "absent" || cell == "–"));
  for (const std::string& flag : row.flags) CHECK(has(tool, flag) == is_here);
}

}  // namespace

TEST_CASE("every flag of mosquitto's tools is told of, and what is said of it is so") {
  for (const std::string_view flag : kMosquitto) CHECK_MESSAGE(is_told(flag), flag);
  mq_pub::Options pub;
  mq_sub::Options sub;
  const cli::Tool pub_tool = mq_pub::describe(pub);
  const cli::Tool sub_tool = mq_sub::describe(sub);
  for (const Row& row : rows()) {
    check_cell(pub_tool, row, row.pub);
    check_cell(sub_tool, row, row.sub);
  }
}

TEST_CASE("every flag of mq-pub and mq-sub is told of, too") {
  mq_pub::Options pub;
  mq_sub::Options sub;
  for (const cli::Tool& tool : {mq_pub::describe(pub), mq_sub::describe(sub)}) {
    for (const cli::Option& option : cli::all_options(tool)) {
      const std::string name = "--" + std::string(option.name);
      const bool is_named = is_told(name) || (option.letter != '\0' && is_told(option.flag()));
      CHECK_MESSAGE(is_named, tool.name << ": " << name);
    }
  }
}
