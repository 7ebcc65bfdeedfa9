#include "tools/mq-bench/audience.hpp"

#include <algorithm>

namespace mq_bench {

Audience::Audience(Crew& crew, Setting setting)
    : crew_(crew),
      setting_(std::move(setting)),
      members_(setting_.members),
      excused_(setting_.items) {
  const mqtt::TopicRequest request{mqtt::Bytes::copy(setting_.filter),
                                   {.qos = crew.run().load.qos}};
  for (std::uint32_t i = 0; i < setting_.members; ++i) {
    members_[i].client = std::make_unique<Subscriber>(
        crew.context(), crew.run().recipe.make(Plan::Role::subscriber, number(i), number(i)), *this,
        number(i), std::vector{request});
    members_[i].seen.resize(setting_.items);
  }
}

std::uint32_t Audience::share_of(const Crew& crew) {
  const std::uint32_t all = crew.run().plan.census().latecomers;
  const std::uint32_t crews = crew.run().crews;
  return (all + crews - 1 - crew.index()) / crews;
}

void Audience::invite(TimePoint now) { arrivals_.emplace(now, crew_.run().plan.connect_rate(), 1); }

TimePoint Audience::step(TimePoint now) {
  if (!arrivals_) return mqtt::kNever;
  for (; arrived_ < members_.size(); ++arrived_) {
    const TimePoint due = arrivals_->due(0, number(static_cast<std::uint32_t>(arrived_)));
    if (due > now) return due;
    members_[arrived_].client->start(due);
  }
  return mqtt::kNever;
}

bool Audience::are_all_live() const {
  return std::ranges::all_of(members_, [](const Member& m) { return m.was_live; });
}

void Audience::excuse(std::uint32_t item) {
  if (excused_[item]) return;
  excused_[item] = true;
  ++excused_count_;
}

bool Audience::is_complete() const {
  if (!arrivals_) return true;
  return std::ranges::all_of(members_, [this](const Member& m) {
    return m.was_live ? m.count >= owed() : m.client->is_settled() || m.client->is_over();
  });
}

void Audience::stop() {
  for (std::size_t i = 0; i < arrived_; ++i) {
    if (!members_[i].client->is_over()) members_[i].client->stop();
  }
}

// A member that never got a subscription is owed nothing; that it did not shows elsewhere.
void Audience::settle() {
  Counters& books = crew_.ledger().counters(true);
  for (const Member& member : members_) {
    if (!member.was_live) continue;
    books.expected += owed();
    books.lost += owed() - member.count;
    crew_.ledger().series().owe(std::max(due_, member.live_since), owed() - member.count);
  }
}

void Audience::on_live(Subscriber& receiver, bool is_live) {
  if (!is_live) return;
  Member& member = this->member(receiver);
  if (!member.was_live) member.live_since = crew_.now();
  member.was_live = true;
  receiver.prove();
}

void Audience::on_message(Subscriber& receiver, const mqtt::Publish& publish, TimePoint now) {
  Ledger& ledger = crew_.ledger();
  const auto [state, header] = read_header(publish);
  const std::uint32_t item = setting_.by_publisher ? header.publisher : header.sequence;
  if (state != ReadHeader::State::found || header.run_tag != crew_.run().load.run_tag) {
    ++ledger.result().foreign;
    return;
  }
  if (item >= setting_.items || excused_[item]) {
    ++ledger.result().corrupt;
    return;
  }
  if (ledger.is_closed()) return;
  ledger.note_received(now);
  Member& member = this->member(receiver);
  Counters& books = ledger.counters(true);
  if (member.seen[item]) {
    ++books.duplicates;
    return;
  }
  member.seen[item] = true;
  ++member.count;
  ++books.unique;
  const TimePoint due = member.was_live ? std::max(due_, member.live_since) : now;
  ledger.note_delivered(due, true, now);
}

}  // namespace mq_bench
