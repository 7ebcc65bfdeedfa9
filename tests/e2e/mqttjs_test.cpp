#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "tests/e2e/tls_house.hpp"

using namespace e2e;

namespace {

/// What scripts/setup has installed.
std::filesystem::path modules() {
  const auto path = std::filesystem::path(MQ_SOURCE_DIR) / "build/mqttjs/node_modules";
  return path;
}

/// scripts/setup says why, where mqtt.js could not be installed.
bool is_installed() {
  const bool is_there = std::filesystem::exists(modules() / "mqtt/dist/mqtt.min.js");
  if (!is_there) MESSAGE("skipped: scripts/setup could not install mqtt.js");
  return is_there;
}

std::filesystem::path script(const char* name) {
  return std::filesystem::path(MQ_SOURCE_DIR) / "tests/e2e/mqttjs" / name;
}

Configuration websocket_listener(const Arguments& more = {}) {
  return {Arguments{"listener 0 127.0.0.1", "allow_anonymous true", "protocol websockets"} + more};
}

Arguments certificate() {
  return {"certfile " + house().broker.certfile, "keyfile " + house().broker.keyfile};
}

Exit run_messages(const std::string& url, const char* version, const Arguments& more = {}) {
  return support::run(
      {.argv = Arguments{"node", script("messages.cjs").string(), url, version} + more,
       .environment = {"NODE_PATH=" + modules().string()}});
}

/// The page publishes and subscribes for real: what it says comes by the broker.
void check_page(BrokerProcess& broker, const Arguments& flags, const std::string& scheme) {
  const support::TempDir directory;
  std::filesystem::copy_file(modules() / "mqtt/dist/mqtt.min.js", directory.path() / "mqtt.min.js");
  std::filesystem::copy_file(script("page.html"), directory.path() / "page.html");
  const std::string url = "file://" + (directory.path() / "page.html").string() + "?" + scheme +
                          "://127.0.0.1:" + broker.port_text() + "/mqtt";
  Process browser(
      {.argv = {"chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
                "--no-first-run", "--disable-background-networking", "--disable-component-update",
                "--disable-sync", "--ignore-certificate-errors", "--remote-debugging-port=0",
                "--user-data-dir=" + (directory.path() / "profile").string(), url},
       .environment = {"HOME=" + directory.path().string()}});
  const Exit ready =
      support::run(sub(broker.port(), flags + Arguments{"-t", "page/ready", "-C", "1"}));
  CHECK(contains(ready.out, "Chrome"));

  publish(broker.port(), flags + Arguments{"-t", "page/in", "-m", "from a tool", "-q", "1"});
  const Exit answer =
      support::run(sub(broker.port(), flags + Arguments{"-t", "page/out", "-C", "1"}));
  CHECK(answer.out == "FROM A TOOL\n");
}

}  // namespace

TEST_CASE("mqtt.js passes messages of every QoS and size over WebSocket") {
  if (!is_installed()) return;
  BrokerProcess plain(websocket_listener());
  BrokerProcess secure(websocket_listener(certificate()));
  std::string expected;
  for (const char* qos : {"0", "1", "2"})
    for (const char* size : {"5", "300000", "0"})
      expected += std::string("js/") + qos + " " + qos + " " + size + "\n";
  expected += "done\n";
  for (const char* version : {"4", "5"}) {
    const Exit over_ws = run_messages("ws://127.0.0.1:" + plain.port_text() + "/mqtt", version);
    CHECK(over_ws.out == expected);
    CHECK(over_ws.code == 0);
    const Exit over_wss = run_messages("wss://localhost:" + secure.port_text() + "/mqtt", version,
                                       {house().authority.cafile()});
    CHECK(over_wss.out == expected);
    CHECK(over_wss.code == 0);
  }
}

TEST_CASE("mqtt.js is told that its path does not exist") {
  if (!is_installed()) return;
  BrokerProcess broker(websocket_listener({"websockets_path /here"}));
  const Exit end = run_messages("ws://127.0.0.1:" + broker.port_text() + "/there", "5");
  CHECK(end.out == "closed too early\n");
  CHECK(end.code == 1);
  CHECK(broker.process().wait_for_error("WebSocket handshake refused"));
  CHECK(run_messages("ws://127.0.0.1:" + broker.port_text() + "/here", "5").code == 0);
}

TEST_CASE("a page in Chromium publishes and subscribes over WebSocket, plain and secure") {
  if (!is_installed()) return;
  BrokerProcess plain(websocket_listener());
  check_page(plain, {"--ws"}, "ws");
  BrokerProcess secure(websocket_listener(certificate()));
  check_page(secure, trusting() + Arguments{"--ws"}, "wss");
}
