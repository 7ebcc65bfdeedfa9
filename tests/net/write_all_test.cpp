#include "libmqtt/net/write_all.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <array>
#include <string>
#include <thread>

TEST_CASE("A text that is larger than a pipe arrives whole") {
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  std::string sent;
  for (int i = 0; sent.size() < 1'000'000; ++i) sent += std::to_string(i) + " ";
  std::string received;
  std::thread reader([&] {
    std::array<char, 1000> buffer{};
    for (ssize_t count = 0; (count = ::read(ends[0], buffer.data(), buffer.size())) > 0;)
      received.append(buffer.data(), static_cast<std::size_t>(count));
  });
  CHECK(mqtt::net::write_all(ends[1], sent));
  ::close(ends[1]);
  reader.join();
  ::close(ends[0]);
  CHECK(received == sent);
}

TEST_CASE("What cannot be written is told") {
  CHECK_FALSE(mqtt::net::write_all(-1, "x"));
  CHECK(mqtt::net::write_all(-1, ""));
}
