#include "libmqtt/server/parent_watch.hpp"

#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/net/loopback.hpp"

using mqtt::server::ParentWatch;

TEST_CASE("a parent that has ended before it could be watched is told of") {
  const pid_t gone = ::fork();
  if (gone == 0) ::_exit(0);
  ::waitpid(gone, nullptr, 0);
  mqtt::net::Loop loop;
  int calls = 0;
  const ParentWatch watch(loop, gone, [&] { ++calls; });
  CHECK(calls == 0);
  CHECK(mqtt::net::test::run_until(loop, [&] { return calls > 0; }));
  mqtt::net::test::poll(loop);
  CHECK(calls == 1);
}

TEST_CASE("a parent that lives is not, and a watch that is gone tells nothing") {
  mqtt::net::Loop loop;
  int calls = 0;
  {
    const ParentWatch watch(loop, -1, [&] { ++calls; });
  }
  const ParentWatch watch(loop, ::getppid(), [&] { ++calls; });
  mqtt::net::test::poll(loop);
  CHECK(calls == 0);
}
