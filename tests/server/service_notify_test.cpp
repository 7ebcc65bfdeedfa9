#include "libmqtt/server/service_notify.hpp"

#include <doctest/doctest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string>

#include "tests/support/descriptor.hpp"
#include "tests/support/temp_dir.hpp"

using namespace mqtt;
using mqtt::server::ServiceNotify;

namespace {

/// The service manager's end.
class Manager {
 public:
  explicit Manager(const std::string& name)
      : socket_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    name.copy(address.sun_path, name.size());
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    REQUIRE(::bind(socket_.number(), reinterpret_cast<const sockaddr*>(&address), size) == 0);
  }
  std::string heard() {
    std::array<char, 512> text{};
    const auto count = ::recv(socket_.number(), text.data(), text.size(), MSG_DONTWAIT);
    return count > 0 ? std::string(text.data(), static_cast<std::size_t>(count)) : "";
  }

 private:
  support::Descriptor socket_;
};

}  // namespace

TEST_CASE("the manager hears what becomes of the service, one datagram each") {
  const support::TempDir directory;
  const std::string path = (directory.path() / "notify").string();
  Manager manager(path);
  const ServiceNotify notify(path, std::nullopt);
  CHECK(notify.is_wanted());
  notify.ready("Listening on 127.0.0.1:1883");
  CHECK(manager.heard() == "READY=1\nSTATUS=Listening on 127.0.0.1:1883");
  notify.reloading();
  CHECK(manager.heard().starts_with("RELOADING=1\nMONOTONIC_USEC="));
  notify.alive();
  CHECK(manager.heard() == "WATCHDOG=1");
  notify.stopping();
  CHECK(manager.heard().starts_with("STOPPING=1\n"));
  CHECK(manager.heard().empty());
}

TEST_CASE("a socket of the abstract namespace is written with an @") {
  const std::string name = "mq-notify-test-" + std::to_string(::getpid());
  Manager manager(std::string(1, '\0') + name);
  ServiceNotify("@" + name, std::nullopt).alive();
  CHECK(manager.heard() == "WATCHDOG=1");
}

TEST_CASE("a manager that does not read delays the watchdog's sign of life by nothing") {
  const support::TempDir directory;
  const std::string path = (directory.path() / "notify").string();
  Manager manager(path);
  const ServiceNotify notify(path, std::nullopt);
  for (int i = 0; i < 10'000; ++i) notify.alive();
  CHECK(manager.heard() == "WATCHDOG=1");
}

TEST_CASE("the environment names the socket and the watchdog, for this process alone") {
  ::setenv("NOTIFY_SOCKET", "/nonexistent/notify", 1);
  ::setenv("WATCHDOG_USEC", "3000000", 1);
  CHECK(ServiceNotify::from_environment().is_wanted());
  CHECK(ServiceNotify::from_environment().watchdog_interval() == std::chrono::milliseconds(1500));
  ServiceNotify::from_environment().ready("nobody hears");
  ::setenv("WATCHDOG_PID", "1", 1);
  CHECK_FALSE(ServiceNotify::from_environment().watchdog_interval());
  ::setenv("WATCHDOG_PID", std::to_string(::getpid()).c_str(), 1);
  CHECK(ServiceNotify::from_environment().watchdog_interval());
  ::setenv("WATCHDOG_USEC", "soon", 1);
  CHECK_FALSE(ServiceNotify::from_environment().watchdog_interval());
  ::unsetenv("NOTIFY_SOCKET");
  CHECK_FALSE(ServiceNotify::from_environment().is_wanted());
  ::unsetenv("WATCHDOG_USEC");
  ::unsetenv("WATCHDOG_PID");
}
