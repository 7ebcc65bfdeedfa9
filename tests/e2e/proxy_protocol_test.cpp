#include <doctest/doctest.h>

#include "tests/e2e/tls_house.hpp"
#include "tests/support/raw_connection.hpp"

using namespace e2e;
using support::from_hex;
using support::RawConnection;
using support::to_hex;

namespace {

const std::string kConnect = from_hex("10 0D 00 04 4D 51 54 54 04 02 00 3C 00 01 72");
const std::string kAccepted = "20 02 00 00";
const std::string kLine = "PROXY TCP4 192.0.2.5 10.0.0.1 6275 1883\r\n";

/// Version 2: PROXY or LOCAL, then addresses and fields.
std::string version_2(std::string_view command, const std::string& rest) {
  std::string header = from_hex("0D 0A 0D 0A 00 0D 0A 51 55 49 54 0A " + std::string(command));
  header += static_cast<char>(rest.size() >> 8U);
  header += static_cast<char>(rest.size() & 0xffU);
  return header + rest;
}
const std::string kAddresses = from_hex("C0 00 02 05 0A 00 00 01 18 83 07 5B");
/// The client used TLS and showed a good certificate with the CN "lamp".
const std::string kLamp = from_hex("20 00 0C 03 00 00 00 00 22 00 04") + "lamp";

Configuration listener(const Arguments& more = {}) {
  return {Arguments{"listener 0 127.0.0.1", "allow_anonymous true", "enable_proxy_protocol 2"} +
          more};
}

}  // namespace

TEST_CASE("behind a proxy the log names the client's own address") {
  BrokerProcess broker(listener());
  SUBCASE("version 1") {
    RawConnection client(broker.port());
    client.send(kLine + kConnect);
    CHECK(to_hex(client.read_packet()) == kAccepted);
    CHECK(broker.process().wait_for_error("connected from 192.0.2.5:6275 "));
  }
  SUBCASE("version 2, in two parts") {
    RawConnection client(broker.port());
    const std::string bytes = version_2("21 11", kAddresses) + kConnect;
    client.send(bytes.substr(0, 20));
    client.send(bytes.substr(20));
    CHECK(to_hex(client.read_packet()) == kAccepted);
    CHECK(broker.process().wait_for_error("connected from 192.0.2.5:6275 "));
  }
  SUBCASE("the proxy itself") {
    RawConnection client(broker.port());
    client.send(version_2("20 00", "") + kConnect);
    CHECK(to_hex(client.read_packet()) == kAccepted);
    CHECK(broker.process().wait_for_error("connected from 127.0.0.1:"));
  }
}

TEST_CASE("without a good header a connection ends, and the log says why") {
  BrokerProcess broker(listener());
  const auto ends = [&](const std::string& bytes) {
    RawConnection client(broker.port());
    client.send(bytes);
    return client.is_closed_by_peer();
  };
  CHECK(ends(kConnect));
  CHECK(broker.process().wait_for_error("PROXY: the connection does not begin with a header"));
  CHECK(ends("PROXY nonsense\r\n" + kConnect));
  CHECK(broker.process().wait_for_error("PROXY: the header is malformed"));
  CHECK(ends("PROXY UNKNOWN " + std::string(200, 'x')));
  CHECK(broker.process().wait_for_error("PROXY: the header is too long"));
}

TEST_CASE("proxy_protocol_v2_require_tls refuses who came without TLS") {
  BrokerProcess broker(listener({"proxy_protocol_v2_require_tls true"}));
  for (const std::string& header :
       {kLine, version_2("21 11", kAddresses), version_2("20 00", "")}) {
    RawConnection client(broker.port());
    client.send(header + kConnect);
    CHECK(client.is_closed_by_peer());
    CHECK(broker.process().wait_for_error("PROXY: the client does not use TLS"));
  }
  RawConnection client(broker.port());
  client.send(version_2("21 11", kAddresses + kLamp) + kConnect);
  CHECK(to_hex(client.read_packet()) == kAccepted);
}

TEST_CASE("the name of the certificate that the proxy has checked is the user name") {
  const support::TempDir directory;
  Configuration configuration =
      listener({"require_certificate true", "use_identity_as_username true",
                "acl_file " + directory.write("acl", "user lamp\ntopic write lamp/#\n")});
  configuration.lines[1] = "allow_anonymous false";
  BrokerProcess broker(configuration);
  RawConnection nobody(broker.port());
  nobody.send(version_2("21 11", kAddresses) + kConnect);
  CHECK(nobody.is_closed_by_peer());
  CHECK(broker.process().wait_for_error("PROXY: the client showed no good certificate"));
  RawConnection lamp(broker.port());
  lamp.send(version_2("21 11", kAddresses + kLamp) +
            from_hex("10 0E 00 04 4D 51 54 54 05 02 00 3C 00 00 01 72"));
  CHECK(to_hex(lamp.read_packet()).substr(6, 5) == "00 00");
  // QoS 1 to "lamp/x" and to "other!": no subscriber, and not authorized.
  lamp.send(from_hex("32 0B 00 06") + "lamp/x" + from_hex("00 01 00"));
  CHECK(to_hex(lamp.read_packet()).substr(0, 14) == "40 03 00 01 10");
  lamp.send(from_hex("32 0B 00 06") + "other!" + from_hex("00 02 00"));
  CHECK(to_hex(lamp.read_packet()).substr(0, 14) == "40 03 00 02 87");
}

TEST_CASE("TLS passes through a proxy that announces its client") {
  BrokerProcess broker(tls_listener({"enable_proxy_protocol 1"}));
  // Without the header a ClientHello is garbage.
  CHECK(s_client(broker.port(), {}).code != 0);
  CHECK(broker.process().wait_for_error("PROXY: the connection does not begin with a header"));
}
