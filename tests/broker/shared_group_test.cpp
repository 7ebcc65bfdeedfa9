#include "libmqtt/broker/shared_group.hpp"

#include <doctest/doctest.h>

#include "tests/broker/sessions.hpp"

namespace mqtt::broker {
namespace {

using Member = SharedGroup::Member;

SharedGroup group_of(std::uint32_t members) {
  SharedGroup group(1, "g", "a/#");
  for (std::uint32_t n = 0; n < members; ++n) group.add({session(n), {}, 0});
  return group;
}

std::uint32_t pick_any(SharedGroup& group) {
  return group.pick([](const Member&) { return true; })->session.index;
}

TEST_CASE("each message goes to one member, in turn (5.0 §4.8.2)") {
  SharedGroup group = group_of(3);
  for (const std::uint32_t expected : {0U, 1U, 2U, 0U, 1U, 2U, 0U})
    CHECK(pick_any(group) == expected);
}

TEST_CASE(
    "a member that cannot take it is passed over, and the turn goes on behind the one that can") {
  SharedGroup group = group_of(4);
  const auto is_odd = [](const Member& member) { return member.session.index % 2 == 1; };
  CHECK(group.pick(is_odd)->session.index == 1);
  CHECK(group.pick(is_odd)->session.index == 3);
  CHECK(group.pick(is_odd)->session.index == 1);
  CHECK(pick_any(group) == 2);
}

TEST_CASE("nobody is picked when no member can take it, and nobody loses the turn") {
  SharedGroup group = group_of(3);
  pick_any(group);
  CHECK(group.pick([](const Member&) { return false; }) == nullptr);
  CHECK(pick_any(group) == 1);
  SharedGroup empty = group_of(0);
  CHECK(empty.pick([](const Member&) { return true; }) == nullptr);
}

TEST_CASE("a member keeps its own granted QoS, and replacing it keeps its turn [MQTT-4.8.2-3]") {
  SharedGroup group = group_of(2);
  CHECK_FALSE(group.add({session(0), {.qos = Qos::exactly_once}, 9}));
  CHECK(group.members().size() == 2);
  const Member* first = group.pick([](const Member&) { return true; });
  CHECK(first->session == session(0));
  CHECK(first->options.qos == Qos::exactly_once);
  CHECK(first->identifier == 9);
  CHECK(group.members()[1].options.qos == Qos::at_most_once);
}

TEST_CASE("whoever leaves takes no turn away from the others") {
  for (std::uint32_t leaving = 0; leaving < 4; ++leaving) {
    CAPTURE(leaving);
    SharedGroup group = group_of(4);
    pick_any(group);
    pick_any(group);  // Next is member 2.
    CHECK(group.remove(session(leaving)));
    CHECK_FALSE(group.remove(session(leaving)));
    CHECK(pick_any(group) == (leaving == 2 ? 3 : 2));
  }
}

TEST_CASE("the last member may leave on its turn, and others may come") {
  SharedGroup group = group_of(1);
  CHECK(pick_any(group) == 0);
  CHECK(group.remove(session(0)));
  CHECK(group.empty());
  CHECK(group.add({session(5), {}, 0}));
  CHECK(pick_any(group) == 5);
}

}  // namespace
}  // namespace mqtt::broker
