#include <doctest/doctest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/e2e/clients.hpp"
#include "tests/support/temp_dir.hpp"

using namespace e2e;

// mq-broker-lite --store: an acknowledgement means that it is on disk. What kills at random moments
// do is scripts/crash-test's.

namespace {

struct Store {
  support::TempDir directory;
  std::string path = folder() + "/broker.store";
  Arguments option{"--store", path};

  std::string folder() const { return directory.path().string(); }
  std::string content() const {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
};

/// A subscription that waits for its messages offline.
Arguments sleeper(const std::string& client_id) {
  return {"-i", client_id, "-c", "-q", "2", "-t", "a/#"};
}

void subscribe_and_leave(std::uint16_t port, Arguments arguments) {
  arguments.push_back("-E");
  CHECK(support::run(sub(port, arguments)).code == 0);
}

std::string received(std::uint16_t port, Arguments arguments, int count) {
  arguments.insert(arguments.end(), {"-C", std::to_string(count)});
  const Exit end = support::run(sub(port, arguments));
  CHECK(end.code == 0);
  return end.out;
}

/// Files of the process may not grow beyond this size from now on: a disk that is full.
void limit_files(const Process& process, rlim_t size) {
  const rlimit limit{size, RLIM_INFINITY};
  REQUIRE(::prlimit(process.id(), RLIMIT_FSIZE, &limit, nullptr) == 0);
}

Exit refused_start(const Arguments& arguments) {
  Command command{.argv = {support::tool("mq-broker-lite"), "-p", "0"}};
  command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
  return support::run(command);
}

}  // namespace

TEST_CASE("sessions, messages and retained messages outlive SIGKILL and SIGTERM") {
  for (const int signal : {SIGKILL, SIGTERM}) {
    CAPTURE(signal);
    const Store store;
    {
      BrokerProcess broker(kLite, store.option);
      subscribe_and_leave(broker.port(), sleeper("sleeper"));
      publish(broker.port(), {"-t", "a/b", "-m", "one", "-q", "1"});
      publish(broker.port(), {"-t", "a/c", "-m", "two", "-q", "2", "-r"});
      broker.process().signal(signal);
      CHECK(broker.process().wait().code == (signal == SIGTERM ? 0 : 128 + SIGKILL));
    }
    BrokerProcess broker(kLite, store.option);
    CHECK(received(broker.port(), sleeper("sleeper"), 2) == "one\ntwo\n");
    CHECK(received(broker.port(), {"-t", "#", "-v"}, 1) == "a/c two\n");
  }
}

TEST_CASE("the store is for its owner's eyes only") {
  const Store store;
  const BrokerProcess broker(kLite, store.option);
  for (const auto& entry : std::filesystem::directory_iterator(store.folder())) {
    CAPTURE(entry.path().string());
    struct stat status {};
    REQUIRE(::stat(entry.path().c_str(), &status) == 0);
    CHECK((status.st_mode & 0777) == 0600);
  }
}

TEST_CASE("a second broker on the same store is refused, and the first goes on") {
  const Store store;
  const BrokerProcess first(kLite, store.option);
  const Exit second = refused_start(store.option);
  CHECK(second.code == 1);
  CHECK(lines_of(second.err).size() == 1);
  CHECK(second.err.find(store.path) != std::string::npos);
  CHECK(second.err.find("in use") != std::string::npos);
  publish(first.port(), {"-t", "a", "-m", "x", "-q", "1", "-r"});
}

TEST_CASE("what is no store of ours is refused and left as it is") {
  const Store store;
  std::ofstream(store.path) << "a letter to a friend\n";
  const std::string before = store.content();
  const Exit end = refused_start(store.option);
  CHECK(end.code == 1);
  CHECK(lines_of(end.err).size() == 1);
  CHECK(end.err.find(store.path) != std::string::npos);
  CHECK(store.content() == before);

  for (const std::string& path : {store.folder(), store.folder() + "/none/x"}) {
    CAPTURE(path);
    const Exit other = refused_start({"--store", path});
    CHECK(other.code == 1);
    CHECK(lines_of(other.err).size() == 1);
    CHECK(other.err.find(path) != std::string::npos);
  }
}

TEST_CASE("persistence true names the file by its directory and its name") {
  const Store store;
  BrokerProcess broker(kLite, {"--persistence", "true", "--persistence-location",
                               store.folder() + "/", "--persistence-file", "mine"});
  CHECK(std::filesystem::exists(store.folder() + "/mine"));
}

TEST_CASE("a full disk: no acknowledgement, the rest goes on, and it is well again with room") {
  const Store store;
  BrokerProcess broker(kLite, store.option);
  subscribe_and_leave(broker.port(), sleeper("sleeper"));
  const auto witness = subscribed(broker.port(), {"-t", "q0/#"});
  publish(broker.port(), {"-t", "a/before", "-m", "before", "-q", "1"});

  limit_files(broker.process(), 512);
  Process waiting(pub(broker.port(), {"-t", "a/311", "-m", "waits", "-q", "1", "-i", "old"}));
  REQUIRE(broker.process().wait_for_error("nothing is acknowledged"));
  const Exit told = support::run(
      pub(broker.port(), {"-V", "5", "-t", "a/5", "-m", "refused", "-q", "1", "-i", "new"}));
  CHECK(told.code == 0x97);
  publish(broker.port(), {"-t", "q0/x", "-m", "goes on"});
  CHECK(witness->wait_for_line("goes on"));
  CHECK(waiting.is_running());

  limit_files(broker.process(), RLIM_INFINITY);
  const Exit end = waiting.wait();
  CHECK(end.err == "");
  CHECK(end.code == 0);
  publish(broker.port(), {"-V", "5", "-t", "a/after", "-m", "after", "-q", "2"});
  broker.process().signal(SIGKILL);
  broker.process().wait();

  BrokerProcess again(kLite, store.option);
  CHECK(received(again.port(), sleeper("sleeper"), 3) == "before\nwaits\nafter\n");
}
