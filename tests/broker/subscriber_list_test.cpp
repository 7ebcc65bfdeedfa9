#include "libmqtt/broker/subscriber_list.hpp"

#include <doctest/doctest.h>

#include <map>
#include <random>

#include "tests/broker/sessions.hpp"

namespace mqtt::broker {
namespace {

const Hash kHash;

TEST_CASE("a list is a set of sessions at every size, growing and shrinking") {
  std::mt19937 engine(11);
  for (const std::uint32_t sessions : {2U, 3U, 20U, 40U, 1'000U}) {
    CAPTURE(sessions);
    SubscriberList list;
    std::map<std::uint32_t, std::uint32_t> model;  // Session -> identifier.
    for (std::uint32_t round = 0; round < 20'000; ++round) {
      const auto number = static_cast<std::uint32_t>(engine() % sessions);
      const bool grows = round / 2'000 % 2 == 0;
      if (engine() % 4 < (grows ? 3U : 1U)) {
        CHECK(list.add(subscription(number, Qos::at_most_once, round), kHash) ==
              !model.contains(number));
        model[number] = round;
      } else {
        CHECK(list.remove(session(number), kHash) == (model.erase(number) > 0));
      }
      CHECK(list.subscriptions().size() == model.size());
      CHECK(list.empty() == model.empty());
    }
    std::map<std::uint32_t, std::uint32_t> left;
    for (const auto& held : list.subscriptions()) left[held.session.index] = held.identifier;
    CHECK((left == model));
  }
}

TEST_CASE("subscriptions stand in the order in which they came") {
  SubscriberList list;
  for (std::uint32_t n = 0; n < 50; ++n) list.add(subscription(49 - n), kHash);
  list.add(subscription(30, Qos::at_least_once), kHash);
  for (std::uint32_t n = 0; n < 50; ++n) CHECK(list.subscriptions()[n].session == session(49 - n));
}

TEST_CASE("a list with only shared groups is not empty, and has no subscription of its own") {
  SubscriberList list;
  std::uint32_t last_group_id = 0;
  CHECK(list.add_shared("g", "a", subscription(1), last_group_id));
  CHECK_FALSE(list.empty());
  CHECK(list.subscriptions().empty());
  CHECK(list.groups().size() == 1);
  CHECK(list.add(subscription(2), kHash));
  CHECK(list.remove_shared("g", session(1)));
  CHECK(list.groups().empty());
  CHECK(list.subscriptions().size() == 1);
  CHECK(list.remove(session(2), kHash));
  CHECK(list.empty());
}

}  // namespace
}  // namespace mqtt::broker
