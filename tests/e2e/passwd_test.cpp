#include <doctest/doctest.h>
#include <pty.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/process.hpp"
#include "tests/support/temp_dir.hpp"

using support::Exit;

namespace {

Exit passwd(std::vector<std::string> arguments, const std::string& input = {}) {
  std::vector<std::string> argv = {support::tool("mq-broker-lite"), "passwd"};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return support::run({.argv = argv, .input = input});
}

std::string content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

mode_t mode_of(const std::string& path) {
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777U;
}

std::size_t files_in(const std::filesystem::path& directory) {
  return static_cast<std::size_t>(
      std::distance(std::filesystem::directory_iterator(directory), {}));
}

/// passwd on a terminal of its own.
class OnTerminal {
 public:
  explicit OnTerminal(const std::string& file, const std::string& user) {
    const std::string tool = support::tool("mq-broker-lite");
    int terminal = -1;
    pid_ = ::forkpty(&terminal, nullptr, nullptr, nullptr);
    if (pid_ == 0) {
      sigset_t none;
      ::sigemptyset(&none);
      ::sigprocmask(SIG_SETMASK, &none, nullptr);
      ::signal(SIGINT, SIG_DFL);  // A shell's background job ignores it.
      ::execl(tool.c_str(), tool.c_str(), "passwd", "-H", "pbkdf2-sha512", file.c_str(),
              user.c_str(), nullptr);
      ::_exit(127);
    }
    REQUIRE(pid_ > 0);
    terminal_ = support::Descriptor(terminal);
  }
  void type(std::string_view text) {
    REQUIRE(::write(terminal_.number(), text.data(), text.size()) ==
            static_cast<ssize_t>(text.size()));
  }
  /// Reads until the screen ends with this; an empty text: until the end.
  void wait_for(std::string_view text) {
    std::array<char, 256> buffer{};
    while (text.empty() || !screen.ends_with(text)) {
      const ssize_t count = ::read(terminal_.number(), buffer.data(), buffer.size());
      if (count <= 0) break;
      screen.append(buffer.data(), static_cast<std::size_t>(count));
    }
    CHECK(screen.ends_with(text));
  }
  int status() {
    wait_for({});
    int status = -1;
    ::waitpid(pid_, &status, 0);
    return status;
  }
  std::string screen;

 private:
  pid_t pid_ = -1;
  support::Descriptor terminal_;
};

}  // namespace

TEST_CASE("passwd begins a file that only its owner reads, and adds, changes and removes users") {
  const support::TempDir directory;
  const std::string file = directory.path() / "users";
  CHECK(passwd({"-c", file, "ann"}, "secret\n").code == 0);
  CHECK(mode_of(file) == 0600);
  const std::string ann = content(file);
  CHECK(ann.starts_with("ann:$argon2id$v=19$m=19456,t=2,p=1$"));
  CHECK(passwd({"-H", "pbkdf2-sha512", file, "ben"}, "secret").code == 0);
  CHECK(content(file).starts_with(ann + "ben:$7$"));
  CHECK(passwd({"--hash=scram-sha-256", file, "ann"}, "other\r\n").code == 0);
  CHECK(content(file).starts_with("ann:$scram-sha-256$15000$"));
  CHECK(passwd({"-D", file, "ann"}).code == 0);
  CHECK(content(file).starts_with("ben:$7$"));
  CHECK(passwd({"-c", "-b", file, "cleo", "secret"}).code == 0);
  CHECK(content(file).starts_with("cleo:$argon2id$"));
  CHECK(files_in(directory.path()) == 1);
}

TEST_CASE("passwd begins a file that is named without a directory in the working one") {
  const support::TempDir directory;
  const std::string command = "cd '" + directory.path().string() + "' && exec '" +
                              support::tool("mq-broker-lite") + "' passwd -c users ann";
  const Exit end = support::run({.argv = {"/bin/sh", "-c", command}, .input = "secret\n"});
  CHECK(end.err == "");
  CHECK(end.code == 0);
  CHECK(content(directory.path() / "users").starts_with("ann:$argon2id$"));
}

TEST_CASE("passwd keeps mode, comments and the link that it came by") {
  const support::TempDir directory;
  const std::string file = directory.write("users", "# people\r\n\r\nann:secret\r\n");
  REQUIRE(::chmod(file.c_str(), 0640) == 0);
  const std::string link = directory.path() / "link";
  std::filesystem::create_symlink("users", link);
  CHECK(passwd({"-U", link}).code == 0);
  CHECK(std::filesystem::is_symlink(link));
  CHECK(mode_of(file) == 0640);
  CHECK(content(file).starts_with("# people\r\n\r\nann:$argon2id$"));
  CHECK(content(file).ends_with("\r\n"));
}

TEST_CASE("passwd says in one line what is wrong, and changes nothing") {
  const support::TempDir directory;
  const std::string plain = directory.write("plain", "ann:secret\n");
  const std::string empty = directory.write("empty", "");
  const std::string missing = directory.path() / "missing";
  struct Case {
    std::vector<std::string> arguments;
    std::string input;
    std::string error;
  };
  const std::vector<Case> cases = {
      {{missing, "ann"}, "secret", missing + ": No such file or directory"},
      {{directory.path(), "ann"}, "secret", directory.path().string() + ": is a directory"},
      {{"-c", directory.path(), "ann"}, "secret", directory.path().string() + ": Is a directory"},
      {{"-c", "/nowhere/users", "ann"}, "secret", "/nowhere/users: No such file or directory"},
      {{plain, "ben"},
       "secret",
       plain + ":1: 'ann': no hash begins like this: $7$, $6$, $argon2id$ or $scram-sha-256$ "
               "(nothing was changed)"},
      {{"-D", plain, "ben"}, "", plain + ": 'ben' is not there"},
      {{empty, "ann"}, "", "no password on stdin"},
      {{empty, "ann"}, "\n", "an empty password"},
      {{empty, "ann"}, std::string(70'000, 'x'), "a password of more than 65535 bytes"},
      {{"-H", "scram-sha-256", empty, "ann"}, "\x07\n", "a password with control characters"},
      {{empty, "a:b"}, "", "a user name with ':'"},
      {{empty, "#a"}, "", "a user name that begins with '#'"},
      {{empty, ""}, "", "an empty user name"},
      {{empty}, "", "needs FILE and USER"},
      {{empty, "ann", "secret"}, "", "needs FILE and USER"},
      {{"-b", empty, "ann"}, "", "-b: needs FILE, USER and PASSWORD"},
      {{"-U", empty, "ann"}, "", "-U: needs FILE and nothing more"},
      {{"-c", "-D", empty, "ann"}, "", "-c, -D and -U exclude each other"},
      {{"-H", "md5", empty, "ann"},
       "",
       "-H: 'md5' is not a kind of hash (argon2id, scram-sha-256 or pbkdf2-sha512)"},
  };
  for (const Case& each : cases) {
    const Exit exit = passwd(each.arguments, each.input);
    CHECK(exit.code == 1);
    CHECK(exit.err == "mq-broker-lite passwd: " + each.error + "\n");
    CHECK(exit.out.empty());
  }
  CHECK(content(plain) == "ann:secret\n");
  CHECK(content(empty).empty());
  CHECK(files_in(directory.path()) == 2);
}

TEST_CASE("users that are added at the same time are all there") {
  const support::TempDir directory;
  const std::string file = directory.write("users", "");
  std::vector<std::thread> threads;
  std::vector<int> codes(8, -1);
  for (std::size_t i = 0; i < codes.size(); ++i)
    threads.emplace_back([&, i] {
      codes[i] = passwd({"-H", "pbkdf2-sha512", file, "user" + std::to_string(i)}, "x").code;
    });
  for (std::thread& thread : threads) thread.join();
  const std::string text = content(file);
  for (std::size_t i = 0; i < codes.size(); ++i) {
    CHECK(codes[i] == 0);
    CHECK(text.contains("user" + std::to_string(i) + ":$7$"));
  }
  CHECK(files_in(directory.path()) == 1);
}

TEST_CASE("on a terminal the password is typed twice and never shown") {
  const support::TempDir directory;
  const std::string file = directory.write("users", "");
  OnTerminal good(file, "ann");
  good.wait_for("Password for ann: ");
  good.type("secret\n");
  good.wait_for("The same again: ");
  good.type("secret\n");
  CHECK(good.status() == 0);
  CHECK_FALSE(good.screen.contains("secret"));
  CHECK(content(file).starts_with("ann:$7$"));

  OnTerminal differing(file, "ben");
  differing.wait_for("Password for ben: ");
  differing.type("secret\n");
  differing.wait_for("The same again: ");
  differing.type("Secret\n");
  CHECK(WEXITSTATUS(differing.status()) == 1);
  CHECK(differing.screen.contains("mq-broker-lite passwd: the two passwords differ"));
  CHECK_FALSE(content(file).contains("ben"));
}

TEST_CASE("a signal at the prompt ends passwd as it would end any program") {
  const support::TempDir directory;
  OnTerminal interrupted(directory.write("users", ""), "ann");
  interrupted.wait_for("Password for ann: ");
  interrupted.type("secr\x03");
  const int status = interrupted.status();
  CHECK(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGINT);
}
