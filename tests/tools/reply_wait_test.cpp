#include "tools/mq-pub/reply_wait.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace {

using mq_pub::ReplyWait;
using mqtt::property::correlation_data;
using mqtt::property::response_topic;

mqtt::Publish request_of(const ReplyWait& wait) {
  mqtt::Publish request;
  wait.complete(request);
  return request;
}

mqtt::Publish reply(std::string_view topic, std::string_view correlation) {
  mqtt::Publish message;
  message.topic = mqtt::Bytes::copy(topic);
  message.properties = mqtt::PropertiesBuilder().add(correlation_data, correlation).build();
  return message;
}

TEST_CASE("a request names a topic and data of its own, which its reply brings back") {
  const mq_pub::Options options;
  const ReplyWait wait(options);
  const mqtt::Publish request = request_of(wait);
  const auto topic = request.properties.find(response_topic);
  const auto correlation = request.properties.find(correlation_data);
  REQUIRE(topic);
  REQUIRE(correlation);
  CHECK(wait.subscription().requests[0].filter == *topic);
  CHECK(wait.is_answered_by(reply(topic->view(), correlation->view())));
  CHECK(!wait.is_answered_by(reply(topic->view(), "other")));
  CHECK(!wait.is_answered_by(reply("other", correlation->view())));
  mqtt::Publish without;
  without.topic = *topic;
  CHECK(!wait.is_answered_by(without));
  CHECK(request_of(ReplyWait(options)).properties.find(response_topic) != topic);
}

TEST_CASE("what -D gives is taken, and stands once") {
  mq_pub::Options options;
  const std::vector<std::string> topic{"publish", "response-topic", "answers"};
  const std::vector<std::string> data{"publish", "correlation-data", "7"};
  const std::vector<std::string> type{"publish", "content-type", "text/plain"};
  for (const auto& words : {topic, data, type}) {
    REQUIRE(options.connection.properties.add(words) == "");
  }
  const ReplyWait wait(options);
  CHECK(wait.topic().view() == "answers");
  CHECK(wait.is_answered_by(reply("answers", "7")));
  CHECK(request_of(wait).properties ==
        options.connection.properties.build(mqtt::PropertyPlace::publish));
}

}  // namespace
