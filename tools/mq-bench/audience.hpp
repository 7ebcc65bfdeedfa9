#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tools/mq-bench/crew.hpp"

namespace mq_bench {

/// Subscribers that come in the middle of a run and are owed each of a set of numbered messages
/// once: retained ones, or wills. Accounts for what they get. Belongs to the activity of a run with
/// one crew.
class Audience final : public Subscriber::Inbox {
 public:
  struct Setting {
    std::uint32_t members = 1;  ///< Here: of the run the crew's number, plus its crews, ...
    std::string filter = {};
    std::uint32_t items = 1;    ///< Numbered from 0.
    bool by_publisher = false;  ///< An item's number is its publisher's; else its own.
  };
  Audience(Crew& crew, Setting setting);
  /// How many of the run's subscribers belong to this crew.
  static std::uint32_t share_of(const Crew& crew);

  /// The members connect one after the other from now on.
  void invite(TimePoint now);
  /// Starts those whose turn it is.
  TimePoint step(TimePoint now);
  std::size_t started() const { return arrived_; }
  bool are_all_live() const;
  /// When the items are due: for each member not before it has its subscription.
  void set_due(TimePoint due) { due_ = due; }
  /// Nobody is owed this one after all.
  void excuse(std::uint32_t item);

  /// All members have all they are owed.
  bool is_complete() const;
  void stop();
  /// At the end: puts what was owed and did not come into the books.
  void settle();

  void on_message(Subscriber& receiver, const mqtt::Publish& publish, TimePoint now) override;
  void on_live(Subscriber& receiver, bool is_live) override;

 private:
  struct Member {
    std::unique_ptr<Subscriber> client = {};
    std::vector<bool> seen = {};  ///< By item.
    std::uint32_t count = 0;      ///< Of those seen that are owed.
    bool was_live = false;
    TimePoint live_since;
  };
  /// The member's number in the run.
  std::uint32_t number(std::uint32_t member) const {
    return crew_.index() + member * crew_.run().crews;
  }
  Member& member(const Subscriber& client) { return members_[client.index() / crew_.run().crews]; }
  std::uint32_t owed() const { return setting_.items - excused_count_; }

  Crew& crew_;
  Setting setting_;
  std::vector<Member> members_;
  std::vector<bool> excused_;
  std::uint32_t excused_count_ = 0;
  std::optional<Schedule> arrivals_;
  std::size_t arrived_ = 0;
  TimePoint due_;
};

}  // namespace mq_bench
