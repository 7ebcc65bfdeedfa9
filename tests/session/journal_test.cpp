#include "libmqtt/session/journal.hpp"

#include <doctest/doctest.h>

#include <string>
#include <variant>
#include <vector>

using namespace mqtt;

namespace {

MessagePtr message(std::string_view topic) {
  Message made;
  made.topic = Bytes::copy(topic);
  return MessagePtr::make(std::move(made));
}

Delivery delivery(const MessagePtr& body) { return {.message = body, .qos = Qos::at_least_once}; }

template <class What>
std::size_t count_of(const std::vector<Change>& changes) {
  std::size_t count = 0;
  for (const Change& change : changes) count += std::holds_alternative<What>(change) ? 1U : 0U;
  return count;
}

}  // namespace

TEST_CASE(
    "A message's body is recorded before the first reference to it and dropped after the last") {
  Journal journal;
  const MessagePtr body = message("t");
  journal.queued(1, delivery(body), {});
  journal.queued(2, delivery(body), {});
  journal.retained_set(body, {});
  auto first = journal.take().second;
  REQUIRE(std::holds_alternative<change::MessageKept>(first.front()));
  CHECK(count_of<change::MessageKept>(first) == 1);
  CHECK(std::get<change::Queued>(first[1]).message ==
        std::get<change::MessageKept>(first.front()).message);

  journal.dequeued(1, 1, body);
  journal.received(2, 1, 7, body);
  CHECK(count_of<change::MessageDropped>(journal.take().second) == 0);
  journal.retained_erased(body);
  auto last = journal.take().second;
  REQUIRE(std::holds_alternative<change::MessageDropped>(last.back()));
  CHECK(std::get<change::MessageDropped>(last.back()).message ==
        std::get<change::MessageKept>(first.front()).message);

  journal.dequeued(2, 1, {});  // received() let go of the body already
  CHECK(journal.take().second.size() == 1);
}

TEST_CASE("A retained message lets go of the one before it") {
  Journal journal;
  const MessagePtr old = message("t");
  journal.retained_set(old, {});
  const std::uint64_t number = old.stored().number;
  journal.retained_set(message("t"), old);
  const auto changes = journal.take().second;
  REQUIRE(std::holds_alternative<change::MessageDropped>(changes.back()));
  CHECK(std::get<change::MessageDropped>(changes.back()).message == number);
}

TEST_CASE("A ticket is the batch of the latest change, and nothing once that is committed") {
  Journal journal;
  CHECK(journal.ticket() == 0);
  journal.arrived(1, 1);
  CHECK(journal.ticket() == 1);
  CHECK(journal.take().first == 1);
  CHECK(journal.ticket() == 1);  // on its way to the disk
  journal.released(1, 1);
  CHECK(journal.ticket() == 2);
  journal.committed(1);
  CHECK(journal.is_committed(1));
  CHECK_FALSE(journal.is_committed(2));
  CHECK(journal.take().first == 2);
  journal.committed(2);
  CHECK(journal.ticket() == 0);
}

TEST_CASE("Numbers of a stored state are not given again") {
  Journal journal;
  journal.restart_at(41, 17);
  CHECK(journal.new_session_number() == 42);
  const MessagePtr stored = message("old");
  Journal::refer_again(stored, 17);
  journal.queued(1, delivery(message("new")), {});
  CHECK(std::get<change::MessageKept>(journal.take().second.front()).message == 18);
  journal.dequeued(1, 1, stored);
  // A backlog in the store may refer to it as well.
  CHECK(std::get<change::MessageLetGo>(journal.take().second.back()).message == 17);
}

TEST_CASE("A message that was put aside is not dropped when the last that held it lets go") {
  Journal journal;
  const MessagePtr shared = message("shared");
  journal.queued(1, delivery(shared), {});
  journal.queued(2, delivery(shared), {});
  Journal::put_aside(shared);
  journal.dequeued(2, 1, shared);
  CHECK(std::get<change::MessageLetGo>(journal.take().second.back()).message == 1);
  const MessagePtr own = message("own");
  journal.queued(1, delivery(own), {});
  journal.dequeued(1, 1, own);
  CHECK(std::get<change::MessageDropped>(journal.take().second.back()).message == 2);
}

TEST_CASE("A message whose every place was put aside brings its body again, under its number") {
  Journal journal;
  const MessagePtr shared = message("shared");
  journal.queued(1, delivery(shared), {});
  Journal::put_aside(shared);
  journal.queued(2, delivery(shared), {});
  const std::vector<Change> changes = journal.take().second;
  REQUIRE(changes.size() == 4);
  CHECK(std::get<change::MessageKept>(changes[2]).message == 1);
  CHECK(std::get<change::Queued>(changes[3]).message == 1);
}
