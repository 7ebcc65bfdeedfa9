#include <doctest/doctest.h>

#include <csignal>

#include "tests/support/broker_process.hpp"
#include "tests/support/loopback.hpp"
#include "tests/support/process.hpp"
#include "tests/support/proxy.hpp"
#include "tests/support/raw_connection.hpp"

using namespace support;

TEST_CASE("a process gets its input, and gives its outputs and its exit code") {
  const auto end = run({.argv = {"sh", "-c", "cat; echo trouble >&2; exit 7"}, .input = "é\n"});
  CHECK(end.out == "é\n");
  CHECK(end.err == "trouble\n");
  CHECK(end.code == 7);
}

TEST_CASE("however much is written, neither side blocks") {
  const std::string much(8'000'000, 'x');
  CHECK(run({.argv = {"cat"}, .input = much}).out == much);
}

TEST_CASE("lines can be waited for one after another, and input given between them") {
  Process process({.argv = {"cat"}, .input = "one\ntwo\n", .keep_input_open = true});
  CHECK(process.wait_for_line("two") == "two");
  process.write("one again\n");
  CHECK(process.wait_for_line("one") == "one again");
  CHECK(process.wait_for_lines(3));
  process.close_input();
  CHECK_FALSE(process.wait_for_line("more").has_value());
  CHECK(process.wait().code == 0);
}

TEST_CASE("a signal shows in the exit code") {
  Process process({.argv = {"cat"}, .keep_input_open = true});
  process.signal(SIGTERM);
  CHECK(process.wait().code == 128 + SIGTERM);
}

TEST_CASE("what hangs is killed and said to hang") {
  Process process({.argv = {"cat"}, .keep_input_open = true});
  const auto end = process.wait(std::chrono::seconds(0));
  CHECK(end.code == -1);
  CHECK(end.err.find("hung") != std::string::npos);
}

TEST_CASE("nothing of the user's reaches a process") {
  ::setenv("MQTT_HOST", "elsewhere", 1);
  const auto end = run({.argv = {"env"}, .environment = {"EXTRA=1"}});
  CHECK(end.out.find("MQTT_HOST") == std::string::npos);
  CHECK(end.out.find("EXTRA=1\n") != std::string::npos);
}

TEST_CASE("mosquitto is ready when its constructor returns") {
  BrokerProcess broker(BrokerProcess::Kind::mosquitto);
  CHECK(connect_loopback(broker.port()).is_open());
}

TEST_CASE("the proxy passes bytes on both ways and counts them") {
  ScriptedServer server([](const std::string& packet) { return ScriptedServer::Answer{packet}; });
  Proxy proxy(server.port());
  RawConnection client(proxy.port());
  CHECK(client.send(from_hex("C0 00")));
  CHECK(to_hex(client.read_packet()) == "C0 00");
  CHECK(proxy.bytes() == 4);
  proxy.reset_all();
  CHECK(client.is_closed_by_peer());
}

TEST_CASE("the proxy resets all connections at exactly the byte that was asked for") {
  ScriptedServer server([](const std::string& packet) { return ScriptedServer::Answer{packet}; });
  Proxy proxy(server.port());
  proxy.reset_at({3, 8});
  for (unsigned round = 1; round <= 2; ++round) {
    RawConnection client(proxy.port());
    CHECK(client.send(from_hex("30 02 00 00 C0 00")));
    CHECK(client.is_closed_by_peer());
    CHECK(proxy.resets() == round);
  }
  CHECK(proxy.bytes() == 8);
}

TEST_CASE("an orderly end passes through the proxy") {
  ScriptedServer server([](const std::string&) {
    return ScriptedServer::Answer{from_hex("D0 00"), true};
  });
  Proxy proxy(server.port());
  RawConnection client(proxy.port());
  CHECK(client.send(from_hex("C0 00")));
  CHECK(to_hex(client.read_packet()) == "D0 00");
  CHECK(client.read_packet().empty());
}
