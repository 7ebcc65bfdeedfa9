#include <doctest/doctest.h>

#include <bit>
#include <string>
#include <string_view>

#include "tools/common/json_layout.hpp"
#include "tools/common/json_path.hpp"
#include "tools/common/output_format.hpp"

using namespace std::string_literals;
using cli::Escape;
using cli::JsonLayout;
using cli::JsonPath;
using cli::LineForm;
using cli::OutputFormat;

namespace {

mqtt::Publish message(std::string_view payload) {
  mqtt::Publish publish;
  publish.topic = mqtt::Bytes::copy("t");
  publish.payload = mqtt::Bytes::copy(payload);
  return publish;
}

struct Line {
  std::string text;
  std::string_view problem;
  friend bool operator==(const Line&, const Line&) = default;
};

Line line(const OutputFormat& format, const mqtt::Publish& publish, cli::Style style = {}) {
  Line result{.text = "before|", .problem = {}};
  result.problem = format.append(result.text, publish, {}, style);
  result.text.erase(0, result.text.find('|') + 1);
  return result;
}

Line line(std::string_view format, std::string_view payload) {
  const auto parsed = OutputFormat::parse(format, {.end = "\n"});
  REQUIRE_MESSAGE(parsed.has_value(), format);
  return line(*parsed, message(payload));
}

LineForm form(std::string_view path) {
  const auto member = JsonPath::parse(path);
  REQUIRE_MESSAGE(member.has_value(), path);
  return {.member = *member};
}

Line member(std::string_view path, std::string_view payload) {
  return line(OutputFormat::plain(form(path)), message(payload));
}

std::string bytes_of(auto number) {
  return {reinterpret_cast<const char*>(&number), sizeof(number)};
}

std::string set(std::string_view json, JsonLayout layout, Escape escape = Escape::none) {
  std::string out;
  cli::append_json(out, json, layout, escape);
  return out;
}

}  // namespace

TEST_CASE("%b is the payload in base64") {
  CHECK(line("%b", "a\0\xff"s).text == "YQD/\n");
  CHECK(line("[%-6b][%6b]", "a").text == "[YQ==  ][  YQ==]\n");
  CHECK(line("%b", "").text == "\n");
}

TEST_CASE("%f and %d are numbers of 4 and 8 bytes in the machine's order, as printf shows them") {
  CHECK(line("%f", bytes_of(21.5F)).text == "21.500000\n");
  CHECK(line("%d", bytes_of(-0.1)).text == "-0.100000\n");
  CHECK(line("[%9.2f][%-9.2f][%09.2f][%.0f]", bytes_of(-21.5F)).text ==
        "[   -21.50][-21.50   ][-00021.50][-22]\n");
  CHECK(line("[%06f]", bytes_of(std::bit_cast<float>(0x7F800000U))).text == "[   inf]\n");
  CHECK(line("[%9f]", "21.5x").text == "[]\n");
  CHECK(line("[%d]", bytes_of(21.5F)).problem ==
        "the payload is no floating-point number of that size");
}

TEST_CASE("%J takes the payload as the JSON value that it is, with its digits") {
  const Line number = line("%J", " 12345678901234567890.50 ");
  CHECK(number.text.ends_with("\"payload\":12345678901234567890.50}\n"));
  CHECK(line("%J", R"({"a" : [1e400, "\u00e9"]})")
            .text.ends_with(R"("payload":{"a":[1e400,"\u00e9"]}})"
                            "\n"));
  CHECK(line("%J", "").text.ends_with("\"payload\":null}\n"));
}

TEST_CASE("%J of a payload that is not JSON prints no line and says so") {
  CHECK(line("%t %J", "21,5") == Line{"", "the payload is not JSON"});
  CHECK(line("%J", "{\"a\":1").problem == "the payload is not JSON");
}

TEST_CASE("a member is found by a dotted path or a JSON Pointer (RFC 6901)") {
  constexpr std::string_view kJson =
      R"({"a":{"b":[1,{"c":"x\ny"}],"":0},"m~n":1.50,"a/b":true,"d":null,"d":[ 1 , {} ],"0":"z"})";
  CHECK(member("a.b[1].c", kJson).text == "x\ny\n");
  CHECK(member("/a/b/1/c", kJson).text == "x\ny\n");
  CHECK(member("a.b[0]", kJson).text == "1\n");
  CHECK(member("/a/", kJson).text == "0\n");
  CHECK(member("m~n", kJson).text == "1.50\n");
  CHECK(member("/m~0n", kJson).text == "1.50\n");
  CHECK(member("/a~1b", kJson).text == "true\n");
  CHECK(member("d", kJson).text == "[1,{}]\n");
  CHECK(member("/0", kJson).text == "z\n");
  CHECK(member("a.b", kJson).text == "[1,{\"c\":\"x\\ny\"}]\n");
  CHECK(member("[1][0]", "[0,[12345678901234567890]]").text == "12345678901234567890\n");
}

TEST_CASE("a member that is not there prints nothing and is told") {
  for (const std::string_view path : {"b", "a.x", "a[0]", "/a/0", "l[2]", "l.0", "/l/01", "/l/-"}) {
    CHECK_MESSAGE(
        member(path, R"({"a":{},"l":[1,2]})") == (Line{"", "the payload has no such member"}),
        path);
  }
  CHECK(member("a", "not JSON") == Line{"", "the payload is not JSON"});
  CHECK(member("a", "{\"a\":1} x") == Line{"", "the payload is not JSON"});
  CHECK(member("a", "") == Line{"", "the payload is not JSON"});
}

TEST_CASE("with -v the member stands behind the topic and the separator") {
  LineForm with_tab = form("a");
  with_tab.separator = "\t";
  CHECK(line(OutputFormat::verbose(with_tab), message("{\"a\":1}")).text == "t\t1\n");
  CHECK(line(OutputFormat::verbose({.separator = " | "}), message("")).text == "t | (null)\n");
}

TEST_CASE("paths that cannot be read are refused") {
  for (const std::string_view path :
       {"", ".", "a.", ".a", "a..b", "a[", "a[x]", "a[-1]", "a]", "/~", "/~2", "a[01]",
        "a[99999999999999999999]", "a.[0]", "a[0]b"}) {
    CHECK_MESSAGE(!JsonPath::parse(path), path);
  }
  CHECK(JsonPath::parse("a[").error() == "'a[' is not a path (a.b[1].c or /a/b/1/c)");
}

TEST_CASE("on a terminal a member's control characters are shown and topics may have a colour") {
  const mqtt::Publish publish = message(R"({"a":"\u001b[2J"})");
  CHECK(line(OutputFormat::plain(form("a")), publish, {.escape = Escape::controls}).text ==
        "\\x1b[2J\n");
  CHECK(line(OutputFormat::verbose({}), message("x"), {.is_colored = true}).text ==
        "\x1b[36mt\x1b[m x\n");
  CHECK(line(*OutputFormat::parse("%3t|%p", {}), message("x"), {.is_colored = true}).text ==
        "\x1b[36m  t\x1b[m|x\n");
}

TEST_CASE("compact JSON has no blanks outside of strings") {
  constexpr std::string_view kJson = " { \"a b\" : [ 1 , { } , [ ] , \"x y\" ] , \"c\" : -0.50 } ";
  CHECK(set(kJson, JsonLayout::compact) == R"({"a b":[1,{},[],"x y"],"c":-0.50})");
  CHECK(set("\"\x7f é \u009b\"", JsonLayout::compact) == "\"\x7f é \u009b\"");
  CHECK(set("\"\x7f é \u009b\"", JsonLayout::compact, Escape::controls) == "\"\\u007f é \\u009b\"");
}

TEST_CASE("pretty JSON has a member a line, tabs, and arrays side by side, as mosquitto_sub") {
  CHECK(set(R"({"a":1,"p":{"u":[{"k":"1"},{"k":"2"}]},"l":[1,2],"e":{},"f":[]})",
            JsonLayout::pretty) ==
        "{\n\t\"a\":\t1,\n\t\"p\":\t{\n\t\t\"u\":\t[{\n\t\t\t\t\"k\":\t\"1\"\n\t\t\t}, {\n"
        "\t\t\t\t\"k\":\t\"2\"\n\t\t\t}]\n\t},\n\t\"l\":\t[1, 2],\n\t\"e\":\t{},\n\t\"f\":\t[]\n}");
  const auto format = OutputFormat::parse("%j", {.layout = JsonLayout::pretty});
  CHECK(line(*format, message("x"))
            .text.ends_with("\",\n\t\"topic\":\t\"t\",\n\t\"qos\":\t0,\n"
                            "\t\"retain\":\tfalse,\n\t\"payloadlen\":\t1,\n"
                            "\t\"payload\":\t\"x\"\n}\n"));
}
