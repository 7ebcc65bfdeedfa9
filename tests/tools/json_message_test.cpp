#include "tools/common/json_message.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

using cli::parse_json_message;
using namespace std::string_literals;
namespace property = mqtt::property;

namespace {

std::string error(std::string_view line) {
  const auto message = parse_json_message(line);
  return message ? "no error" : message.error();
}

std::string payload(std::string_view line) {
  const auto message = parse_json_message(line);
  REQUIRE_MESSAGE(message.has_value(), line);
  return message->payload;
}

mqtt::Publish rich_message() {
  mqtt::Publish publish;
  publish.topic = mqtt::Bytes::copy("Maison/é");
  publish.payload = mqtt::Bytes::copy("a\0\xff"s);
  publish.qos = mqtt::Qos::exactly_once;
  publish.packet_id = 7;
  publish.properties = mqtt::PropertiesBuilder()
                           .add(property::message_expiry_interval, 3600)
                           .add_user_property("k", "1")
                           .add(property::correlation_data, "\xfe")
                           .add(property::subscription_identifier, 5)
                           .add(property::content_type, "text/plain")
                           .add_user_property("k", "2")
                           .build();
  return publish;
}

}  // namespace

TEST_CASE("a message as JSON keeps all that belongs to it and nothing of its delivery") {
  std::string line;
  cli::append_json_message(line, rich_message(), 1'795'329'292'171'485'999);
  CHECK(line ==
        R"({"time_ns":1795329292171485999,"topic":"Maison/é","qos":2,"retain":false,)"
        R"("properties":{"message-expiry-interval":3600,"user-properties":[{"k":"1"},{"k":"2"}],)"
        R"("correlation-data":null,"correlation-data_base64":"/g==","content-type":"text/plain"},)"
        R"("payload":null,"payload_base64":"YQD/"})");
  const auto read = parse_json_message(line);
  REQUIRE(read.has_value());
  CHECK(read->topic == "Maison/é");
  CHECK(read->payload == "a\0\xff"s);
  CHECK(read->qos == 2);
  CHECK(read->retain == false);
  CHECK(read->time_ns == 1'795'329'292'171'485'999);
  CHECK(read->properties.find(property::correlation_data)->view() == "\xfe");
  std::string again;
  mqtt::Publish publish = rich_message();
  publish.properties = read->properties;
  cli::append_json_message(again, publish, *read->time_ns);
  CHECK(again == line);
}

TEST_CASE("a payload that is no string is its own JSON text") {
  CHECK(payload(R"({"payload":"a\nb"})") == "a\nb");
  CHECK(payload(R"({"payload":null})") == "");
  CHECK(payload(R"({"payload": 1.50 })") == "1.50");
  CHECK(payload(R"({"payload": {"a": [1, 2]} , "qos":1})") == R"({"a": [1, 2]})");
  CHECK(payload(R"({"payload_base64":"AAE="})") == "\0\1"s);
}

TEST_CASE("what mq-sub and mosquitto_sub print of a message can be read as one") {
  const auto message = parse_json_message(
      R"({"tst":"2026-11-22T07:34:52.171485+0000","topic":"t","qos":1,"retain":1,"payloadlen":1,)"
      R"("mid":1,"properties":{"topic-alias":3,"subscription-identifier":[1,2]},"payload":"x"})");
  REQUIRE(message.has_value());
  CHECK(message->retain == true);
  CHECK(message->properties.empty());
}

TEST_CASE("what is wrong with a message is said by name") {
  CHECK(error("") == "not a JSON object");
  CHECK(error("[]") == "not a JSON object");
  CHECK(error(R"({"topic":"a")") == "not a JSON object");
  CHECK(error(R"({"topic":"a"} x)") == "not a JSON object");
  CHECK(error(R"({"topic":1})") == "topic: not a string");
  CHECK(error(R"({"topic":"a/#"})").starts_with("topic: "));
  CHECK(error(R"({"qos":3})") == "qos: not 0, 1 or 2");
  CHECK(error(R"({"qos":"1"})") == "qos: not 0, 1 or 2");
  CHECK(error(R"({"retain":"yes"})") == "retain: not true or false");
  CHECK(error(R"({"time_ns":1.5})") == "time_ns: not a whole number of nanoseconds");
  CHECK(error(R"({"payload_base64":"?"})") == "payload_base64: not base64");
  CHECK(error(R"({"qso":1})") == "'qso' is not a member of a message");
  CHECK(error(R"({"properties":[]})") == "properties: not an object");
  CHECK(error(R"({"properties":{"content-type":[]}})") ==
        "content-type: neither a string nor a number");
  CHECK(error(R"({"properties":{"colour":"x"}})") == "properties: 'colour' is not a property");
  CHECK(error(R"({"properties":{"receive-maximum":1}})") ==
        "properties: receive-maximum does not go with publish");
  CHECK(error(R"({"properties":{"user-properties":{"a":"b"}}})") ==
        "user-properties: not an array");
}
