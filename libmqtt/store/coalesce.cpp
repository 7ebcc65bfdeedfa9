#include "libmqtt/store/coalesce.hpp"

#include <cstdint>
#include <string_view>
#include <unordered_map>

namespace mqtt::store {
namespace {

/// A session, and a number or a text within it.
template <class Part>
struct InSession {
  std::uint64_t session = 0;
  Part part{};
  bool operator==(const InSession&) const = default;
};
struct Hash {
  template <class Part>
  std::size_t operator()(const InSession<Part>& key) const {
    return std::hash<Part>()(key.part) + key.session * 0x9E37'79B9'7F4A'7C15;
  }
};
template <class Part, class Value>
using BySession = std::unordered_map<InSession<Part>, Value, Hash>;

using Index = std::size_t;
constexpr Index kNone = SIZE_MAX;

class Coalescer {
 public:
  explicit Coalescer(std::span<const Change> changes) : changes_(changes) {
    steps_.reserve(changes.size());
    for (const Change& change : changes)
      if (const auto* end = std::get_if<change::SessionEnded>(&change))
        ended_.emplace(end->session, end->has_backlog);
    for (const Change& change : changes) {
      steps_.push_back({&change});
      std::visit([this](const auto& taken) { take(taken); }, change);
    }
    std::erase_if(steps_, [](const Step& step) { return step.change == nullptr; });
    steps_.insert(steps_.end(), let_go_.begin(), let_go_.end());
  }
  std::vector<Step> result() && { return std::move(steps_); }

 private:
  struct Place {
    Index queued = kNone;
    Index sent = kNone;
  };
  struct Arrival {
    bool is_new = false;  ///< The batch's first word about it is that it arrived.
    Index last = kNone;
  };

  Index here() const { return steps_.size() - 1; }
  void cancel(Index at) {
    if (at != kNone) steps_[at] = {};
  }
  /// Only the last change about a thing counts.
  void replace(Index& last) {
    cancel(last);
    last = here();
  }
  template <class Taken>
  bool belongs_to_ended(const Taken& taken) {
    const bool found = !ended_.empty() && ended_.contains(taken.session);
    if (found) cancel(here());
    return found;
  }

  void take(const change::SessionKept& taken) {
    if (!belongs_to_ended(taken))
      replace(sessions_.try_emplace(taken.session, kNone).first->second);
  }
  void take(const change::SessionEnded&) {}
  void take(const change::Subscribed& taken) { take_subscription(taken); }
  void take(const change::Unsubscribed& taken) { take_subscription(taken); }
  template <class Taken>
  void take_subscription(const Taken& taken) {
    if (belongs_to_ended(taken)) return;
    const InSession<std::string_view> key{taken.session, taken.filter.view()};
    replace(subscriptions_.try_emplace(key, kNone).first->second);
  }

  void take(const change::MessageKept& taken) {
    if (!messages_.try_emplace(taken.message, here()).second) cancel(here());
  }
  void take(const change::MessageDropped& taken) {
    const auto found = messages_.find(taken.message);
    if (found == messages_.end()) return;
    cancel(found->second);
    cancel(here());
    messages_.erase(found);
  }

  /// Whether anything refers to it still is seen once all else is written.
  void take(const change::MessageLetGo&) {
    let_go_.push_back(steps_.back());
    cancel(here());
  }

  void take(const change::Queued& taken) {
    // Behind a backlog lie bodies that only their places in the queue tell of.
    const auto end = ended_.find(taken.session);
    if (end != ended_.end() && end->second) return;
    if (!belongs_to_ended(taken)) places_[{taken.session, taken.position}].queued = here();
  }
  void take(const change::BacklogLeft&) {}
  void take(const change::Sent& taken) {
    if (belongs_to_ended(taken)) return;
    Place& place = places_[{taken.session, taken.position}];
    if (place.queued == kNone) return replace(place.sent);
    steps_[place.queued].sent = &taken;
    cancel(here());
  }
  void take(const change::Dequeued& taken) {
    if (belongs_to_ended(taken)) return;
    const auto found = places_.find({taken.session, taken.position});
    if (found == places_.end()) return;
    cancel(found->second.sent);
    if (found->second.queued == kNone) return;
    cancel(found->second.queued);
    cancel(here());
  }

  void take(const change::Arrived& taken) {
    if (!belongs_to_ended(taken)) replace(arrival(taken, true).last);
  }
  void take(const change::Released& taken) {
    if (belongs_to_ended(taken)) return;
    Arrival& known = arrival(taken, false);
    replace(known.last);
    if (!known.is_new) return;
    cancel(here());  // The store has never heard of it.
    known.last = kNone;
  }
  template <class Taken>
  Arrival& arrival(const Taken& taken, bool is_new) {
    return arrivals_.try_emplace({taken.session, taken.packet_id}, Arrival{is_new, kNone})
        .first->second;
  }

  void take(const change::RetainedSet& taken) {
    // A body of an earlier batch has a topic that is not known here: then order alone decides.
    const auto found = messages_.find(taken.message);
    if (found == messages_.end()) return;
    const auto& body = std::get<change::MessageKept>(changes_[found->second]).body;
    replace(retained_.try_emplace(body->topic.view(), kNone).first->second);
  }
  void take(const change::RetainedErased& taken) {
    replace(retained_.try_emplace(taken.topic.view(), kNone).first->second);
  }

  std::span<const Change> changes_;
  std::vector<Step> steps_;
  std::unordered_map<std::uint64_t, bool> ended_;  ///< And whether they had a backlog.
  std::vector<Step> let_go_;
  std::unordered_map<std::uint64_t, Index> sessions_;
  std::unordered_map<std::uint64_t, Index> messages_;
  BySession<std::string_view, Index> subscriptions_;
  BySession<std::uint64_t, Place> places_;
  BySession<std::uint16_t, Arrival> arrivals_;
  std::unordered_map<std::string_view, Index> retained_;
};

}  // namespace

std::vector<Step> coalesce(std::span<const Change> changes) { return Coalescer(changes).result(); }

}  // namespace mqtt::store
