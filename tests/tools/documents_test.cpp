#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "tools/common/render_completion.hpp"
#include "tools/common/render_help.hpp"
#include "tools/common/render_man.hpp"
#include "tools/mq-pub/options.hpp"
#if __has_include("tools/mq-sub/options.hpp")
#include "tools/mq-sub/options.hpp"
#endif
#if __has_include("tools/mq-broker-lite/options.hpp")
#include "tools/mq-broker-lite/options.hpp"
#include "tools/mq-broker-lite/passwd.hpp"
#include "tools/mq-broker-lite/render_keys.hpp"
#endif
#if __has_include("tools/mq-bench/options.hpp")
#include "tools/mq-bench/options.hpp"
#endif

namespace {

/// The tools, each with options to write into that live as long as the test.
struct Tools {
  std::vector<cli::Tool> all;
  mq_pub::Options mq_pub;
#if __has_include("tools/mq-sub/options.hpp")
  mq_sub::Options mq_sub;
#endif
#if __has_include("tools/mq-broker-lite/options.hpp")
  mq_broker_lite::Options mq_broker_lite;
  mq_broker_lite::PasswdOptions passwd;
#endif
#if __has_include("tools/mq-bench/options.hpp")
  mq_bench::Options mq_bench;
#endif

  Tools() {
    all.push_back(describe(mq_pub));
#if __has_include("tools/mq-sub/options.hpp")
    all.push_back(describe(mq_sub));
#endif
#if __has_include("tools/mq-broker-lite/options.hpp")
    all.push_back(describe(mq_broker_lite));
    all.push_back(describe(passwd));
#endif
#if __has_include("tools/mq-bench/options.hpp")
    all.push_back(describe(mq_bench));
#endif
  }
};

void check_committed(const std::string& path, const std::string& generated) {
  std::ifstream file(std::filesystem::path(MQ_SOURCE_DIR) / path, std::ios::binary);
  const std::string committed{std::istreambuf_iterator<char>(file), {}};
  const bool is_equal = committed == generated;  // A whole page in the output helps nobody.
  CHECK_MESSAGE(is_equal, path << " is missing or old: run scripts/regen-docs");
}

TEST_CASE("man pages and completions are committed as the option tables make them") {
  for (const cli::Tool& tool : Tools().all) {
    std::string name(tool.name);
    const bool is_subcommand = name.contains(' ');
    std::ranges::replace(name, ' ', '-');
    CAPTURE(name);
    check_committed("man/" + name + ".1", cli::render_man(tool));
    if (is_subcommand) continue;  // The tool's own completions offer it.
    check_committed("completions/bash/" + name, cli::render_bash_completion(tool));
    check_committed("completions/zsh/_" + name, cli::render_zsh_completion(tool));
    check_committed("completions/fish/" + name + ".fish", cli::render_fish_completion(tool));
  }
}

TEST_CASE("the broker's table of keys is committed as its rows make it") {
  check_committed("tools/mq-broker-lite/KEYS.md", mq_broker_lite::render_keys());
}

TEST_CASE("every row has a unique name and letter, a group, a help line and a setter") {
  for (const cli::Tool& tool : Tools().all) {
    std::set<std::string_view> names;
    std::set<char> letters;
    for (const cli::Option& option : cli::all_options(tool)) {
      CAPTURE(std::string(tool.name));
      CAPTURE(std::string(option.name));
      CHECK(option.name.size() >= 2);
      CHECK(names.insert(option.name).second);
      if (option.letter != '\0') CHECK(letters.insert(option.letter).second);
      CHECK(!option.group.empty());
      CHECK(!option.help.empty());
      const bool is_built_in =
          option.name == "help" || option.name == "version" || cli::is_config(option);
      CHECK((is_built_in || option.set));
      if (!option.man.empty()) CHECK(option.man.ends_with('.'));
    }
  }
}

TEST_CASE("--help shows every flag with its value and default, within 100 columns") {
  for (const cli::Tool& tool : Tools().all) {
    const std::string help = cli::render_help(tool);
    for (const cli::Option& option : cli::all_options(tool)) {
      CAPTURE(std::string(option.name));
      const std::string value = option.is_flag() ? "" : " " + std::string(option.value);
      CHECK(help.find("--" + std::string(option.name) + value) != std::string::npos);
    }
    for (std::size_t start = 0; start < help.size();) {
      const std::size_t end = help.find('\n', start);
      CHECK_MESSAGE(end - start <= 100, help.substr(start, end - start));
      start = end + 1;
    }
  }
}

TEST_CASE("the man page protects what roff would take for its own") {
  cli::Tool tool;
  tool.name = "x-y";
  tool.summary = "a back\\slash";
  tool.description = ".not a macro\n\n'nor this";
  const std::string page = cli::render_man(tool);
  CHECK(page.find("x\\-y \\- a back\\eslash\n") != std::string::npos);
  CHECK(page.find(".SH DESCRIPTION\n\\&.not a macro\n.PP\n\\&'nor this\n") != std::string::npos);
}

TEST_CASE("completions offer the fixed choices and files") {
  cli::Tool tool;
  tool.name = "x-y";
  tool.positional_choices = {"one", "two"};
  tool.options = {{.name = "qos",
                   .letter = 'q',
                   .value = "QOS",
                   .group = "G",
                   .help = "it's [so]",
                   .choices = {"0", "1"}},
                  {.name = "file",
                   .value = "FILE",
                   .group = "G",
                   .help = "f",
                   .hint = cli::Option::Hint::file}};
  const std::string bash = cli::render_bash_completion(tool);
  CHECK(bash.find("-q|--qos)\n      mapfile -t COMPREPLY < <(compgen -W '0 1' ") !=
        std::string::npos);
  CHECK(bash.find("compgen -f ") != std::string::npos);
  CHECK(bash.find("compgen -W 'one two' ") != std::string::npos);
  const std::string zsh = cli::render_zsh_completion(tool);
  CHECK(zsh.find("'*--qos=''[it'\\''s \\[so\\]]:QOS:(0 1)'") != std::string::npos);
  CHECK(zsh.find(":FILE:_files'") != std::string::npos);
  const std::string fish = cli::render_fish_completion(tool);
  CHECK(fish.find("complete -c x-y -s q -l qos -x -a '0 1' -d 'it\\'s [so]'\n") !=
        std::string::npos);
  CHECK(fish.find("-l file -r -F") != std::string::npos);
}

}  // namespace
