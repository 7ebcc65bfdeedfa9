#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "tests/support/process.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/terminal.hpp"

// The completions in the shells they are for. tests/tools/documents_test.cpp compares their text.

namespace {

/// Where the tools look for their configuration: $XDG_CONFIG_HOME.
struct Home {
  support::TempDir directory;
  Home() { std::filesystem::create_directory(directory.path() / "mq-tools"); }
  std::string path() const { return directory.path().string(); }
};

bool has_shell(const std::string& shell) {
  if (support::run({.argv = {"sh", "-c", "command -v " + shell}}).code == 0) return true;
  MESSAGE("SKIPPED: " << shell << " is not installed (scripts/setup test)");
  return false;
}

std::vector<std::string> sorted_lines(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t start = 0, end; start < text.size(); start = end + 1) {
    end = std::min(text.find('\n', start), text.size());
    lines.push_back(text.substr(start, end - start));
  }
  std::ranges::sort(lines);
  return lines;
}

/// The tools are found, as completion of hosts asks them; with a configuration of its own.
std::vector<std::string> environment(const std::string& home) {
  return {"HOME=" + home, "XDG_CONFIG_HOME=" + home, "PATH=" MQ_BIN_DIR ":/usr/bin"};
}

/// What bash would offer for the last of these words, as its readline splits them.
std::vector<std::string> bash_offers(const std::string& tool, const std::string& words,
                                     const std::string& home = "/") {
  const std::string script = "source '" MQ_SOURCE_DIR "/completions/bash/" + tool +
                             "' && COMP_WORDS=(" + tool + " " + words +
                             ") && COMP_CWORD=$((${#COMP_WORDS[@]} - 1)) && "
                             "how=($(complete -p " +
                             tool + ")) && ${how[2]} && printf '%s\\n' \"${COMPREPLY[@]}\"";
  const auto end =
      support::run({.argv = {"bash", "--norc", "-c", script}, .environment = environment(home)});
  CHECK(end.err == "");
  CHECK(end.code == 0);
  return sorted_lines(end.out);
}

/// The candidates, without their descriptions, that fish would offer for this line.
std::vector<std::string> fish_offers(const std::string& tool, const std::string& line,
                                     const Home& home = {}) {
  const std::string script =
      "source '" MQ_SOURCE_DIR "/completions/fish/" + tool + ".fish'; complete -C '" + line + "'";
  const auto end = support::run(
      {.argv = {"fish", "--no-config", "-c", script}, .environment = environment(home.path())});
  CHECK(end.err == "");
  CHECK(end.code == 0);
  auto lines = sorted_lines(end.out);
  for (std::string& offer : lines) offer = offer.substr(0, offer.find('\t'));
  return lines;
}

using Offers = std::vector<std::string>;

}  // namespace

TEST_CASE("bash completes flags, their values, files and subcommands") {
  if (!has_shell("bash")) return;
  CHECK(bash_offers("mq-pub", "--qo") == Offers{"--qos"});
  CHECK(bash_offers("mq-pub", "-q ''") == Offers{"0", "1", "2"});
  CHECK(bash_offers("mq-sub", "-t a --protocol-version 3") == Offers{"3.1", "3.1.1"});
  CHECK(bash_offers("mq-pub", "-t ''") == Offers{""});
  CHECK(bash_offers("mq-broker-lite", "pas") == Offers{"passwd"});
  CHECK(!bash_offers("mq-bench", "--").empty());
  CHECK(bash_offers("mq-bench", "list p2p") == Offers{"p2p-1k", "p2p-50k"});
  CHECK(bash_offers("mq-bench", "run ci") == Offers{"ci-smoke"});
  CHECK(bash_offers("mq-bench", "run --rate-") == Offers{"--rate-per-client"});

  const support::TempDir directory;
  for (const char* name : {"two words", "two"}) std::ofstream(directory.path() / name) << "x";
  const std::string path = directory.path() / "two";
  CHECK(bash_offers("mq-pub", "--file " + path) == Offers{path, path + " words"});
}

TEST_CASE("bash completes the value behind the = of a long flag") {
  if (!has_shell("bash")) return;
  CHECK(bash_offers("mq-pub", "--qos =") == Offers{"0", "1", "2"});
  CHECK(bash_offers("mq-pub", "--tls-version = tlsv1.3") == Offers{"tlsv1.3"});
}

TEST_CASE("bash and fish complete the host of the configuration, and commands for --exec") {
  const Home home;
  home.directory.write("mq-tools/config", "-h broker.example\n");
  home.directory.write("mq-tools/mq-sub", "-L mqtt://me:secret@other.example/a\n");
  if (has_shell("bash")) {
    CHECK(bash_offers("mq-pub", "-h brok", home.path()) == Offers{"broker.example"});
    CHECK(bash_offers("mq-sub", "--host = other", home.path()) == Offers{"other.example"});
    CHECK(bash_offers("mq-sub", "--exec mosquitto_s") == Offers{"mosquitto_sub"});
    CHECK(bash_offers("mq-sub", "-F %j") == Offers{"%j"});
    CHECK(bash_offers("mq-sub", "-D disc") == Offers{"disconnect"});
  }
  if (has_shell("fish")) {
    CHECK(fish_offers("mq-pub", "mq-pub -h brok", home) == Offers{"broker.example"});
    CHECK(fish_offers("mq-sub", "mq-sub --host=other.ex", home) == Offers{"--host=other.example"});
    CHECK(fish_offers("mq-sub", "mq-sub --exec mosquitto_su") == Offers{"mosquitto_sub"});
  }
}

TEST_CASE("a configuration is data to the shells: nothing in it is run") {
  const Home home;
  const std::string file = home.directory.path() / "made";
  home.directory.write("mq-tools/config", "-h x$(touch " + file + ")\n-h x`touch " + file + "`\n");
  if (has_shell("bash")) CHECK(bash_offers("mq-pub", "-h x", home.path()).size() == 2);
  if (has_shell("fish")) CHECK(fish_offers("mq-pub", "mq-pub -h x", home).size() == 2);
  CHECK(!std::filesystem::exists(file));
}

TEST_CASE("fish completes flags, their values and files") {
  if (!has_shell("fish")) return;
  CHECK(fish_offers("mq-pub", "mq-pub --qo") == Offers{"--qos"});
  CHECK(fish_offers("mq-pub", "mq-pub -q ") == Offers{"0", "1", "2"});
  CHECK(fish_offers("mq-sub", "mq-sub -t a --protocol-version 3") == Offers{"3.1", "3.1.1"});
  CHECK(fish_offers("mq-broker-lite", "mq-broker-lite pas") == Offers{"passwd"});
  CHECK(!fish_offers("mq-bench", "mq-bench --").empty());
  CHECK(fish_offers("mq-bench", "mq-bench list p2p") == Offers{"p2p-1k", "p2p-50k"});
  CHECK(fish_offers("mq-bench", "mq-bench con") == Offers{"conn"});

  const support::TempDir directory;
  std::ofstream(directory.path() / "two words") << "x";
  const auto files = fish_offers("mq-pub", "mq-pub --file " + directory.path().string() + "/");
  REQUIRE(files.size() == 1);
  CHECK(files[0].ends_with("words"));
}

TEST_CASE("zsh completes flags and their values on its command line") {
  if (!has_shell("zsh")) return;
  const Home home;
  home.directory.write("mq-tools/mq-pub", "-h broker.example\n");
  support::Terminal terminal;
  terminal.type("exec env PS1=zsh: XDG_CONFIG_HOME=" + home.path() +
                " PATH=" MQ_BIN_DIR ":$PATH zsh -f");
  terminal.wait_for("zsh:");
  terminal.type("fpath=(" MQ_SOURCE_DIR "/completions/zsh $fpath)");
  terminal.type("autoload -Uz compinit && compinit -D -u && clear && echo is-$((1 + 1))");
  terminal.wait_for("is-2");
  terminal.press("mq-pub --skip-e");
  terminal.press("Tab");
  terminal.wait_for("mq-pub --skip-empty");
  terminal.press("C-u");
  terminal.press("mq-pub --protocol-version=3.1.");
  terminal.press("Tab");
  terminal.wait_for("--protocol-version=3.1.1");
  terminal.press("C-u");
  terminal.press("mq-pub --host broker.ex");
  terminal.press("Tab");
  terminal.wait_for("--host broker.example");
  terminal.press("C-u");
  terminal.press("mq-sub --exec mosquitto_su");
  terminal.press("Tab");
  terminal.wait_for("--exec mosquitto_sub");
  terminal.press("C-u");
  terminal.press("mq-broker-lite pas");
  terminal.press("Tab");
  terminal.wait_for("mq-broker-lite passwd");
  terminal.press("C-u");
  terminal.press("mq-bench run ci-s");
  terminal.press("Tab");
  terminal.wait_for("mq-bench run ci-smoke");
  terminal.press("C-u");
  for (const char* tool : {"mq-sub", "mq-bench"}) {
    terminal.press(std::string(tool) + " --hel");
    terminal.press("Tab");
    terminal.wait_for(std::string(tool) + " --help");
    terminal.press("C-u");
  }
}
