#include "tests/support/raw_connection.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <chrono>
#include <cstdlib>

#include "tests/support/loopback.hpp"
#include "tests/support/process.hpp"
#include "tests/support/wire_vectors.hpp"

namespace support {
namespace {

/// Seconds. A broker that is not ours may answer nothing where it should: scripts/conformance sets
/// MQ_CONFORMANCE_PATIENCE, so that each such test costs less than kPatience.
time_t patience() {
  const char* given = std::getenv("MQ_CONFORMANCE_PATIENCE");
  return given != nullptr ? std::atoi(given) : kPatience.count();
}

}  // namespace

std::string from_hex(std::string_view digits) {
  return std::string(mqtt::test::parse_wire(digits).view());
}

std::string to_hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string text;
  for (char byte : bytes) {
    const auto value = static_cast<unsigned char>(byte);
    if (!text.empty()) text += ' ';
    text += kDigits[value >> 4];
    text += kDigits[value & 15];
  }
  return text;
}

RawConnection::RawConnection(Descriptor socket) : socket_(std::move(socket)) {
  const timeval limit{.tv_sec = patience(), .tv_usec = 0};
  ::setsockopt(socket_.number(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ::setsockopt(socket_.number(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
}

RawConnection::RawConnection(std::uint16_t port) : RawConnection(connect_loopback(port)) {}

bool RawConnection::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = ::send(socket_.number(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

bool RawConnection::read_byte(char& byte) { return ::recv(socket_.number(), &byte, 1, 0) == 1; }

std::string RawConnection::read_packet() {
  std::string packet(1, '\0');
  if (!read_byte(packet[0])) return {};
  std::size_t length = 0;
  for (unsigned shift = 0; shift < 28; shift += 7) {
    char byte = 0;
    if (!read_byte(byte)) return {};
    packet += byte;
    length |= static_cast<std::size_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) break;
  }
  const std::string body = read_bytes(length);
  return body.size() == length ? packet + body : std::string();
}

std::string RawConnection::read_bytes(std::size_t count) {
  std::string bytes(count, '\0');
  std::size_t have = 0;
  while (have < count) {
    const auto got = ::recv(socket_.number(), bytes.data() + have, count - have, 0);
    if (got <= 0) break;
    have += static_cast<std::size_t>(got);
  }
  bytes.resize(have);
  return bytes;
}

bool RawConnection::is_closed_by_peer() {
  std::array<char, 4096> dropped;
  for (;;) {
    const auto count = ::recv(socket_.number(), dropped.data(), dropped.size(), 0);
    if (count == 0) return true;
    if (count < 0) return errno == ECONNRESET;
  }
}

bool RawConnection::is_half_closed_by_peer() {
  pollfd state{.fd = socket_.number(), .events = POLLRDHUP, .revents = 0};
  const auto patience = std::chrono::milliseconds(kPatience).count();
  return ::poll(&state, 1, static_cast<int>(patience)) == 1;
}

void RawConnection::interrupt() { ::shutdown(socket_.number(), SHUT_RDWR); }

void RawConnection::reset() { support::reset(socket_); }

ScriptedServer::ScriptedServer(Script script)
    : script_(std::move(script)),
      listener_(listen_loopback()),
      port_(local_port(listener_)),
      thread_([this] { serve(); }) {}

ScriptedServer::~ScriptedServer() {
  {
    const std::scoped_lock lock(mutex_);
    stops_ = true;
    if (current_) current_->interrupt();
    ::shutdown(listener_.number(), SHUT_RDWR);
  }
  thread_.join();
}

void ScriptedServer::serve() {
  for (;;) {
    RawConnection connection(
        Descriptor(::accept4(listener_.number(), nullptr, nullptr, SOCK_CLOEXEC)));
    {
      const std::scoped_lock lock(mutex_);
      if (stops_) return;
      current_ = &connection;
    }
    converse(connection);
    const std::scoped_lock lock(mutex_);
    current_ = nullptr;
    if (stops_) return;
  }
}

void ScriptedServer::converse(RawConnection& connection) const {
  for (;;) {
    const auto packet = connection.read_packet();
    if (packet.empty()) return;
    const auto answer = script_(packet);
    if (!connection.send(answer.bytes) || answer.closes) return;
  }
}

}  // namespace support
