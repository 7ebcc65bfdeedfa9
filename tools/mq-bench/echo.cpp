#include "tools/mq-bench/echo.hpp"

#include <utility>

namespace mq_bench {
namespace {

/// Of those a PUBLISH may have, alias and subscription identifiers are about one connection: a
/// client may send neither the broker's alias nor any identifier [MQTT-3.3.4-6].
mqtt::Properties portable(const mqtt::Properties& properties) {
  const bool is_portable = !properties.find(mqtt::property::topic_alias) &&
                           !properties.find(mqtt::property::subscription_identifier);
  if (is_portable) return properties;
  mqtt::PropertiesBuilder builder;
  properties.for_each([&builder](const mqtt::PropertyView& view) {
    if (view.id != mqtt::PropertyId::topic_alias &&
        view.id != mqtt::PropertyId::subscription_identifier)
      builder.add(view);
  });
  return builder.build();
}

}  // namespace

mqtt::Publish Echo::answer_to(const mqtt::Publish& publish, const mqtt::Bytes& topic) {
  mqtt::Publish answer;
  answer.topic = topic;
  answer.payload = publish.payload;
  answer.qos = publish.qos;
  if (!publish.properties.empty()) answer.properties = portable(publish.properties);
  return answer;
}

void Echo::on_message(Subscriber& client, const mqtt::Publish& publish, TimePoint now) {
  client.prove();
  client.send(answer_to(publish, answer_topic_), load_.maximum_backlog, now);
}

void Echo::on_live(Subscriber& client, bool is_live) {
  if (is_live && client.has_reconnected()) sender_.note_reconnect();
}

}  // namespace mq_bench
