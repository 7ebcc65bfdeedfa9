#include "tools/mq-pub/reply_wait.hpp"

#include <fmt/format.h>

#include <random>
#include <string>

namespace mq_pub {
namespace {

/// Nobody else's: 128 bits by chance.
std::string unique_text() {
  std::random_device device;
  std::string text;
  for (int i = 0; i < 4; ++i) text += fmt::format("{:08x}", device());
  return text;
}

mqtt::Bytes given_or(const std::optional<mqtt::Bytes>& given, const std::string& text) {
  return given ? *given : mqtt::Bytes::copy(text);
}

}  // namespace

ReplyWait::ReplyWait(const Options& options)
    : given_(options.connection.properties.build(mqtt::PropertyPlace::publish)),
      topic_(given_or(given_.find(mqtt::property::response_topic),
                      options.reply_topic.value_or("mq-pub/reply/" + unique_text()))),
      correlation_(given_or(given_.find(mqtt::property::correlation_data), unique_text())) {}

void ReplyWait::complete(mqtt::Publish& request) const {
  mqtt::PropertiesBuilder properties;
  properties.add(given_);
  if (!given_.find(mqtt::property::response_topic)) {
    properties.add(mqtt::property::response_topic, topic_.view());
  }
  if (!given_.find(mqtt::property::correlation_data)) {
    properties.add(mqtt::property::correlation_data, correlation_.view());
  }
  request.properties = properties.build();
}

mqtt::Subscribe ReplyWait::subscription() const {
  mqtt::Subscribe subscribe;
  subscribe.requests.push_back(
      {topic_,
       {.qos = mqtt::Qos::at_least_once, .retain_handling = mqtt::RetainHandling::do_not_send}});
  return subscribe;
}

bool ReplyWait::is_answered_by(const mqtt::Publish& message) const {
  return message.topic == topic_ &&
         message.properties.find(mqtt::property::correlation_data) == correlation_;
}

}  // namespace mq_pub
