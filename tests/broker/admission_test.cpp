#include "libmqtt/broker/admission.hpp"

#include <doctest/doctest.h>

using namespace mqtt;
using namespace mqtt::broker;

namespace {

Connect connect_of(Version version, std::string_view client_id) {
  Connect connect;
  connect.version = version;
  connect.client_id = Bytes::copy(client_id);
  return connect;
}

std::optional<ReasonCode> code_of(const Connect& connect, std::string_view client_id,
                                  const BrokerOptions& options, const ClientContext& context = {}) {
  const auto refusal = refusal_of(connect, client_id, context, options);
  return refusal ? std::optional(refusal->reason_code) : std::nullopt;
}

}  // namespace

TEST_CASE("Client ids may be held to a prefix, made-up ones too [MQTT-3.1.3-8]") {
  BrokerOptions options;
  options.client_id_prefix = "maison-";
  const Connect own = connect_of(Version::v5_0, "maison-1");
  CHECK_FALSE(code_of(own, own.client_id.view(), options));
  const Connect other = connect_of(Version::v5_0, "garage");
  CHECK(code_of(other, other.client_id.view(), options) == ReasonCode::client_identifier_not_valid);
  CHECK(code_of(connect_of(Version::v5_0, ""), "auto-1", options) ==
        ReasonCode::client_identifier_not_valid);
}

TEST_CASE("A longest Keep Alive is told to 5.0 clients; older ones are refused [MQTT-3.2.2-22]") {
  BrokerOptions options;
  options.maximum_keep_alive = 60;
  Connect connect = connect_of(Version::v5_0, "a");
  const auto announced = [&] {
    return announcement_for(connect, "a", {}, options).find(property::server_keep_alive);
  };
  CHECK(announced() == 60);  // none asked for
  connect.keep_alive = 61;
  CHECK(announced() == 60);
  connect.keep_alive = 60;
  CHECK_FALSE(announced());
  connect.version = Version::v3_1_1;
  CHECK_FALSE(code_of(connect, "a", options));
  connect.keep_alive = 0;
  CHECK(code_of(connect, "a", options) == ReasonCode::client_identifier_not_valid);
}

TEST_CASE("Wills keep to Maximum QoS [MQTT-3.2.2-12] and Retain Available [MQTT-3.2.2-13]") {
  BrokerOptions options;
  Connect connect = connect_of(Version::v5_0, "a");
  connect.will = Will{.topic = Bytes::copy("t"), .qos = Qos::exactly_once, .retain = true};
  CHECK_FALSE(code_of(connect, "a", options));
  options.limits.retain_available = false;
  CHECK(code_of(connect, "a", options) == ReasonCode::retain_not_supported);
  options.limits.maximum_qos = Qos::at_least_once;
  CHECK(code_of(connect, "a", options) == ReasonCode::qos_not_supported);
  const Properties announced = announcement_for(connect, "a", {}, options);
  CHECK(announced.find(property::maximum_qos) == 1);
  CHECK(announced.find(property::retain_available) == 0);
}
