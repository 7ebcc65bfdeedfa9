#include "libmqtt/base/base64.hpp"

#include <doctest/doctest.h>

#include <string>
#include <utility>

using namespace mqtt;

TEST_CASE("base64 as RFC 4648 §10 has it, with padding and without") {
  const std::pair<std::string, std::string> kVectors[] = {{"", ""},
                                                          {"f", "Zg=="},
                                                          {"fo", "Zm8="},
                                                          {"foo", "Zm9v"},
                                                          {"foob", "Zm9vYg=="},
                                                          {"fooba", "Zm9vYmE="},
                                                          {"foobar", "Zm9vYmFy"},
                                                          {"\xFF\xFE\xFB", "//77"}};
  for (const auto& [bytes, text] : kVectors) {
    CHECK(to_base64(bytes) == text);
    CHECK(from_base64(text) == bytes);
    const std::string bare = text.substr(0, text.find('='));
    CHECK(to_base64(bytes, Padding::without) == bare);
    CHECK(from_base64(bare, Padding::without) == bytes);
  }
}

TEST_CASE("base64 that is not exactly what its bytes make is refused") {
  for (const char* text : {"Zg", "Zg=", "Zg===", "Zm8", "=", "====", "Z===", "Zg==Zg==", "Zm9v\n",
                           " Zm9v", "Zm-v", "Zh==", "Zm9="})
    CHECK_FALSE(from_base64(text));
  for (const char* text : {"Zg==", "Z", "Zm8=", "Zh", "Zm9v\r"})
    CHECK_FALSE(from_base64(text, Padding::without));
}
