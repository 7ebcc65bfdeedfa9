#include <doctest/doctest.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include <string>

#include "tests/support/broker_process.hpp"
#include "tests/support/loopback.hpp"
#include "tests/support/raw_connection.hpp"

using namespace support;

namespace {

/// Sends until the other side takes no more for a while; the bytes that it took.
std::size_t send_until_refused(int socket, const std::string& bytes, std::size_t most) {
  constexpr int kAWhile = 2000;  // ms
  std::size_t taken = 0;
  while (taken < most) {
    const ssize_t sent = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
      taken += static_cast<std::size_t>(sent);
      continue;
    }
    pollfd writable{socket, POLLOUT, 0};
    if (::poll(&writable, 1, kAWhile) <= 0) break;
  }
  return taken;
}

}  // namespace

TEST_CASE("a client that asks and does not read is not read from for ever, and others are served") {
  BrokerProcess broker(BrokerProcess::Kind::mq_broker_lite);
  const Descriptor greedy = connect_loopback(broker.port());
  const std::string connect = from_hex("10 0D 00 04 4D 51 54 54 04 02 00 00 00 01 62");
  REQUIRE(::send(greedy.number(), connect.data(), connect.size(), MSG_NOSIGNAL) > 0);
  std::string pings;
  for (int i = 0; i < 32'768; ++i) pings += from_hex("C0 00");
  constexpr std::size_t kFarMoreThanBuffers = 256U << 20U;
  CHECK(send_until_refused(greedy.number(), pings, kFarMoreThanBuffers) < kFarMoreThanBuffers);
  RawConnection other(broker.port());
  other.send(from_hex("10 0D 00 04 4D 51 54 54 04 02 00 00 00 01 63"));
  CHECK(to_hex(other.read_packet()) == "20 02 00 00");
}
