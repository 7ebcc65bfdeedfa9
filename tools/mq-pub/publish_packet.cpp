#include "tools/mq-pub/publish_packet.hpp"

#include "libmqtt/codec/encode.hpp"

namespace mq_pub {

mqtt::Publish publish_prototype(const Options& options) {
  mqtt::Publish publish;
  publish.properties = options.connection.properties.build(mqtt::PropertyPlace::publish);
  publish.qos = static_cast<mqtt::Qos>(options.qos);
  publish.retain = options.retain;
  return publish;
}

bool fits_a_packet(mqtt::Version version, const mqtt::Publish& publish) {
  const mqtt::PublishParts parts{.topic = publish.topic.view(),
                                 .properties = publish.properties.wire().span(),
                                 .added_properties = {},
                                 .payload = &publish.payload,
                                 .qos = publish.qos};
  return mqtt::encoded_size(version, parts) <= mqtt::kMaximumPacketSize;
}

}  // namespace mq_pub
