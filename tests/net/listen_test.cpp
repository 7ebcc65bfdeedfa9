#include "libmqtt/net/listen.hpp"

#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <vector>

#include "tests/net/loopback.hpp"
#include "tests/support/temp_dir.hpp"

using namespace mqtt;
using namespace mqtt::net;
using mqtt::net::test::run_until;
using mqtt::net::test::Socket;

namespace {

class Accepted : public Listener::Handler {
 public:
  void on_stream(std::unique_ptr<Stream> stream) override {
    streams.push_back(std::move(stream));
    if (stream_hook) stream_hook();
  }
  void on_accept_error(std::error_code error) override {
    errors.push_back(error);
    if (error_hook) error_hook();
  }
  std::vector<std::unique_ptr<Stream>> streams;
  std::vector<std::error_code> errors;
  std::function<void()> stream_hook;
  std::function<void()> error_hook;
};

/// No new descriptor for the process until released.
class NoDescriptors {
 public:
  NoDescriptors() {
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before_) == 0);
    const rlimit none{0, before_.rlim_max};
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &none) == 0);
  }
  ~NoDescriptors() { release(); }
  void release() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

std::unique_ptr<Listener> open(Loop& loop, const char* address, Accepted& accepted) {
  auto listener = Listener::open(loop, {.address = address, .port = 0}, accepted);
  REQUIRE_MESSAGE(listener.has_value(), (listener ? "" : listener.error()));
  return std::move(*listener);
}

std::expected<std::unique_ptr<Listener>, std::string> open_path(Loop& loop, const std::string& path,
                                                                Accepted& accepted) {
  return Listener::open(loop, {.unix_path = path}, accepted);
}

/// As a broker that was killed does.
void leave_socket_file(const std::string& path) {
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::ranges::copy(path, address.sun_path);
  REQUIRE(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  ::close(socket);
}

}  // namespace

TEST_CASE("port 0 takes any free port and says which") {
  Loop loop;
  Accepted accepted;
  const auto listener = open(loop, "127.0.0.1", accepted);
  CHECK(listener->port() != 0);
  CHECK(listener->local_endpoint() == "127.0.0.1:" + std::to_string(listener->port()));
}

TEST_CASE("connections are handed out as streams that name their peer") {
  Loop loop;
  Accepted accepted;
  const auto listener = open(loop, "127.0.0.1", accepted);
  const Socket first = Socket::connect(listener->port());
  const Socket second = Socket::connect(listener->port());
  REQUIRE(run_until(loop, [&] { return accepted.streams.size() == 2; }));
  CHECK(accepted.streams[0]->peer().starts_with("127.0.0.1:"));
  CHECK(accepted.streams[0]->peer() != accepted.streams[1]->peer());
}

TEST_CASE("IPv6 listens beside IPv4 on the same port") {
  Loop loop;
  Accepted accepted;
  const auto v4 = open(loop, "0.0.0.0", accepted);
  const auto v6 = Listener::open(loop, {.address = "::", .port = v4->port()}, accepted);
  REQUIRE(v6);
  CHECK((*v6)->local_endpoint() == "[::]:" + std::to_string(v4->port()));
  const Socket peer = Socket::connect(v4->port(), true);
  REQUIRE(run_until(loop, [&] { return accepted.streams.size() == 1; }));
  CHECK(accepted.streams[0]->peer().starts_with("[::1]:"));
}

TEST_CASE("a port in use is an error that names it") {
  Loop loop;
  Accepted accepted;
  const auto listener = open(loop, "127.0.0.1", accepted);
  const auto second =
      Listener::open(loop, {.address = "127.0.0.1", .port = listener->port()}, accepted);
  REQUIRE_FALSE(second);
  CHECK(second.error() == "listen " + listener->local_endpoint() + ": address already in use");
}

TEST_CASE("what is not an address is an error that names it") {
  Loop loop;
  Accepted accepted;
  const auto listener = Listener::open(loop, {.address = "nonsense", .port = 1}, accepted);
  REQUIRE_FALSE(listener);
  CHECK(listener.error() == "listen nonsense:1: not an IPv4 or IPv6 address");
}

TEST_CASE("a Unix socket accepts, names its peer, and takes its file away at the end") {
  const support::TempDir directory;
  const std::string path = directory.path() / "mqtt.sock";
  Loop loop;
  Accepted accepted;
  auto listener = open_path(loop, path, accepted);
  REQUIRE(listener);
  CHECK((*listener)->local_endpoint() == path);
  CHECK((*listener)->port() == 0);
  const Socket peer = Socket::connect(path);
  REQUIRE(run_until(loop, [&] { return accepted.streams.size() == 1; }));
  CHECK(accepted.streams[0]->peer() ==
        path + " pid " + std::to_string(::getpid()) + " uid " + std::to_string(::getuid()));
  listener->reset();
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("a Unix socket's file is replaced when nobody listens on it, and only then") {
  const support::TempDir directory;
  const std::string path = directory.path() / "mqtt.sock";
  Loop loop;
  Accepted accepted;
  SUBCASE("left behind") {
    leave_socket_file(path);
    REQUIRE(std::filesystem::exists(path));
    CHECK(open_path(loop, path, accepted));
  }
  SUBCASE("in use") {
    const auto first = open_path(loop, path, accepted);
    const auto second = open_path(loop, path, accepted);
    REQUIRE_FALSE(second);
    CHECK(second.error() == "listen " + path + ": address already in use");
    CHECK(Socket::connect(path).descriptor() >= 0);
  }
  SUBCASE("no socket") {
    directory.write("mqtt.sock", "precious");
    const auto listener = open_path(loop, path, accepted);
    REQUIRE_FALSE(listener);
    CHECK(listener.error() == "listen " + path + ": a file that is no socket is in the way");
    CHECK(std::filesystem::file_size(path) == 8);
  }
  SUBCASE("no directory") {
    const auto listener = open_path(loop, path + "/x", accepted);
    REQUIRE_FALSE(listener);
    CHECK(listener.error() == "listen " + path + "/x: no such file or directory");
  }
  SUBCASE("too long") {
    const auto listener = open_path(loop, path + std::string(108, 'x'), accepted);
    REQUIRE_FALSE(listener);
    CHECK(listener.error().ends_with(": the path is longer than 107 bytes"));
  }
}

TEST_CASE("a file that has taken the place of a Unix socket's own is left alone") {
  const support::TempDir directory;
  const std::string path = directory.path() / "mqtt.sock";
  Loop loop;
  Accepted accepted;
  auto listener = open_path(loop, path, accepted);
  REQUIRE(listener);
  std::filesystem::rename(path, path + ".old");
  directory.write("mqtt.sock", "precious");
  listener->reset();
  CHECK(std::filesystem::exists(path));
}

TEST_CASE("no address means all of them, a name each of its own, a literal itself") {
  const auto addresses = [](const ListenOptions& options) {
    std::vector<std::string> result;
    const auto each = each_address(options);
    REQUIRE_MESSAGE(each.has_value(), (each ? "" : each.error()));
    for (const auto& one : *each) result.push_back(one.address);
    return result;
  };
  using Addresses = std::vector<std::string>;
  using Family = ListenOptions::Family;
  CHECK(addresses({.address = ""}) == Addresses{"0.0.0.0", "::"});
  CHECK(addresses({.address = "", .family = Family::ipv4}) == Addresses{"0.0.0.0"});
  CHECK(addresses({.address = "", .family = Family::ipv6}) == Addresses{"::"});
  CHECK(addresses({.address = "localhost", .family = Family::ipv4}) == Addresses{"127.0.0.1"});
  CHECK(addresses({.address = "fe80::1%lo"}) == Addresses{"fe80::1%lo"});
  CHECK(addresses({.unix_path = "/x", .address = "ignored"}) == Addresses{"ignored"});
  CHECK_FALSE(each_address({.address = "127.0.0.1", .family = Family::ipv6}));
  const auto nowhere = each_address({.address = "nosuchhost.invalid", .port = 7});
  REQUIRE_FALSE(nowhere);
  CHECK(nowhere.error().starts_with("listen nosuchhost.invalid:7: "));
}

TEST_CASE("an interface that does not exist is an error that names it") {
  Loop loop;
  Accepted accepted;
  const auto listener =
      Listener::open(loop, {.address = "127.0.0.1", .port = 0, .interface = "nosuch0"}, accepted);
  REQUIRE_FALSE(listener);
  CHECK(listener.error().starts_with("listen 127.0.0.1:0: interface nosuch0: "));
}

TEST_CASE("a port can be bound again at once after its connections were closed by us") {
  Loop loop;
  Accepted accepted;
  auto listener = open(loop, "127.0.0.1", accepted);
  const std::uint16_t port = listener->port();
  const Socket peer = Socket::connect(port);
  REQUIRE(run_until(loop, [&] { return accepted.streams.size() == 1; }));
  accepted.streams.clear();
  listener.reset();
  CHECK(Listener::open(loop, {.address = "127.0.0.1", .port = port}, accepted).has_value());
}

TEST_CASE("a listener may be destroyed in on_stream and while it waits") {
  Loop loop;
  Accepted accepted;
  auto listener = open(loop, "127.0.0.1", accepted);
  const Socket first = Socket::connect(listener->port());
  const Socket second = Socket::connect(listener->port());
  accepted.stream_hook = [&] { listener.reset(); };
  REQUIRE(run_until(loop, [&] { return listener == nullptr; }));
  loop.run();  // Returns: nothing is left.
  CHECK(accepted.streams.size() == 1);
}

TEST_CASE("out of descriptors, accepting rests and goes on") {
  Loop loop;
  Accepted accepted;
  const auto listener = open(loop, "127.0.0.1", accepted);
  const Socket peer = Socket::connect(listener->port());
  NoDescriptors none;
  std::size_t streams_before = 1;
  accepted.error_hook = [&] {
    streams_before = accepted.streams.size();
    none.release();
  };
  REQUIRE(run_until(loop, [&] { return !accepted.streams.empty(); }));
  CHECK(streams_before == 0);
  CHECK(accepted.errors.size() == 1);
  CHECK(accepted.errors[0] == asio::error::no_descriptors);
}
