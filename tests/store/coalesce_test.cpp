#include "libmqtt/store/coalesce.hpp"

#include <doctest/doctest.h>

#include "tests/store/changes.hpp"

using namespace mqtt;
using namespace mqtt::store::test;
using mqtt::change::Arrived, mqtt::change::Dequeued, mqtt::change::MessageDropped;
using mqtt::change::Released, mqtt::change::RetainedErased, mqtt::change::RetainedSet;
using mqtt::change::SessionEnded, mqtt::change::Unsubscribed;

namespace {
constexpr auto kReleased = OutgoingFlights::Stage::pubrel_sent;
Change erased(std::string_view topic) { return RetainedErased{Bytes::copy(topic)}; }
Change unsubscribed(std::uint64_t session, std::string_view filter) {
  return Unsubscribed{session, Bytes::copy(filter)};
}
}  // namespace

TEST_CASE("what a batch does not take back is left as it is, in order") {
  const std::vector<Change> changes{session(1),          subscribed(1, "a/#"), kept(1),
                                    queued(1, 1, 1),     Arrived{1, 7},        RetainedSet{1},
                                    Dequeued{2, 5},      Released{2, 7},       MessageDropped{9},
                                    SessionEnded{3},     erased("x"),          sent(2, 6, 1),
                                    unsubscribed(1, "b")};
  CHECK(coalesced(changes) == lines_of(changes));
}

TEST_CASE("a message that came and went leaves nothing") {
  CHECK(coalesced({kept(1), queued(1, 1, 1), sent(1, 1, 10), sent(1, 1, 10, kReleased),
                   Dequeued{1, 1}, MessageDropped{1}})
            .empty());
}

TEST_CASE("a message that is still under way is written once, as it stands last") {
  const Change last = sent(1, 1, 10, kReleased);
  CHECK(coalesced({queued(1, 1, 1), sent(1, 1, 10), last}) ==
        Lines{text_of(queued(1, 1, 1)), "+" + text_of(last)});
  CHECK(coalesced({sent(1, 1, 10), sent(1, 2, 11), last}) == lines_of({sent(1, 2, 11), last}));
}

TEST_CASE("what an earlier batch has written is deleted, without what came between") {
  CHECK(coalesced({sent(1, 1, 10), Dequeued{1, 1}, MessageDropped{1}}) ==
        lines_of({Dequeued{1, 1}, MessageDropped{1}}));
}

TEST_CASE("positions of two sessions are two things") {
  const std::vector<Change> changes{queued(1, 1, 1), Dequeued{2, 1}};
  CHECK(coalesced(changes) == lines_of(changes));
}

TEST_CASE("of records and subscriptions the last one counts") {
  CHECK(coalesced({session(1, "a"), session(2, "b"), session(1, "c")}) ==
        lines_of({session(2, "b"), session(1, "c")}));
  CHECK(coalesced({subscribed(1, "f"), subscribed(2, "f"), unsubscribed(1, "f")}) ==
        lines_of({subscribed(2, "f"), unsubscribed(1, "f")}));
  CHECK(coalesced({unsubscribed(1, "f"), subscribed(1, "f", Qos::exactly_once)}) ==
        lines_of({subscribed(1, "f", Qos::exactly_once)}));
}

TEST_CASE("of a session that ends, only the end is written") {
  CHECK(coalesced({session(1), subscribed(1, "f"), unsubscribed(1, "g"), kept(1), queued(1, 1, 1),
                   queued(2, 1, 1), sent(1, 1, 3), Dequeued{1, 4}, Arrived{1, 1}, Released{1, 2},
                   SessionEnded{1}}) == lines_of({kept(1), queued(2, 1, 1), SessionEnded{1}}));
}

TEST_CASE("a packet identifier that was taken and freed leaves nothing, also when used again") {
  CHECK(coalesced({Arrived{1, 1}, Released{1, 1}}).empty());
  CHECK(coalesced({Arrived{1, 1}, Released{1, 1}, Arrived{1, 1}}) == lines_of({Arrived{1, 1}}));
  CHECK(coalesced({Arrived{1, 1}, Released{1, 1}, Arrived{1, 1}, Released{1, 1}}).empty());
}

TEST_CASE("a packet identifier that the store knows is not forgotten by its second use") {
  CHECK(coalesced({Released{1, 1}, Arrived{1, 1}}) == lines_of({Arrived{1, 1}}));
  CHECK(coalesced({Released{1, 1}, Arrived{1, 1}, Released{1, 1}}) == lines_of({Released{1, 1}}));
}

TEST_CASE("of a topic's retained messages the last one counts") {
  CHECK(coalesced({kept(1, "t"), RetainedSet{1}, kept(2, "t"), RetainedSet{2}, MessageDropped{1},
                   kept(3, "u"), RetainedSet{3}}) ==
        lines_of({kept(2, "t"), RetainedSet{2}, kept(3, "u"), RetainedSet{3}}));
  CHECK(coalesced({kept(1, "t"), RetainedSet{1}, erased("t"), MessageDropped{1}}) ==
        lines_of({erased("t")}));
  CHECK(coalesced({erased("t"), kept(1, "t"), RetainedSet{1}}) ==
        lines_of({kept(1, "t"), RetainedSet{1}}));
}

TEST_CASE("a retained message whose body came earlier keeps its place among the others") {
  const std::vector<Change> changes{RetainedSet{1}, kept(2, "t"), RetainedSet{2}};
  CHECK(coalesced(changes) == lines_of(changes));
}
