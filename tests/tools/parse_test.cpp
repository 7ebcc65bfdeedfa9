#include "tools/common/parse.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "tools/common/setters.hpp"

namespace {

using Words = std::vector<std::string>;

/// A tool with one row of each kind, and what its rows were given.
struct Sample {
  std::string message;
  std::uint16_t port = 0;
  std::vector<std::string> topics;
  bool retain = false;
  bool debug = false;
  std::string password;
  std::vector<Words> properties;
  std::string positional;
  cli::Tool tool;

  Sample() {
    tool.name = "sample";
    tool.options = {
        {.name = "message", .letter = 'm', .value = "TEXT", .set = cli::set_text(message)},
        {.name = "port",
         .letter = 'p',
         .value = "PORT",
         .set = cli::set_number(port, {"port", 1, 65535})},
        {.name = "topic", .letter = 't', .value = "TOPIC", .set = cli::add_text(topics)},
        {.name = "retain", .letter = 'r', .set = cli::set_flag(retain)},
        {.name = "debug", .letter = 'd', .set = cli::set_flag(debug)},
        {.name = "pw",
         .letter = 'P',
         .value = "PASSWORD",
         .set = cli::set_text(password),
         .is_secret = true},
        {.name = "property",
         .letter = 'D',
         .value = "CMD NAME VALUE",
         .set =
             [this](cli::Words words) {
               properties.emplace_back(words.begin(), words.end());
               return cli::Complaint{};
             },
         .word_count = [](cli::Words words) -> std::size_t {
           return words.size() > 1 && words[1] == "user-property" ? 4 : 3;
         }}};
  }

  /// Empty when the words were taken.
  std::string parse(const Words& words) {
    const auto parsed = cli::parse(tool, words);
    return parsed ? "" : parsed.error();
  }
};

TEST_CASE("a value stands in the next word, in the same word, or behind an equals sign") {
  for (const Words& words : {Words{"-p", "1884"}, Words{"-p1884"}, Words{"-p=1884"},
                             Words{"--port", "1884"}, Words{"--port=1884"}}) {
    Sample sample;
    CAPTURE(words.front());
    CHECK(sample.parse(words) == "");
    CHECK(sample.port == 1884);
  }
}

TEST_CASE("a value may begin with a hyphen or look like an option") {
  Sample sample;
  CHECK(sample.parse({"-m", "-x", "-t", "--", "-t", "-m", "--topic", "--message=1"}) == "");
  CHECK(sample.message == "-x");
  CHECK(sample.topics == Words{"--", "-m", "--message=1"});
}

TEST_CASE("a value may be empty, hold line feeds, commas and equals signs, and be long") {
  Sample sample;
  const std::string long_text(300'000, 'x');
  CHECK(sample.parse({"-m", "", "-t", "a\nb", "--topic=a,b=c", "--topic=", "-t=" + long_text}) ==
        "");
  CHECK(sample.message.empty());
  CHECK(sample.topics == Words{"a\nb", "a,b=c", "", long_text});
}

TEST_CASE("letters of flags may stand together, the last one with its value") {
  Sample sample;
  CHECK(sample.parse({"-rdp1884", "-rt", "a"}) == "");
  CHECK(sample.retain);
  CHECK(sample.debug);
  CHECK(sample.port == 1884);
  CHECK(sample.topics == Words{"a"});
}

TEST_CASE("a repeated option calls its setter each time: scalars keep the last, lists all") {
  Sample sample;
  CHECK(sample.parse({"-p", "1", "-t", "a", "-p", "2", "-t", "b"}) == "");
  CHECK(sample.port == 2);
  CHECK(sample.topics == Words{"a", "b"});
}

TEST_CASE("an option of several words takes as many as its row says, whatever they look like") {
  Sample sample;
  CHECK(sample.parse({"-D", "publish", "content-type", "-r", "-D", "will", "user-property", "-t",
                      "--", "-rDpublish", "a", "b", "--property=connect", "c", "d"}) == "");
  REQUIRE(sample.properties.size() == 4);
  CHECK(sample.properties[0] == Words{"publish", "content-type", "-r"});
  CHECK(sample.properties[1] == Words{"will", "user-property", "-t", "--"});
  CHECK(sample.properties[2] == Words{"publish", "a", "b"});
  CHECK(sample.properties[3] == Words{"connect", "c", "d"});
  CHECK(sample.topics.empty());
  CHECK(sample.retain);
}

TEST_CASE("every mistake is one line that names the flag and the value") {
  const struct {
    Words words;
    std::string error;
  } cases[] = {
      {{"-p", "abc"}, "-p: 'abc' is not a port (1..65535)"},
      {{"--port", "10x"}, "--port: '10x' is not a port (1..65535)"},
      {{"-p"}, "-p: needs PORT"},
      {{"--port"}, "--port: needs PORT"},
      {{"-D", "a", "b"}, "-D: needs CMD NAME VALUE"},
      {{"-D", "a", "user-property", "b"}, "-D: needs CMD NAME VALUE"},
      {{"-z"}, "unknown option '-z'"},
      {{"-rz"}, "unknown option '-z'"},
      {{"--zzz=1"}, "unknown option '--zzz'"},
      {{"--por=1"}, "unknown option '--por'"},
      {{"--generat", "man"}, "unknown option '--generat'"},
      {{"--retain=1"}, "--retain: takes no value"},
      {{"-r=1"}, "-r: takes no value"},
      {{"--help=1"}, "--help: takes no value"},
      {{"stray"}, "unexpected word 'stray': a value with spaces needs quotes"},
      {{"-"}, "unexpected word '-': a value with spaces needs quotes"},
      {{""}, "unexpected word '': a value with spaces needs quotes"},
      {{"--", "-r"}, "unexpected word '-r': a value with spaces needs quotes"},
      {{"-p", "a\nb\x1b"}, "-p: 'a\\x0ab\\x1b' is not a port (1..65535)"},
  };
  for (const auto& [words, error] : cases) {
    Sample sample;
    CHECK(sample.parse(words) == error);
  }
}

TEST_CASE("a tool may take words that are no options, before and behind '--'") {
  Sample sample;
  sample.tool.set_positional = [&](const std::string& word) {
    sample.positional += word + ";";
    return word == "bad" ? "'bad' is no command" : cli::Complaint{};
  };
  CHECK(sample.parse({"pair", "-r", "--", "-r"}) == "");
  CHECK(sample.positional == "pair;-r;");
  CHECK(sample.parse({"bad"}) == "'bad' is no command");
}

TEST_CASE("the check of all options together runs last, and not for --help") {
  Sample sample;
  sample.tool.check = [&] { return sample.topics.empty() ? "no topic" : cli::Complaint{}; };
  CHECK(sample.parse({"-r"}) == "no topic");
  CHECK(sample.parse({"-t", "a"}) == "");
  sample.topics.clear();
  CHECK(sample.parse({"--help"}) == "");
}

TEST_CASE("--help, --version and --generate end the reading") {
  Sample sample;
  using Request = cli::Parsed::Request;
  CHECK(cli::parse(sample.tool, Words{"--help", "-p", "abc"})->request == Request::help);
  CHECK(cli::parse(sample.tool, Words{"-r", "--version"})->request == Request::version);
  const auto parsed = cli::parse(sample.tool, Words{"--generate", "zsh"});
  CHECK(parsed->request == Request::generate);
  CHECK(parsed->document == "zsh");
}

TEST_CASE("secrets are blanked in argv however they were written, and nothing else is") {
  Sample sample;
  std::vector<std::string> words = {"sample", "-P",           "one", "-Ptwo", "--pw=three",
                                    "-m",     "one-Ptwo-pw=", "-rP", "four",  "-P=five"};
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  CHECK(!cli::parse_command_line(sample.tool, static_cast<int>(argv.size()), argv.data()));
  CHECK(words == Words{"sample", "-P", "***", "-P***", "--pw=*****", "-m", "one-Ptwo-pw=", "-rP",
                       "****", "-P=****"});
  CHECK(sample.password == "five");
}

}  // namespace
