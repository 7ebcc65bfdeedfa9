#include "tools/mq-pub/publish_packet.hpp"

#include <doctest/doctest.h>

#include <cstddef>
#include <string>
#include <vector>

namespace {

TEST_CASE("a PUBLISH has the QoS, the retain flag and the properties of the options") {
  mq_pub::Options options;
  options.qos = 2;
  options.retain = true;
  const std::vector<std::string> words = {"publish", "content-type", "text/plain"};
  REQUIRE(options.connection.properties.add(words) == "");
  const mqtt::Publish publish = mq_pub::publish_prototype(options);
  CHECK(publish.qos == mqtt::Qos::exactly_once);
  CHECK(publish.retain);
  CHECK(publish.properties.find(mqtt::property::content_type) == mqtt::Bytes::copy("text/plain"));
}

TEST_CASE("the longest message leaves room for topic, packet id and properties") {
  constexpr std::size_t kMost = 268'435'455;
  const mqtt::Bytes all = mqtt::Bytes::copy(std::vector<std::byte>(kMost));
  mqtt::Publish publish;
  publish.topic = mqtt::Bytes::copy("topic");
  const auto fits = [&](mqtt::Version version, std::size_t size) {
    publish.payload = all.slice(0, size);
    return mq_pub::fits_a_packet(version, publish);
  };
  CHECK(fits(mqtt::Version::v3_1_1, kMost - 2 - 5));
  CHECK(!fits(mqtt::Version::v3_1_1, kMost - 2 - 5 + 1));
  CHECK(fits(mqtt::Version::v5_0, kMost - 2 - 5 - 1));  // The property length.
  CHECK(!fits(mqtt::Version::v5_0, kMost - 2 - 5));
  publish.qos = mqtt::Qos::at_least_once;
  CHECK(fits(mqtt::Version::v3_1_1, kMost - 2 - 5 - 2));
  CHECK(!fits(mqtt::Version::v3_1_1, kMost - 2 - 5 - 1));
}

}  // namespace
