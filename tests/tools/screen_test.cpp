#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "tools/common/terminal_screen.hpp"
#include "tools/common/text_width.hpp"
#include "tools/mq-sub/message_rate.hpp"
#include "tools/mq-sub/screen_frame.hpp"
#include "tools/mq-sub/sparkline.hpp"
#include "tools/mq-sub/topic_table.hpp"

using cli::Key;
using mq_sub::ScreenFrame;
using mq_sub::Sparkline;
using mq_sub::TopicTable;
using mqtt::Seconds;
using mqtt::TimePoint;

namespace {

std::string fitted(std::string_view text, std::size_t columns) {
  std::string out;
  cli::append_fitted(out, text, columns);
  return out;
}

std::string bars(const std::vector<double>& numbers, std::size_t columns = 8) {
  Sparkline line;
  for (const double number : numbers) line.add(number);
  return line.text(columns);
}

/// Depth, label and whether there is a row: "0 a", "1 b*".
std::vector<std::string> shape(const std::vector<mq_sub::TableLine>& lines) {
  std::vector<std::string> result;
  for (const auto& line : lines) {
    result.push_back(std::to_string(line.depth) + " " + std::string(line.label) +
                     (line.row != nullptr ? "*" : ""));
  }
  return result;
}

TopicTable table_of(const std::vector<std::string>& topics) {
  TopicTable table;
  for (const std::string& topic : topics) table.take(topic, "1", TimePoint());
  return table;
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace

TEST_CASE("text is cut and filled by the columns it takes, not by bytes or characters") {
  CHECK(fitted("abc", 5) == "abc  ");
  CHECK(fitted("abcdef", 5) == "abcd…");
  CHECK(fitted("abcde", 5) == "abcde");
  CHECK(fitted("日本語", 6) == "日本語");
  CHECK(fitted("日本語", 5) == "日本…");
  CHECK(fitted("日本語", 4) == "日… ");
  CHECK(fitted("e\u0301a", 2) == "e\u0301a");
  CHECK(fitted("🌡 21", 5) == "🌡 21 ");
  CHECK(fitted("😀", 1) == "…");
  CHECK(fitted("x", 0) == "");
  CHECK(fitted("", 2) == "  ");
}

TEST_CASE("text can do nothing to the screen but be seen") {
  CHECK(fitted("a\x1b[2Jb\n\u009b\x7f", 12) == "a [2Jb      ");
  CHECK(fitted("\xff\xc3z", 4) == "??z ");
  CHECK(fitted("a\u202eb\u200d\ufeffc", 4) == "abc ");
}

TEST_CASE("a sparkline goes from the least to the greatest of the last numbers") {
  CHECK(bars({}) == "");
  CHECK(bars({1, 2, 3}) == "▁▅█");
  CHECK(bars({0, 7, 3.5, 0}) == "▁█▅▁");
  CHECK(bars({5, 5}) == "▅▅");
  CHECK(bars({100, 1, 2}, 2) == "▁█");
  CHECK(bars({-1.7e308, 1.7e308}) == "▁█");
  CHECK(bars(std::vector<double>(100, 1.0), 100).size() == Sparkline::kMost * 3);
}

TEST_CASE("a number is a number and nothing else") {
  CHECK(mq_sub::to_number(" -21.5e1\n") == -215);
  for (const std::string_view text :
       {"", " ", "21,5", "21 °C", "nan", "inf", "1e999", "0x10", "-"}) {
    CHECK_MESSAGE(!mq_sub::to_number(text), text);
  }
}

TEST_CASE("a rate is that of the last seconds") {
  mq_sub::MessageRate rate;
  TimePoint now{Seconds(100)};
  CHECK(rate.per_second(now) == 0);
  rate.add(now);
  CHECK(rate.per_second(now) == 0);
  for (int i = 0; i < 1000; ++i) {
    now += std::chrono::milliseconds(100);
    rate.add(now);
  }
  CHECK(rate.per_second(now) == doctest::Approx(10).epsilon(0.02));
  CHECK(rate.per_second(now + Seconds(30)) < 0.1);
  CHECK(rate.count() == 1001);
}

TEST_CASE("a tree shows each level once, whatever characters its neighbours have") {
  const TopicTable table = table_of({"a/b/c", "a", "a-b", "a/d", "/x", "a//y", "$SYS/z"});
  CHECK(shape(table.tree()) == std::vector<std::string>{"0 ", "1 x*", "0 $SYS", "1 z*", "0 a*",
                                                        "1 ", "2 y*", "1 b", "2 c*", "1 d*",
                                                        "0 a-b*"});
  CHECK(shape(table.lines())[2] == "0 a*");
}

TEST_CASE("a table keeps the beginning of the last value and counts") {
  TopicTable table;
  table.take("t", "1", TimePoint(Seconds(1)));
  table.take("t", std::string(5000, 'x'), TimePoint(Seconds(2)));
  const auto lines = table.lines();
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].row->value.size() == 1024);
  CHECK(lines[0].row->rate.count() == 2);
  CHECK(table.rate().count() == 2);
}

TEST_CASE("a frame shows the lines from the top on, and where that is") {
  TopicTable table;
  for (int i = 0; i < 50; ++i) {
    table.take("t/" + std::to_string(i + 10), "value " + std::to_string(i), TimePoint());
  }
  const auto lines = table.lines();
  ScreenFrame frame{.size = {80, 10}, .title = "broker", .top = 20, .now = TimePoint(Seconds(61))};
  const std::string text = mq_sub::draw(lines, frame);
  CHECK(contains(text, "\x1b[1;1H\x1b[7mbroker"));
  CHECK(contains(text, "\x1b[3;1Ht/30"));
  CHECK(contains(text, "value 20"));
  CHECK(contains(text, "   1m        -         1"));
  CHECK(contains(text, "t/36"));
  CHECK_FALSE(contains(text, "t/37"));
  CHECK(contains(text, "21-27 of 50"));
  frame.note = "connection lost";
  CHECK(contains(mq_sub::draw(lines, frame), "connection lost"));
}

TEST_CASE("no size of screen is too small or too large") {
  const TopicTable table = table_of({"Maison/日本", "b"});
  for (std::size_t columns = 1; columns < 300; columns += 7) {
    for (std::size_t rows = 1; rows < 6; ++rows) {
      const ScreenFrame frame{.size = {columns, rows}, .title = "broker"};
      CHECK_FALSE(mq_sub::draw(table.lines(), frame).empty());
    }
  }
}

TEST_CASE("a peer's topics and levels cannot write to the screen") {
  const TopicTable table = table_of({"a\x1b[2J/\x07"});
  const ScreenFrame frame{.size = {80, 10}};
  CHECK(contains(mq_sub::draw(table.lines(), frame), "a\\x1b[2J/\\x07"));
  CHECK(contains(mq_sub::draw(table.tree(), frame), "  \\x07"));
}

TEST_CASE("ages are short") {
  using mq_sub::age_text;
  CHECK(age_text(Seconds(0)) == "0s");
  CHECK(age_text(Seconds(-1)) == "0s");
  CHECK(age_text(Seconds(59)) == "59s");
  CHECK(age_text(Seconds(3599)) == "59m");
  CHECK(age_text(Seconds(86'399)) == "23h");
  CHECK(age_text(Seconds(864'000)) == "10d");
}

TEST_CASE("keys come as letters and as sequences of several kinds of terminals") {
  CHECK(cli::keys_in("\x1b[A\x1bOBx\x1b[6~q") ==
        std::vector{Key::up, Key::down, Key::page_down, Key::quit});
  CHECK(cli::keys_in("\x1b").empty());
}
