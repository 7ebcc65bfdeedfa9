#include "tools/common/config_file.hpp"

#include <doctest/doctest.h>

#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/support/temp_dir.hpp"

namespace {

using Line = std::array<std::string, 3>;

/// {number, key, value} of each line; or one element with the error, the path taken off.
std::vector<Line> read(const std::string& text) {
  const support::TempDir directory;
  const std::string path = directory.write("a.conf", text);
  const auto lines = cli::read_config_file(path);
  if (!lines) return {{lines.error().substr(path.size() - 6), "", ""}};
  std::vector<Line> read;
  for (const auto& line : *lines)
    read.push_back({std::to_string(line.number), line.key, line.value});
  return read;
}

TEST_CASE("a line is a key, blanks, and a value to the end of the line") {
  CHECK(read("port 1883\n") == std::vector<Line>{{"1", "port", "1883"}});
  CHECK(read("a  b c \t d  \n") == std::vector<Line>{{"1", "a", "b c \t d"}});
  CHECK(read("a\tb") == std::vector<Line>{{"1", "a", "b"}});
  CHECK(read("  a b") == std::vector<Line>{{"1", "a", "b"}});
  CHECK(read("alone\n") == std::vector<Line>{{"1", "alone", ""}});
  CHECK(read("a x # y") == std::vector<Line>{{"1", "a", "x # y"}});
}

TEST_CASE("comments and empty lines say nothing, but are counted") {
  CHECK(read("# one\n\n \t\n#two 2\nkey value\n") == std::vector<Line>{{"5", "key", "value"}});
  CHECK(read("") == std::vector<Line>{});
  CHECK(read("\n\n") == std::vector<Line>{});
}

TEST_CASE("CRLF line ends and a byte order mark are no part of keys and values") {
  CHECK(read("\xEF\xBB\xBF# x\r\na b\r\n\r\nc\r\n") ==
        std::vector<Line>{{"2", "a", "b"}, {"4", "c", ""}});
  CHECK(read("\xEF\xBB\xBFkey 1") == std::vector<Line>{{"1", "key", "1"}});
}

TEST_CASE("what no configuration file holds is refused with its line") {
  CHECK(read(std::string("a b\nc d\0e\n", 10))[0][0] ==
        "a.conf:2: the line holds a NUL byte: this is no text file");
  CHECK(read("a b\n # c\n")[0][0] ==
        "a.conf:2: a comment's # must be the first character of its line");
  const std::string ten_megabytes(10'000'000, 'x');
  CHECK(read("a b\n\n" + ten_megabytes + "\n")[0][0] == "a.conf:3: the line is longer than 64 KiB");
  CHECK(read("#" + ten_megabytes)[0][0] == "a.conf:1: the line is longer than 64 KiB");
  std::string huge;
  while (huge.size() <= cli::kMaximumConfigFile) huge += "# " + std::string(60'000, 'x') + "\n";
  CHECK(read(huge)[0][0].find("the file is larger than 16 MiB") != std::string::npos);
}

TEST_CASE("a file that can't be read is named with the reason") {
  const support::TempDir directory;
  const auto missing = cli::read_config_file((directory.path() / "none").string());
  CHECK(missing.error() == (directory.path() / "none").string() + ": No such file or directory");
  const auto is_directory = cli::read_config_file(directory.path().string());
  CHECK(is_directory.error() == directory.path().string() + ": Is a directory");
}

TEST_CASE("the closest name is offered when it is close enough to have been meant") {
  const std::vector<std::string_view> names = {"listener", "port", "max_qos"};
  CHECK(cli::closest("listner", names) == "listener");
  CHECK(cli::closest("listneer", names) == "listener");
  CHECK(cli::closest("prt", names) == "port");
  CHECK(cli::closest("pt", names) == std::nullopt);
  CHECK(cli::closest("Max_qos", names) == "max_qos");
  CHECK(cli::closest("something", names) == std::nullopt);
  CHECK(cli::closest(std::string(10'000, 'x'), names) == std::nullopt);
  CHECK(cli::closest("x", {}) == std::nullopt);
}

}  // namespace
