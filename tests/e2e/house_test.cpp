#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/e2e/tls_house.hpp"
#include "tests/support/loopback.hpp"

using namespace e2e;
using Kind = BrokerProcess::Kind;

namespace {

std::string read_fixture(std::string_view name) {
  std::ifstream file(std::filesystem::path(MQ_SOURCE_DIR) / "tests/e2e/house" / name);
  return {std::istreambuf_iterator<char>(file), {}};
}

void replace_all(std::string& text, std::string_view what, const std::string& with) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at))
    text.replace(at, what.size(), with);
}

/// The house's own files in one directory, and a broker that was given nothing else. The fixtures
/// only lack the directory's name and two ports.
class FurnishedHouse {
 public:
  explicit FurnishedHouse(Kind kind) {
    namespace fs = std::filesystem;
    const fs::path& root = directory_.path();
    fs::permissions(root, fs::perms(0755));  // mosquitto reads as a user of its own.
    fs::create_directory(root / "data");
    fs::permissions(root / "data", fs::perms(0777));
    fs::copy_file(house().authority.cafile(), root / "ca.crt");
    fs::copy_file(house().broker.certfile, root / "broker.crt");
    fs::copy_file(house().broker.keyfile, root / "broker.key");
    fs::permissions(root / "broker.key", fs::perms(0644));
    directory_.write("acl", read_fixture("acl"));
    for (const std::string user : {"anna", "heating", "cellar"}) add_user(user);
    fs::permissions(root / "passwd", fs::perms(0644));
    for (int attempt = 0; attempt < 10 && !start(kind); ++attempt) process_.reset();
    REQUIRE_MESSAGE(process_ != nullptr, "no broker came up");
  }

  std::uint16_t plain() const { return plain_; }
  std::uint16_t tls() const { return tls_; }
  const std::string& file() const { return file_; }
  Process& process() { return *process_; }

 private:
  void add_user(const std::string& user) {
    const std::string passwd = (directory_.path() / "passwd").string();
    if (!std::filesystem::exists(passwd)) directory_.write("passwd", "");
    const Exit added =
        support::run({.argv = {"mosquitto_passwd", "-b", passwd, user, user + "'s word"}});
    REQUIRE_MESSAGE(added.code == 0, added.err);
  }

  bool start(Kind kind) {
    plain_ = support::free_port();
    tls_ = support::free_port();
    std::string text = read_fixture("mosquitto.conf");
    replace_all(text, "@HOUSE@", directory_.path().string());
    replace_all(text, "@PLAIN@", std::to_string(plain_));
    replace_all(text, "@TLS@", std::to_string(tls_));
    file_ = directory_.write("mosquitto.conf", text);
    const bool is_mosquitto = kind == Kind::mosquitto;
    process_ = std::make_unique<Process>(Command{
        .argv = {is_mosquitto ? "mosquitto" : support::tool("mq-broker-lite"), "-c", file_}});
    return is_mosquitto ? process_->wait_for_error(" running").has_value()
                        : process_->wait_for_line(std::to_string(tls_) + " (TLS)").has_value();
  }

  support::TempDir directory_;
  std::uint16_t plain_ = 0;
  std::uint16_t tls_ = 0;
  std::string file_;
  std::unique_ptr<Process> process_;
};

Arguments as(const std::string& user) { return {"-u", user, "-P", user + "'s word"}; }

Exit publish_as(std::uint16_t port, const Arguments& who, const Arguments& what) {
  return support::run(pub(port, who + Arguments{"-q", "1"} + what, Family::mosquitto));
}

}  // namespace

TEST_CASE("a house's configuration for mosquitto 2.0 works unchanged, on both brokers alike") {
  for (const Kind kind : {Kind::mosquitto, Kind::mq_broker_lite}) {
    CAPTURE(support::name(kind));
    FurnishedHouse home(kind);
    const Arguments wanted = {"-t", "home/#", "-q", "1", "-C", "1", "-W", "30", "-v"};

    // A retained message tells each subscriber what came of the ones before it.
    const std::string topic = "home/sensors/cellar/humidity";
    CHECK(publish_as(home.plain(), as("cellar"), {"-t", "home/sensors/attic/x", "-m", "1", "-r"})
              .code == 0);
    CHECK(publish_as(home.plain(), as("cellar"), {"-t", topic, "-m", "70 %", "-r"}).code == 0);
    const Exit over_tls =
        support::run(sub(home.tls(), as("anna") + trusting() + wanted, Family::mosquitto));
    CHECK(over_tls.out == topic + " 70 %\n");

    CHECK(publish_as(home.tls(), as("anna") + trusting(),
                     {"-t", "home/devices/lamp/power", "-m", "on", "-r"})
              .code == 0);
    const Exit lamp = support::run(sub(
        home.plain(),
        as("cellar") + Arguments{"-i", "lamp", "-t", "home/devices/+/power", "-C", "1", "-W", "30"},
        Family::mosquitto));
    CHECK(lamp.out == "on\n");
  }
}

TEST_CASE("a house's doors are shut for the same strangers, on both brokers alike") {
  for (const Kind kind : {Kind::mosquitto, Kind::mq_broker_lite}) {
    CAPTURE(support::name(kind));
    FurnishedHouse home(kind);
    const Arguments message = {"-t", "home/x", "-m", "1"};
    for (const Arguments& stranger :
         {Arguments{}, Arguments{"-u", "anna"}, Arguments{"-u", "anna", "-P", "wrong"},
          Arguments{"-u", "nobody here", "-P", "x"}}) {
      const Exit refused = publish_as(home.plain(), stranger, message);
      const bool is_refused = refused.code == 4 || refused.code == 5;  // Which one is a taste.
      CHECK_MESSAGE(is_refused, refused.code);
    }
    // In plain to the port for TLS, and without trust in its certificate.
    CHECK(publish_as(home.tls(), as("anna"), message).code != 0);
    CHECK(
        publish_as(home.tls(), as("anna") + Arguments{"--cafile", house().broker.certfile}, message)
            .code != 0);
  }
}

TEST_CASE("--check-config finds the house in order, with a broker in it and without") {
  FurnishedHouse home(Kind::mq_broker_lite);
  const Exit checked = support::run(
      {.argv = {support::tool("mq-broker-lite"), "-c", home.file(), "--check-config"}});
  CHECK(checked.code == 0);
  CHECK(checked.out == "mq-broker-lite: the configuration is in order\n");
  CHECK(checked.err == "");
}
