#include "tools/mq-sub/packets.hpp"

namespace mq_sub {
namespace {

/// What brokers commonly send ahead of acknowledgements: for a -C below this the window is lowered.
constexpr std::uint64_t kUsualWindow = 20;

/// Asked to stop after a few messages, a 5.0 broker should not send more than those ahead of their
/// acknowledgements.
mqtt::Properties connect_properties(const Options& options, const mqtt::Properties& given) {
  const bool is_bounded = options.count && *options.count < kUsualWindow &&
                          options.connection.effective_version() == mqtt::Version::v5_0;
  if (!is_bounded || given.find(mqtt::property::receive_maximum)) return given;
  return mqtt::PropertiesBuilder()
      .add(given)
      .add(mqtt::property::receive_maximum, static_cast<std::uint16_t>(*options.count))
      .build();
}

}  // namespace

mqtt::client::ClientOptions client_options(const Options& options) {
  mqtt::client::ClientOptions client = cli::client_options(options.connection);
  client.session.manual_acknowledgement = true;
  mqtt::Properties& properties = client.session.connect.properties;
  properties = connect_properties(options, properties);
  return client;
}

mqtt::Subscribe subscribe_packet(const Options& options) {
  mqtt::SubscribeOptions wanted;
  wanted.qos = static_cast<mqtt::Qos>(options.qos);
  if (options.connection.effective_version() == mqtt::Version::v5_0) {
    wanted.retain_as_published = options.retain_as_published;
    // What is to be removed has to come.
    const bool is_unwanted = options.hide_retained && !options.remove_retained;
    const auto handling =
        is_unwanted ? mqtt::RetainHandling::do_not_send : mqtt::RetainHandling::send;
    wanted.retain_handling = options.retain_handling.value_or(handling);
  }
  mqtt::Subscribe subscribe;
  for (const std::string& topic : options.topics) {
    subscribe.requests.push_back({mqtt::Bytes::copy(topic), wanted});
  }
  subscribe.properties = options.connection.properties.build(mqtt::PropertyPlace::subscribe);
  return subscribe;
}

mqtt::Unsubscribe unsubscribe_packet(const Options& options) {
  mqtt::Unsubscribe unsubscribe;
  for (const std::string& filter : options.unsubscribe) {
    unsubscribe.filters.push_back(mqtt::Bytes::copy(filter));
  }
  unsubscribe.properties = options.connection.properties.build(mqtt::PropertyPlace::unsubscribe);
  return unsubscribe;
}

}  // namespace mq_sub
