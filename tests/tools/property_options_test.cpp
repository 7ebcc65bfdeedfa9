#include "tools/common/property_options.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace {

using mqtt::PropertyPlace;
using Words = std::vector<std::string>;

TEST_CASE("properties go to the packet they are given for, in order") {
  cli::PropertyOptions options;
  CHECK(options.empty());
  CHECK(options.add(Words{"publish", "message-expiry-interval", "60"}) == "");
  CHECK(options.add(Words{"publish", "content-type", "text/plain"}) == "");
  CHECK(options.add(Words{"publish", "user-property", "clé", "deux"}) == "");
  CHECK(options.add(Words{"publish", "user-property", "clé", "trois"}) == "");
  CHECK(options.add(Words{"connect", "receive-maximum", "7"}) == "");
  CHECK(!options.empty());
  CHECK(options.has(PropertyPlace::publish, mqtt::PropertyId::content_type));
  CHECK(!options.has(PropertyPlace::will, mqtt::PropertyId::content_type));

  const mqtt::Properties publish = options.build(PropertyPlace::publish);
  CHECK(publish.find(mqtt::property::message_expiry_interval) == 60);
  CHECK(publish.find(mqtt::property::content_type) == mqtt::Bytes::copy("text/plain"));
  std::vector<std::string> values;
  publish.for_each([&](const mqtt::PropertyView& view) {
    if (view.id == mqtt::PropertyId::user_property) values.emplace_back(view.second);
  });
  CHECK(values == Words{"deux", "trois"});
  CHECK(options.build(PropertyPlace::connect).find(mqtt::property::receive_maximum) == 7);
  CHECK(options.build(PropertyPlace::disconnect).empty());
}

TEST_CASE("what the property table of the standard forbids is refused by name") {
  const struct {
    Words words;
    std::string complaint;
  } cases[] = {
      {{"puback", "reason-string", "x"},
       "'puback' is not connect, publish, subscribe, unsubscribe, disconnect or will"},
      {{"publish", "colour", "red"}, "'colour' is not a property"},
      {{"publish", "will-delay-interval", "1"}, "will-delay-interval does not go with publish"},
      {{"will", "topic-alias", "1"}, "topic-alias does not go with will"},
      {{"publish", "message-expiry-interval", "abc"},
       "message-expiry-interval: 'abc' is not a number (0..4294967295)"},
      {{"publish", "topic-alias", "65536"}, "topic-alias: '65536' is not a number (0..65535)"},
      {{"publish", "content-type", "\xFF"}, "content-type: '\\xff' is not valid UTF-8"},
      {{"publish", "user-property", "a", "\xC0\x80"},
       "user-property: '\\xc0\\x80' is not valid UTF-8"},
  };
  for (const auto& [words, complaint] : cases) {
    cli::PropertyOptions options;
    CHECK(options.add(words) == complaint);
    CHECK(options.empty());
  }
}

TEST_CASE("values that the standard forbids are refused: 2 for a flag, 0 for a maximum") {
  cli::PropertyOptions options;
  CHECK(options.add(Words{"publish", "payload-format-indicator", "2"})
            .starts_with("payload-format-indicator: '2' is not allowed"));
  CHECK(options.add(Words{"connect", "receive-maximum", "0"})
            .starts_with("receive-maximum: '0' is not allowed"));
  CHECK(options.add(Words{"subscribe", "subscription-identifier", "0"})
            .starts_with("subscription-identifier: '0' is not allowed"));
}

TEST_CASE("a property that may stand once is refused the second time") {
  cli::PropertyOptions options;
  CHECK(options.add(Words{"publish", "content-type", "a"}) == "");
  CHECK(options.add(Words{"publish", "content-type", "b"}) == "content-type is given twice");
  CHECK(options.add(Words{"will", "content-type", "b"}) == "");
}

TEST_CASE("binary data may hold any bytes, up to 65,535 of them") {
  cli::PropertyOptions options;
  CHECK(options.add(Words{"publish", "correlation-data", "\xFF\x01"}) == "");
  CHECK(options.add(Words{"will", "correlation-data", std::string(65'536, 'x')})
            .ends_with("is longer than 65,535 bytes"));
}

}  // namespace
