#include "tools/mq-bench/config_record.hpp"

#include <doctest/doctest.h>

#include <set>

#include "tests/tools/bench_line.hpp"

using namespace mq_bench;
using support::error_of;
using support::read_line;

namespace {

using Words = std::vector<std::string>;

std::map<std::string, std::string> recorded(const Words& more) {
  Words words{"pair"};
  words.insert(words.end(), more.begin(), more.end());
  const auto line = read_line(words);
  CHECK_MESSAGE(line->error.empty(), line->error);
  return record(line->options);
}

std::string url(const Words& more) {
  Words words{"pair"};
  words.insert(words.end(), more.begin(), more.end());
  return broker_url(read_line(words)->options);
}

}  // namespace

TEST_CASE("runs that speak to the broker in different ways have different records") {
  const std::set<std::map<std::string, std::string>> records{
      recorded({}),
      recorded({"--ws"}),
      recorded({"--insecure", "--tls-use-os-certs"}),
      recorded({"--ws", "--insecure", "--tls-use-os-certs"}),
      recorded({"--unix", "/run/broker"}),
      recorded({"--proxy", "socks5h://x"}),
      recorded({"--proxy", "http://x"}),
      recorded({"-D", "connect", "receive-maximum", "10"}),
      recorded({"-D", "connect", "receive-maximum", "11"}),
      recorded({"-D", "publish", "user-property", "a", "b"}),
      recorded({"-D", "publish", "user-property", "a", "c"})};
  CHECK(records.size() == 11);
  CHECK(recorded({"-D", "publish", "user-property", "a", "b", "-D", "publish", "content-type",
                  "text"})["publish_properties"] == "user-property a=b, content-type=text");
}

TEST_CASE("where the broker is and who speaks is no part of the record") {
  const auto same = recorded({});
  CHECK(recorded({"-h", "elsewhere,there", "-p", "99"}) == same);
  CHECK(recorded({"-u", "me", "-P", "secret"}) == same);
  CHECK(recorded({"--proxy", "http://a:b@x:1"}) == recorded({"--proxy", "http://y"}));
  CHECK(recorded({"--unix", "/a"}) == recorded({"--unix", "/b"}));
  const auto secret = recorded({"-D", "connect", "authentication-method", "m", "-D", "connect",
                                "authentication-data", "secret"});
  CHECK(secret.at("connect_properties") == "authentication-method=m, authentication-data");
}

TEST_CASE("the broker's address is told with its scheme, and all of several hosts") {
  CHECK(url({"-h", "a"}) == "mqtt://a:1883");
  CHECK(url({"-h", "a,::1", "-p", "99", "--ws"}) == "ws://a:99 ws://[::1]:99");
  CHECK(url({"--url", "mqtts://user:secret@a", "--insecure"}) == "mqtts://a:8883");
  CHECK(url({"--unix", "/run/broker"}) == "unix:/run/broker");
}

TEST_CASE("the name of a run can stand in topics and client ids") {
  CHECK(error_of({"pair", "--run-id", "Az09-_.x"}).empty());
  CHECK(error_of({"pair", "--run-id", std::string(64, 'x')}).empty());
  for (const std::string& name :
       {std::string(), std::string("a/b"), std::string("a#"), std::string("+"), std::string("a b"),
        std::string("\xC3\xA4"), std::string(65, 'x')}) {
    CAPTURE(name);
    const std::string error = error_of({"pair", "--run-id", name});
    CHECK(error.starts_with("--run-id: '"));
    CHECK(error.ends_with("is not a name of a run: 1 to 64 letters, digits, -, _ and dots"));
  }
}
