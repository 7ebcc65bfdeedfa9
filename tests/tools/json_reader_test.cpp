#include "tools/common/json_reader.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using cli::is_json;
using cli::json_string_value;
using cli::JsonReader;
using namespace std::string_literals;

TEST_CASE("JSON text is one value with blanks around it (RFC 8259 §2)") {
  for (const std::string_view text :
       {"1", " null\n", "\"\"", "[]", "{}", "[ 1 , \"a\" , [ { } ] ]",
        "{\"a\":{\"b\":[true,false]}}", "-0.5e+10", "0", "1E400", "123456789012345678901234567890",
        "\"\\u00e9 \\ud83d\\ude00 é\"", "{\"a\":1,\"a\":2}"}) {
    CHECK_MESSAGE(is_json(text), text);
  }
  for (const std::string_view text : {"",
                                      " ",
                                      "1 2",
                                      "[1,]",
                                      "{\"a\":1,}",
                                      "{,}",
                                      "[,]",
                                      "{a:1}",
                                      "{\"a\" 1}",
                                      "{\"a\":}",
                                      "[1",
                                      "]",
                                      "[}",
                                      "{]",
                                      "01",
                                      "1.",
                                      ".5",
                                      "-",
                                      "1e",
                                      "+1",
                                      "nul",
                                      "nulls",
                                      "True",
                                      "'a'",
                                      "\"",
                                      "\"\t\"",
                                      "\"\\x41\"",
                                      "\"\\u12\"",
                                      "\"\\u12g4\"",
                                      "\"\\",
                                      "NaN",
                                      "1,2",
                                      "\"\xff\"",
                                      "\"\xc3\"",
                                      "\xef\xbb\xbf"
                                      "1"}) {
    CHECK_MESSAGE(!is_json(text), text);
  }
  CHECK_FALSE(is_json("\"a\0b\""s));
}

TEST_CASE("however deep the nesting, it is only counted") {
  const std::string deep(1'000'000, '[');
  CHECK_FALSE(is_json(deep));
  CHECK(is_json(deep + std::string(1'000'000, ']')));
}

TEST_CASE("tokens are slices of the text, numbers with their digits") {
  JsonReader reader(R"({"a\u0062":[1.50,"x"]})");
  CHECK(reader.next().kind == JsonReader::Kind::begin_object);
  CHECK(json_string_value(reader.next().text) == "ab");
  CHECK(reader.next().kind == JsonReader::Kind::begin_array);
  CHECK(reader.next().text == "1.50");
  CHECK(reader.next().text == "x");
  CHECK(reader.depth() == 2);
  CHECK(reader.next().kind == JsonReader::Kind::end_array);
  CHECK(reader.next().kind == JsonReader::Kind::end_object);
  CHECK(reader.next().kind == JsonReader::Kind::end);
}

TEST_CASE("a value can be stepped over as a whole") {
  JsonReader reader(R"([ {"a": [1, 2]} , "b", {"c": ])");
  reader.next();
  CHECK(reader.skip(reader.next()) == R"({"a": [1, 2]})");
  CHECK(reader.skip(reader.next()) == "\"b\"");
  CHECK(reader.skip(reader.next()) == "");
}

TEST_CASE("escapes in strings are resolved") {
  CHECK(json_string_value(R"(\"\\\/\b\f\n\r\t)") == "\"\\/\b\f\n\r\t");
  CHECK(json_string_value(R"(A\u00e9\u20ac\ud83d\ude00\u0000)") == "Aé€😀\0"s);
  CHECK(json_string_value(R"(\ud83dx\ude00)") == "\uFFFDx\uFFFD");
  CHECK(json_string_value(R"(\ud83d\u0041)") == "\uFFFDA");
}
