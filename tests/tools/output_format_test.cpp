#include "tools/common/output_format.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

#include "tools/common/message_json.hpp"

using namespace std::string_literals;
using cli::Escape;
using cli::OutputFormat;

namespace {

mqtt::Publish message(std::string_view topic, std::string_view payload) {
  mqtt::Publish publish;
  publish.topic = mqtt::Bytes::copy(topic);
  publish.payload = mqtt::Bytes::copy(payload);
  return publish;
}

/// 2026-11-22 07:34:52.171485999, one hour east of Greenwich.
cli::ReceiveTime some_time() {
  cli::ReceiveTime time;
  time.local.tm_year = 126;
  time.local.tm_mon = 10;
  time.local.tm_mday = 22;
  time.local.tm_hour = 7;
  time.local.tm_min = 34;
  time.local.tm_sec = 52;
  time.local.tm_gmtoff = 3600;
  time.seconds = 1795329292;
  time.nanoseconds = 171485999;
  return time;
}

std::string text(const OutputFormat& format, const mqtt::Publish& publish,
                 Escape escape = Escape::none) {
  std::string out;
  CHECK(format.append(out, publish, some_time(), {.escape = escape}) == "");
  return out;
}

std::string text(std::string_view format, const mqtt::Publish& publish,
                 Escape escape = Escape::none) {
  const auto parsed = OutputFormat::parse(format, {""});
  REQUIRE_MESSAGE(parsed.has_value(), format);
  return text(*parsed, publish, escape);
}

std::string error(std::string_view format) {
  const auto parsed = OutputFormat::parse(format, {"\n"});
  return parsed ? "no error" : parsed.error();
}

std::string json(const mqtt::Publish& publish, Escape escape = Escape::none) {
  return text("%j", publish, escape);
}

/// What `%j` says of a payload: everything behind the length.
std::string json_payload(std::string_view payload, Escape escape = Escape::none) {
  const std::string all = json(message("t", payload), escape);
  return all.substr(all.rfind("\"payloadlen\":"));
}

}  // namespace

TEST_CASE("the default form is the payload and a line feed") {
  CHECK(text(OutputFormat::plain({"\n"}), message("t", "21,5 °C")) == "21,5 °C\n");
  CHECK(text(OutputFormat::plain({""}), message("t", "a\nb")) == "a\nb");
}

TEST_CASE("an empty payload prints nothing at all in the default form") {
  CHECK(text(OutputFormat::plain({"\n"}), message("t", "")) == "");
}

TEST_CASE("the verbose form is topic, blank, payload; (null) stands for an empty payload") {
  CHECK(text(OutputFormat::verbose({"\n"}), message("Maison/é", "21")) == "Maison/é 21\n");
  CHECK(text(OutputFormat::verbose({"\n"}), message("t", "")) == "t (null)\n");
  CHECK(text(OutputFormat::verbose({""}), message("t", "")) == "t (null)");
}

TEST_CASE("a template prints its end mark for an empty payload too") {
  CHECK(text(*OutputFormat::parse("%p", {"\n"}), message("t", "")) == "\n");
  CHECK(text(*OutputFormat::parse("", {"\n"}), message("t", "x")) == "\n");
}

TEST_CASE("each letter prints its part of the message") {
  mqtt::Publish publish = message("a/b", "Az\n");
  CHECK(text("%t|%p|%l|%q|%r|%m", publish) == "a/b|Az\n|3|0|0|0");
  publish.qos = mqtt::Qos::exactly_once;
  publish.retain = true;
  publish.packet_id = 65535;
  CHECK(text("%q%r%m", publish) == "2165535");
  CHECK(text("%x %X", publish) == "417a0a 417A0A");
  CHECK(text("100%%", publish) == "100%");
}

TEST_CASE("payloads are printed to their last byte, whatever they hold") {
  const std::string payload = "a\0b\xff\x1b"s;
  CHECK(text("%p", message("t", payload)) == payload);
  CHECK(text("%x", message("t", payload)) == "610062ff1b");
  CHECK(text("%l", message("t", payload)) == "5");
}

TEST_CASE("widths, '-', '0' and precision as mosquitto_sub has them") {
  const mqtt::Publish four = message("a/b", "ABCD");
  const mqtt::Publish seven = message("a/b", "ABCDEFG");
  const struct {
    std::string_view format;
    std::string_view four;
    std::string_view seven;
  } rows[] = {
      {"[%6t]", "[   a/b]", "[   a/b]"},
      {"[%-6t]", "[a/b   ]", "[a/b   ]"},
      {"[%06t]", "[   a/b]", "[   a/b]"},
      {"[%.2t]", "[a/]", "[a/]"},
      {"[%.0t]", "[]", "[]"},
      {"[%.9t]", "[a/b]", "[a/b]"},
      {"[%-6.1t]", "[a     ]", "[a     ]"},
      {"[%5p]", "[ ABCD]", "[ABCDE]"},
      {"[%05p]", "[0ABCD]", "[ABCDE]"},
      {"[%-8p]", "[ABCD    ]", "[ABCDEFG ]"},
      {"[%-p]", "[ABCD]", "[ABCDEFG]"},
      {"[%10x]", "[  41424344]", "[41424344454647]"},
      {"[%010x]", "[0041424344]", "[41424344454647]"},
      {"[%-10x]", "[41424344  ]", "[41424344454647]"},
      {"[%2x]", "[4142]", "[4142]"},
      {"[%.2x]", "[41 42 43 44]", "[41 42 43 44 45 46 47]"},
      {"[%.2:x]", "[41:42:43:44]", "[41:42:43:44:45:46:47]"},
      {"[%.4-X]", "[4142-4344]", "[4142-4344-4546-47]"},
      {"[%.3x]", "[414 243 44]", "[414 243 444 546 47]"},
      {"[%.x]", "[41424344]", "[41424344454647]"},
      {"[%:x]", "[41424344]", "[41424344454647]"},
      {"[%4l]", "[   4]", "[   7]"},
      {"[%04l]", "[0004]", "[0007]"},
      {"[%-4l]", "[4   ]", "[7   ]"},
      {"[%-04l]", "[4   ]", "[7   ]"},
      {"[%05m]", "[00000]", "[00000]"},
      {"[%5q%-5r%05%]", "[00%]", "[00%]"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.format);
    CHECK(text(row.format, four) == row.four);
    CHECK(text(row.format, seven) == row.seven);
  }
}

TEST_CASE("times come from the argument, local with a numeric offset") {
  const mqtt::Publish publish = message("t", "");
  CHECK(text("%I", publish) == "2026-11-22T07:34:52+0100");
  CHECK(text("%U", publish) == "1795329292.171485999");
  CHECK(text("%.10I", publish) == "2026-11-22");
  CHECK(text("[%30I]", publish) == "[      2026-11-22T07:34:52+0100]");
  CHECK(text("[%-30I]", publish) == "[2026-11-22T07:34:52+0100      ]");
  CHECK(text("@Y-@m-@d @H:@M:@S.@N @@ @z", publish) == "2026-11-22 07:34:52.171485999 @ +0100");
}

TEST_CASE("nanoseconds keep their leading zeros") {
  cli::ReceiveTime time = some_time();
  time.nanoseconds = 1002;
  std::string out;
  CHECK(OutputFormat::parse("%U @N %j", {""})->append(out, message("t", ""), time, {}) == "");
  CHECK(out.starts_with(
      "1795329292.000001002 000001002 {\"tst\":\"2026-11-22T07:34:52.000001+0100\""));
}

TEST_CASE("only formats that print a time ask for one") {
  for (const std::string_view format : {"%I", "%U", "%j", "@H", "@N"}) {
    CHECK_MESSAGE(OutputFormat::parse(format, {""})->needs_time(), format);
  }
  CHECK_FALSE(OutputFormat::parse("%t %p %x @@ %%", {""})->needs_time());
  CHECK_FALSE(OutputFormat::plain({"\n"}).needs_time());
  CHECK_FALSE(OutputFormat::verbose({"\n"}).needs_time());
}

TEST_CASE("backslash escapes stand for one character, NUL included") {
  const mqtt::Publish publish = message("t", "");
  CHECK(text("\\\\|\\0|\\a|\\e|\\n|\\r|\\t|\\v", publish) == "\\|\0|\a|\x1b|\n|\r|\t|\v"s);
}

TEST_CASE("5.0 properties have letters too; absent ones leave blanks up to the width") {
  mqtt::Publish publish = message("t", "");
  CHECK(text("[%A%E%F%S%C%R%D%P]", publish) == "[]");
  CHECK(text("[%3A][%03E][%-2F][%S][%4C][%4R]", publish) == "[   ][   ][  ][][    ][]");
  publish.properties = mqtt::PropertiesBuilder()
                           .add(mqtt::property::topic_alias, std::uint16_t{7})
                           .add(mqtt::property::message_expiry_interval, 3597U)
                           .add(mqtt::property::payload_format_indicator, std::uint8_t{1})
                           .add(mqtt::property::subscription_identifier, 56U)
                           .add(mqtt::property::content_type, "text/plain")
                           .add(mqtt::property::response_topic, "rép/onse")
                           .add(mqtt::property::correlation_data, "c\0d"s)
                           .add_user_property("clé", "valeur")
                           .add_user_property("b", "")
                           .build();
  CHECK(text("%A %06E %-3F| %S", publish) == "7 003597 1  | 56");
  CHECK(text("%C [%.4C] [%-11C]", publish) == "text/plain [text] [text/plain ]");
  CHECK(text("%R", publish) == "rép/onse");
  CHECK(text("%D", publish) == "c\0d"s);
  CHECK(text("%P", publish) == "clé:valeur b:");
}

TEST_CASE("a template that cannot be read is named by the character at fault") {
  CHECK(error("%z") == "Invalid format specifier 'z'.");
  CHECK(error("%t %k") == "Invalid format specifier 'k'.");
  CHECK(error("%é") == "Invalid format specifier 'é'.");
  CHECK(error("%\x1b") == "Invalid format specifier '\\x1b'.");
  CHECK(error("%0-5t") == "Invalid format specifier '5'.");
  CHECK(error("%.2:.t") == "Invalid format specifier '.'.");
  CHECK(error("100%") == "Incomplete format specifier.");
  CHECK(error("@") == "Incomplete format specifier.");
  CHECK(error("%5") == "Incomplete format specifier.");
  CHECK(error("%5.") == "Incomplete format specifier.");
  CHECK(error("%-") == "Incomplete format specifier.");
  CHECK(error("%.2:") == "Incomplete format specifier.");
  CHECK(error("a\\q") == "Invalid escape specifier 'q'.");
  CHECK(error("\\") == "Incomplete escape specifier.");
  CHECK(error("%65535t") == "no error");
  CHECK(error("%65536t") == "Invalid field width '65536'.");
  CHECK(error("%.99999999999999999999999t") == "Invalid field width '99999999999999999999'.");
}

TEST_CASE("on a terminal a peer's control characters are shown, the user's own are kept") {
  const mqtt::Publish publish = message("t\x1b", "p\x1b[2J\xff");
  CHECK(text("\\e[1m%t\\e[0m %p", publish, Escape::controls) ==
        "\x1b[1mt\\x1b\x1b[0m p\\x1b[2J\\xff");
  CHECK(text(OutputFormat::verbose({"\n"}), publish, Escape::controls) ==
        "t\\x1b p\\x1b[2J\\xff\n");
  CHECK(text(OutputFormat::plain({"\n"}), publish, Escape::controls) == "p\\x1b[2J\\xff\n");
  CHECK(text("[%-7t]", publish, Escape::controls) == "[t\\x1b  ]");
}

TEST_CASE("on a terminal properties are escaped as well") {
  mqtt::Publish publish = message("t", "");
  publish.properties = mqtt::PropertiesBuilder()
                           .add(mqtt::property::content_type, "\x1b")
                           .add(mqtt::property::correlation_data, "\xff")
                           .add_user_property("k\n", "\x7f")
                           .build();
  CHECK(text("%C %D %P", publish, Escape::controls) == "\\x1b \\xff k\\x0a:\\x7f");
}

TEST_CASE("%j has mosquitto's keys in mosquitto's order") {
  mqtt::Publish publish = message("Maison/Capteurs/Cuisine é", "Température: 21,5 °C");
  CHECK(json(publish) ==
        R"({"tst":"2026-11-22T07:34:52.171485+0100","topic":"Maison/Capteurs/Cuisine é","qos":0,)"
        R"("retain":false,"payloadlen":22,"payload":"Température: 21,5 °C"})");
  publish.qos = mqtt::Qos::at_least_once;
  publish.retain = true;
  publish.packet_id = 1;
  publish.properties = mqtt::PropertiesBuilder()
                           .add(mqtt::property::content_type, "text/plain")
                           .add(mqtt::property::correlation_data, "cor\"r")
                           .add(mqtt::property::payload_format_indicator, std::uint8_t{1})
                           .add(mqtt::property::response_topic, "rép/onse")
                           .add_user_property("clé", "valeur")
                           .add(mqtt::property::message_expiry_interval, 3597U)
                           .add_user_property("clé", "deux")
                           .add(mqtt::property::subscription_identifier, 56U)
                           .build();
  CHECK(json(publish) ==
        R"({"tst":"2026-11-22T07:34:52.171485+0100","topic":"Maison/Capteurs/Cuisine é","qos":1,)"
        R"("retain":true,"payloadlen":22,"mid":1,"properties":{"content-type":"text/plain",)"
        R"("correlation-data":"cor\"r","payload-format-indicator":1,"response-topic":"rép/onse",)"
        R"("user-properties":[{"clé":"valeur"},{"clé":"deux"}],"message-expiry-interval":3597,)"
        R"("subscription-identifier":56},"payload":"Température: 21,5 °C"})");
}

TEST_CASE("several subscription identifiers are one member of %j") {
  mqtt::Publish publish = message("t", "p");
  publish.properties = mqtt::PropertiesBuilder()
                           .add(mqtt::property::subscription_identifier, 1U)
                           .add(mqtt::property::content_type, "c")
                           .add(mqtt::property::subscription_identifier, 268435455U)
                           .build();
  CHECK(json(publish).find(
            R"("properties":{"subscription-identifier":[1,268435455],"content-type":"c"})") !=
        std::string::npos);
}

TEST_CASE("%j escapes what JSON forbids and nothing else") {
  CHECK(json_payload("") == R"("payloadlen":0,"payload":null})");
  CHECK(json_payload("\"\\/") == R"("payloadlen":3,"payload":"\"\\/"})");
  CHECK(json_payload("\b\f\n\r\t") == R"("payloadlen":5,"payload":"\b\f\n\r\t"})");
  CHECK(json_payload("\x01\x1f") == R"("payloadlen":2,"payload":"\u0001\u001f"})");
  CHECK(json_payload("a\0b"s) == R"("payloadlen":3,"payload":"a\u0000b"})");
  CHECK(json_payload("\x7f") == "\"payloadlen\":1,\"payload\":\"\x7f\"}");
  CHECK(json_payload("\u009b é 🌡 \uffff") ==
        "\"payloadlen\":14,\"payload\":\"\u009b é 🌡 \uffff\"}");
}

TEST_CASE("%j carries bytes that are not UTF-8 in base64") {
  CHECK(json_payload("\xff") == R"("payloadlen":1,"payload":null,"payload_base64":"/w=="})");
  CHECK(json_payload("ab\xc3") == R"("payloadlen":3,"payload":null,"payload_base64":"YWLD"})");
  CHECK(json_payload("a\xed\xa0\x80") ==
        R"("payloadlen":4,"payload":null,"payload_base64":"Ye2ggA=="})");
  CHECK(json_payload("\"\xfe\xff\xfb\xef") ==
        R"("payloadlen":5,"payload":null,"payload_base64":"Iv7/++8="})");
  mqtt::Publish publish = message("t", "p");
  publish.properties =
      mqtt::PropertiesBuilder().add(mqtt::property::correlation_data, "\x80").build();
  CHECK(json(publish).find(R"({"correlation-data":null,"correlation-data_base64":"gA=="})") !=
        std::string::npos);
}

TEST_CASE("%j for a terminal is JSON still, with DEL and C1 escaped") {
  CHECK(json_payload("\x1b\x7f\u009b é", Escape::controls) ==
        R"("payloadlen":7,"payload":"\u001b\u007f\u009b é"})");
}
