#include <doctest/doctest.h>

#include <filesystem>
#include <memory>
#include <string_view>

#include "tests/e2e/clients.hpp"
#include "tests/support/temp_dir.hpp"

using namespace e2e;

namespace {

const std::string kAnnsPassword = "a word  with blanks";

/// Runs a command on a terminal of its own, types a line once it is asked, and tells what the
/// terminal showed.
constexpr std::string_view kTypist = R"(
import os, pty, sys
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[2], sys.argv[2:])
shown, answered = b'', False
while True:
    try:
        shown += os.read(terminal, 1024)
    except OSError:
        break
    if not answered and shown.endswith(b': '):
        answered = True
        os.write(terminal, sys.argv[1].encode() + b'\n')
sys.stdout.write(shown.decode())
sys.stdout.flush()
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
)";

/// A broker that only ann may use.
struct House {
  support::TempDir directory;
  std::string passwords = directory.write("passwords", "");
  std::unique_ptr<BrokerProcess> broker;

  House() {
    Command command{
        .argv = {support::tool("mq-broker-lite"), "passwd", "-b", passwords, "ann", kAnnsPassword}};
    REQUIRE(support::run(std::move(command)).code == 0);
    broker = std::make_unique<BrokerProcess>(support::Configuration{
        {"listener 0 127.0.0.1", "allow_anonymous false", "password_file " + passwords}});
    std::filesystem::create_directory(directory.path() / "mq-tools");
  }
  Command tool(const std::string& name, const Arguments& arguments) const {
    Command command{.argv = {support::tool(name)},
                    .environment = {"XDG_CONFIG_HOME=" + directory.path().string()}};
    command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
    return command;
  }
};

}  // namespace

TEST_CASE("host, port, user and password come from the shared file, for both tools") {
  House house;
  house.directory.write("mq-tools/config", "-h 127.0.0.1\n-p " + house.broker->port_text() +
                                               "\n-u ann\n-P " + kAnnsPassword + "\n");
  const auto sent = support::run(house.tool("mq-pub", {"-t", "a", "-m", "x", "-r", "-q", "1"}));
  CHECK(sent.err == "");
  CHECK(sent.code == 0);
  CHECK(support::run(house.tool("mq-sub", {"-t", "a", "-C", "1"})).out == "x\n");
}

TEST_CASE("a password comes from the environment or from a file") {
  House house;
  const std::string port = house.broker->port_text();
  const Arguments arguments{"-h", "127.0.0.1", "-p", port, "-u", "ann", "-t", "a", "-m", "x"};
  auto by_variable = house.tool("mq-pub", arguments);
  by_variable.environment.push_back("MQTT_PASSWORD=" + kAnnsPassword);
  CHECK(support::run(by_variable).code == 0);
  auto by_file = house.tool("mq-pub", arguments);
  by_file.argv.emplace_back("--password-file");
  by_file.argv.push_back(house.directory.write("pw", kAnnsPassword + "\n"));
  CHECK(support::run(by_file).code == 0);
  CHECK(support::run(house.tool("mq-pub", arguments)).code == 4);
}

TEST_CASE("-P - asks on the terminal, shows nothing of the answer, and needs a terminal") {
  House house;
  auto command = house.tool("mq-pub", {"-h", "127.0.0.1", "-p", house.broker->port_text(), "-u",
                                       "ann", "-P", "-", "-t", "a", "-m", "x"});
  auto blind = command;
  const Arguments on_terminal{"python3", "-c", std::string(kTypist), kAnnsPassword};
  command.argv.insert(command.argv.begin(), on_terminal.begin(), on_terminal.end());
  const auto end = support::run(command);
  CHECK(end.out == "Password for ann: \r\n");
  CHECK(end.code == 0);

  const Arguments off_terminal{"setsid", "-w"};
  blind.argv.insert(blind.argv.begin(), off_terminal.begin(), off_terminal.end());
  const auto refused = support::run(blind);
  CHECK(refused.err == "mq-pub: -P: there is no terminal to ask for it\n");
  CHECK(refused.code == 1);
}
