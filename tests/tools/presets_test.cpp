#include "tools/common/presets.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "tests/support/temp_dir.hpp"
#include "tools/common/parse.hpp"
#include "tools/mq-pub/options.hpp"
#include "tools/mq-sub/options.hpp"

namespace {

using Words = std::vector<std::string>;

/// A home with configuration files, and variables.
struct Home {
  support::TempDir directory;
  std::map<std::string, std::string> variables;

  Home() {
    std::filesystem::create_directory(directory.path() / "mq-tools");
    variables["XDG_CONFIG_HOME"] = directory.path();
  }
  std::string path(const std::string& name) const { return directory.path() / name; }
  cli::Environment environment() const {
    return [this](const char* name) -> std::optional<std::string> {
      const auto found = variables.find(name);
      if (found == variables.end()) return std::nullopt;
      return found->second;
    };
  }
};

/// A tool in that home; parse() gives the error, if any.
template <class Options>
struct Tool {
  Options options;
  cli::Tool tool = describe(options);
  std::string parse(const Home& home, const Words& words) {
    const auto parsed = cli::parse(tool, words, home.environment());
    return parsed ? "" : parsed.error();
  }
};
using Pub = Tool<mq_pub::Options>;
using Sub = Tool<mq_sub::Options>;

TEST_CASE("the command line outweighs the tool's file, that the shared one, that the environment") {
  Home home;
  home.variables["MQTT_HOST"] = "variable";
  home.variables["MQTT_PORT"] = "1";
  home.variables["MQTT_USERNAME"] = "ann";
  home.variables["MQTT_PASSWORD"] = "secret";
  home.directory.write("mq-tools/config", "-h shared\n--port 2\n-k 22\n-q 1\n");
  home.directory.write("mq-tools/mq-pub", "-p 3\n-q 2\n");
  Pub pub;
  CHECK(pub.parse(home, {"-t", "a", "-n", "-q", "0"}) == "");
  CHECK(pub.options.connection.address.host == "shared");
  CHECK(pub.options.connection.port == 3);
  CHECK(pub.options.connection.keep_alive == 22);
  CHECK(pub.options.connection.username == "ann");
  CHECK(pub.options.connection.password == "secret");
  CHECK(pub.options.qos == 0);
  Sub sub;
  CHECK(sub.parse(home, {"-t", "a"}) == "");
  CHECK(sub.options.connection.port == 2);
}

TEST_CASE("a value in a file goes to the end of its line, blanks and quotes included") {
  Home home;
  home.directory.write("mq-tools/mq-pub",
                       "# a comment\r\n\r\n-t  Maison/Salon  d'en haut \r\n-m \"21 °C\"\n"
                       "-D publish user-property place au bout  du fil\n--retain\n");
  Pub pub;
  CHECK(pub.parse(home, {}) == "");
  CHECK(pub.options.topics == Words{"Maison/Salon  d'en haut"});
  CHECK(pub.options.text == "\"21 °C\"");
  CHECK(pub.options.retain);
  const auto properties = pub.options.connection.properties.build(mqtt::PropertyPlace::publish);
  CHECK(properties.wire().view().ends_with("au bout  du fil"));
}

TEST_CASE("a line may be written --option=value, too") {
  Home home;
  home.directory.write("mq-tools/mq-pub", "--host=broker\n-t=a=b\n--message=one  and  two\n");
  Pub pub;
  CHECK(pub.parse(home, {}) == "");
  CHECK(pub.options.connection.address.host == "broker");
  CHECK(pub.options.topics == Words{"a=b"});
  CHECK(pub.options.text == "one  and  two");
}

TEST_CASE("a topic of the command line replaces mq-pub's, and adds to mq-sub's") {
  Home home;
  home.directory.write("mq-tools/config", "-t file\n");
  Pub pub;
  CHECK(pub.parse(home, {"-t", "argv", "-n"}) == "");
  CHECK(pub.options.topics == Words{"argv"});
  Sub sub;
  CHECK(sub.parse(home, {"-t", "argv"}) == "");
  CHECK(sub.options.topics == Words{"file", "argv"});
}

TEST_CASE("-o replaces all other files; one that is missing is an error") {
  Home home;
  home.directory.write("mq-tools/config", "-q 1\n");
  const std::string other = home.directory.write("other", "-h other\n");
  Pub pub;
  CHECK(pub.parse(home, {"-o", other, "-t", "a", "-n"}) == "");
  CHECK(pub.options.connection.address.host == "other");
  CHECK(pub.options.qos == 0);
  const std::string missing = home.path("missing");
  CHECK(Pub().parse(home, {"-o", missing, "-t", "a", "-n"}) ==
        missing + ": No such file or directory");
  CHECK(Pub().parse(home, {"-o", other, "-o", other}) == "-o: given twice");
}

TEST_CASE("mosquitto's file is read only when there is none of ours, and found below HOME too") {
  Home home;
  home.directory.write("mosquitto_sub", "-h theirs\n");
  home.directory.write("mosquitto_pub", "-h wrong\n");
  Sub sub;
  CHECK(sub.parse(home, {"-t", "a"}) == "");
  CHECK(sub.options.connection.address.host == "theirs");
  home.directory.write("mq-tools/config", "-h ours\n");
  Sub again;
  CHECK(again.parse(home, {"-t", "a"}) == "");
  CHECK(again.options.connection.address.host == "ours");

  std::filesystem::create_directories(home.directory.path() / ".config/mq-tools");
  home.directory.write(".config/mq-tools/mq-sub", "-h home\n");
  home.variables = {{"HOME", home.directory.path()}, {"XDG_CONFIG_HOME", "relative"}};
  Sub below_home;
  CHECK(below_home.parse(home, {"-t", "a"}) == "");
  CHECK(below_home.options.connection.address.host == "home");
}

TEST_CASE("a mistake in a file is named by file and line, one in a variable by its name") {
  Home home;
  const std::string place = home.path("mq-tools/mq-pub") + ":2: ";
  const struct {
    std::string line;
    std::string error;
  } cases[] = {
      {"-p abc", "-p: 'abc' is not a port (1..65535); a password is given by -P"},
      {"-p", "-p: needs PORT"},
      {"--zzz 1", "unknown option '--zzz'"},
      {"host broker", "each line begins with an option, like --host"},
      {"-r yes", "unexpected word 'yes': a value with spaces needs quotes"},
      {"-D publish content-type", "-D: needs CMD NAME VALUE"},
      {"-o other", "-o is for the command line only"},
      {"--help", "--help is for the command line only"},
  };
  for (const auto& [line, error] : cases) {
    CAPTURE(line);
    home.directory.write("mq-tools/mq-pub", "-q 1\n" + line + "\n");
    CHECK(Pub().parse(home, {"-t", "a", "-n"}) == place + error);
  }
  home.directory.write("mq-tools/mq-pub", "");
  home.variables["MQTT_PORT"] = "x";
  CHECK(Pub().parse(home, {"-t", "a", "-n"}).starts_with("MQTT_PORT: --port: 'x' is not a port"));
  CHECK(Pub().parse(home, {"-t", "a", "-n", "-p", "1"}) == "");
}

TEST_CASE("what is asked by --help or mistyped does not depend on files") {
  Home home;
  home.directory.write("mq-tools/config", "--zzz\n");
  CHECK(Pub().parse(home, {"--help"}) == "");
  CHECK(Pub().parse(home, {"-z"}) == "unknown option '-z'");
}

TEST_CASE("a password comes out of a file without its line end, and the last source counts") {
  Home home;
  const std::string file = home.directory.write("pw", "two words \r\n");
  const std::string empty = home.directory.write("empty", "\n");
  Pub pub;
  CHECK(pub.parse(home, {"-t", "a", "-n", "-u", "ann", "--password-file", file}) == "");
  CHECK(pub.options.connection.password == "two words ");
  Pub later;
  CHECK(later.parse(home, {"-t", "a", "-n", "-u", "ann", "-P", "-", "--password-file", file}) ==
        "");
  CHECK(later.options.connection.password == "two words ");
  CHECK(Pub().parse(home, {"--password-file", empty}) ==
        "--password-file: '" + empty + "' holds no password");
  const std::string missing = home.path("missing");
  CHECK(Pub().parse(home, {"--password-file", missing}) ==
        "--password-file: '" + missing + "': no such file or directory");
}

}  // namespace
