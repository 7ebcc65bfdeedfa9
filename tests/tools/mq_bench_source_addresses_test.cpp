#include "tools/mq-bench/source_addresses.hpp"

#include <doctest/doctest.h>

using mq_bench::parse_source_addresses;
using Addresses = std::vector<std::string>;

TEST_CASE("local addresses are listed one by one, as ranges and as networks") {
  CHECK(parse_source_addresses("127.0.0.2") == Addresses{"127.0.0.2"});
  CHECK(parse_source_addresses("127.0.0.254-127.0.1.1") ==
        Addresses{"127.0.0.254", "127.0.0.255", "127.0.1.0", "127.0.1.1"});
  CHECK(parse_source_addresses("127.0.1.5/30,::1") == Addresses{"127.0.1.5", "127.0.1.6", "::1"});
  CHECK(parse_source_addresses("10.0.0.7/32,10.0.0.8/31") ==
        Addresses{"10.0.0.7", "10.0.0.8", "10.0.0.9"});
  CHECK(parse_source_addresses("127.1.0.0/16")->size() == 65'534);
}

TEST_CASE("what is no local address is named") {
  for (const char* word : {"", "x", "127.0.0.2,", "127.0.0.9-127.0.0.2", "127.0.0.0/33", "::1/64",
                           "127.0.0.1-", "127.0.0.0/"}) {
    CAPTURE(word);
    const auto addresses = parse_source_addresses(word);
    REQUIRE_FALSE(addresses.has_value());
    CHECK(addresses.error().ends_with("is not a local address, a range of them or a network"));
  }
  CHECK(parse_source_addresses("127.0.0.0/8").error() ==
        "'127.0.0.0/8' is not a list of at most 65536 local addresses");
}
