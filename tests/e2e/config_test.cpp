#include <doctest/doctest.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "tests/e2e/tls_house.hpp"
#include "tests/support/temp_dir.hpp"

using namespace e2e;
namespace fs = std::filesystem;

namespace {

Exit lite(const Arguments& arguments) {
  return support::run({.argv = Arguments{support::tool("mq-broker-lite")} + arguments});
}

/// Neither a start nor --check-config gets past this: one line, and the documented code.
void check_refused(const Arguments& arguments, const std::string& explanation) {
  for (const Arguments& more : {Arguments{}, Arguments{"--check-config"}}) {
    const Exit end = lite(arguments + more);
    CAPTURE(end.err);
    CHECK(end.code == 1);
    CHECK(end.out.empty());
    CHECK(std::ranges::count(end.err, '\n') == 1);
    CHECK(end.err.starts_with("mq-broker-lite: "));
    CHECK(contains(end.err, explanation));
  }
}

/// A listener on a free port of 127.0.0.1, and these lines.
const std::string kListener = "listener 0 127.0.0.1\n";

struct Files {
  support::TempDir directory;
  std::string path(std::string_view name) const { return (directory.path() / name).string(); }
  std::string config(const std::string& text) const { return directory.write("a.conf", text); }
};

}  // namespace

TEST_CASE("a configuration file that can't be read stops the start with one line that names it") {
  const Files files;
  const std::string nothing = files.path("none");
  check_refused({"-c", nothing}, nothing + ": No such file or directory");
  check_refused({"-c", files.directory.path().string()},
                files.directory.path().string() + ": Is a directory");
  const std::string file = files.config(kListener + std::string("max_qos\0 1\n", 11));
  check_refused({"-c", file}, file + ":2: the line holds a NUL byte");
  files.config("# x\n" + std::string(10 << 20, 'x'));
  check_refused({"-c", file}, file + ":2: the line is longer than 64 KiB");
  files.config(kListener + "frobnicate 1\n");
  check_refused({"-c", file}, file + ":2: unknown key 'frobnicate'");
}

TEST_CASE("files named by a configuration are as clear: password, ACL and certificates") {
  const Files files;
  const std::string binary = files.directory.write("binary", std::string("a\0b:c\n", 6));
  const std::string directory = files.directory.path().string();
  const std::string long_line = files.directory.write("long", std::string(10 << 20, 'x'));
  const std::string garbage = files.directory.write("garbage", "not a password\n");
  const std::string file = files.path("a.conf");
  for (const std::string& bad : {files.path("none"), directory, binary, long_line, garbage}) {
    CAPTURE(bad);
    files.config(kListener + "password_file " + bad + "\n");
    check_refused({"-c", file}, bad);
    files.config(kListener + "allow_anonymous true\nacl_file " + bad + "\n");
    check_refused({"-c", file}, bad);
    files.config(kListener + "certfile " + bad + "\nkeyfile " + house().broker.keyfile + "\n");
    check_refused({"-c", file}, bad);
    files.config(kListener + "certfile " + house().broker.certfile + "\nkeyfile " + bad + "\n");
    check_refused({"-c", file}, bad);
  }
  files.config(kListener + "certfile " + house().broker.certfile + "\nkeyfile " +
               house().lamp.keyfile + "\n");
  check_refused({"-c", file}, house().lamp.keyfile);
}

TEST_CASE("a file that the user may not read is refused, not passed over") {
  const Files files;
  const std::string file = files.config(kListener);
  fs::permissions(file, fs::perms::none);
  Arguments command = {support::tool("mq-broker-lite")};
  if (::geteuid() == 0) {
    // Root may read everything: somebody else starts a copy that they can reach.
    fs::permissions(files.directory.path(), fs::perms(0755));
    fs::copy_file(command[0], files.path("broker"));
    command = {"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", files.path("broker")};
  }
  const Exit end = support::run({.argv = command + Arguments{"-c", file}});
  CHECK(end.code == 1);
  CHECK(end.err == "mq-broker-lite: " + file + ": Permission denied\n");
}

TEST_CASE("an empty ACL file allows nothing") {
  const Files files;
  BrokerProcess broker(Configuration{{"listener 0 127.0.0.1", "allow_anonymous true",
                                      "acl_file " + files.directory.write("acl", "")}});
  const Exit refused =
      support::run(pub(broker.port(), {"-t", "a", "-m", "1", "-q", "1", "-V", "5"}, Family::ours));
  CHECK(refused.code == 0x87);
}

TEST_CASE("a file with CRLF line ends says the same as one without") {
  const Files files;
  const std::string file = files.config("\xEF\xBB\xBFlistener 0 127.0.0.1\r\nmax_qos 1\r\n");
  const Exit checked = lite({"-c", file, "--check-config"});
  CHECK(checked.code == 0);
  CHECK(checked.out == "mq-broker-lite: the configuration is in order\n");
  CHECK(checked.err.empty());
}

TEST_CASE("what would be open by mistake does not start") {
  const Files files;
  const std::string file = files.config("listener 0\n");
  check_refused({"-c", file}, file + ":1: this listener can be reached from the network");
  check_refused({"-b", "0.0.0.0", "-p", "0"}, "can be reached from the network");
  check_refused({"--tls-port", "0"}, "TLS needs certfile");
  check_refused({"-p", "0", "--connection", "cloud"}, "bridges are not available");
  check_refused({"-p", "0", "--user", "no such user"}, "there is no user 'no such user'");
}

TEST_CASE("SIGHUP takes all of a file or nothing, and says which") {
  BrokerProcess broker(Configuration{{"listener 0 127.0.0.1", "log_type all"}});
  CHECK(contains(broker.reload({{"listener 0 127.0.0.1", "log_type all", "frobnicate"}}),
                 ":3: unknown key 'frobnicate': everything stays as it was"));
  CHECK(contains(broker.reload({{"listener 0 127.0.0.1", "log_type all", "max_qos 0"}}),
                 "reload: max_qos: changed, and in force after a restart only"));
  CHECK(contains(broker.reload({{"listener 0 127.0.0.1", "log_type all"}}), "are read again"));
  publish(broker.port(), {"-t", "a", "-m", "still here", "-q", "2"});
}

TEST_CASE("SIGHUP takes new access rules, and keeps the old ones when the file is broken") {
  const Files files;
  const std::string acl = files.directory.write("acl", "topic write a\n");
  const Configuration configuration{
      {"listener 0 127.0.0.1", "allow_anonymous true", "log_type all", "acl_file " + acl}};
  BrokerProcess broker(configuration);
  const auto code = [&](const std::string& topic) {
    return support::run(pub(broker.port(), {"-t", topic, "-m", "1", "-q", "1", "-V", "5"})).code;
  };
  CHECK(code("a") == 0);
  CHECK(code("b") == 0x87);
  files.directory.write("acl", "topic wrote b\n");
  CHECK(contains(broker.reload(configuration), acl));
  CHECK(code("a") == 0);
  files.directory.write("acl", "topic write b\n");
  CHECK(contains(broker.reload(configuration), "are read again"));
  CHECK(code("a") == 0x87);
  CHECK(code("b") == 0);
}

TEST_CASE("the pid file stands while the broker does") {
  const Files files;
  const std::string file = files.path("pid");
  BrokerProcess broker(kLite, {"--pid-file", file});
  CHECK(fs::file_size(file) > 1);
  broker.process().signal(SIGTERM);
  CHECK(broker.process().wait().code == 0);
  CHECK_FALSE(fs::exists(file));
}

TEST_CASE("root is given up before the first client comes in") {
  if (::geteuid() != 0) {
    MESSAGE("not root: nothing to give up");
    return;
  }
  const Files files;
  fs::permissions(files.directory.path(), fs::perms(0755));
  const std::string pid = files.path("pid");
  BrokerProcess broker(kLite, {"--user", "nobody", "--pid-file", pid});
  std::string number;
  std::ifstream(pid) >> number;
  REQUIRE(fs::exists("/proc/" + number));
  publish(broker.port(), {"-t", "a", "-m", "1", "-q", "1"});
  std::ifstream lines("/proc/" + number + "/status");
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("Uid:")) CHECK(line == "Uid:\t65534\t65534\t65534\t65534");
    if (line.starts_with("Groups:")) CHECK(line == "Groups:\t65534 ");
  }
}
