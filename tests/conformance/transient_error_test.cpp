#include <sys/resource.h>

#include "tests/conformance/peer.hpp"
#include "tests/support/temp_dir.hpp"

using namespace conformance;

namespace {

/// A broker whose store has no room any more, and has noticed.
struct FullBroker {
  support::TempDir directory;
  support::BrokerProcess process{support::BrokerProcess::Kind::mq_broker_lite,
                                 {"--store", directory.path() / "store"}};
  Peer first{Level::v5_0, process.port()};

  FullBroker() {
    first.connect({.client_id = "first", .clean = false});
    const rlimit none{512, RLIM_INFINITY};
    REQUIRE(::prlimit(process.process().id(), RLIMIT_FSIZE, &none, nullptr) == 0);
    first.send(wire::publish(
        Level::v5_0, {.topic = "t", .payload = "x", .qos = 1, .packet_id = 1, .retain = true}));
    REQUIRE(process.process().wait_for_error("nothing is acknowledged"));
  }
};

}  // namespace

TEST_CASE("a message that cannot be kept ends its connection, and no other [3.1.1:MQTT-4.8.0-2]") {
  if (!can_start_own_broker("needs --store")) return;
  FullBroker broker;
  Peer bystander(Level::v3_1_1, broker.process.port());
  bystander.connect("bystander");
  for (const unsigned qos : {1U, 2U}) {
    Peer peer(Level::v3_1_1, broker.process.port());
    peer.connect("publisher");
    peer.send(
        wire::publish(Level::v3_1_1, {.topic = "t", .payload = "x", .qos = qos, .packet_id = 1}));
    CHECK(peer.read().type == 0);
  }
  CHECK(bystander.is_alive());
}

TEST_CASE("5.0 has a code for it, and the connection goes on") {
  if (!can_start_own_broker("needs --store")) return;
  FullBroker broker;
  Peer peer(Level::v5_0, broker.process.port());
  peer.connect("publisher");
  for (const unsigned qos : {1U, 2U}) {
    const wire::Received answer = peer.request(
        wire::publish(Level::v5_0, {.topic = "t", .payload = "x", .qos = qos, .packet_id = 1}));
    CHECK(answer.type == (qos == 1 ? 4 : 5));
    CHECK(answer.reason_code == 0x97);
  }
  CHECK(peer.is_alive());
}
