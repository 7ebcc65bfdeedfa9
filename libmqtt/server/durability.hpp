#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "libmqtt/broker/broker.hpp"
#include "libmqtt/net/loop.hpp"
#include "libmqtt/server/committer.hpp"
#include "libmqtt/server/log.hpp"

namespace mqtt::server {

/// What lets a broker's state outlive the process: carries its journal to a store, a batch each
/// turn of the loop, and tells who waits for it once a batch is committed. Lives on the loop's
/// thread; the disk is the Committer's.
class Durability final : private net::Loop::Flushable {
 public:
  /// `on_committed`: answers may leave now that waited. `on_relieved`: publishers may go on.
  struct Events {
    std::function<void()> on_committed;
    std::function<void()> on_relieved;
  };
  Durability(net::Loop& loop, broker::Broker& broker, const Log& log, Events events);
  ~Durability() override;

  /// Gives the broker, which has BrokerOptions::has_store, its state back: before anything else.
  /// Without this call nothing lasts, and nothing here does anything. The error is one line that
  /// names the store.
  std::expected<void, std::string> restore(std::unique_ptr<store::Store> store);
  /// The broker was called: what has changed is submitted at the end of this turn.
  void changed();
  /// Gives `take` a page of a backlog that holds all that has changed so far.
  void fetch(const BacklogRequest& request, Committer::TakePage take);
  /// Commits fail: what needs one is not taken on.
  bool is_failing() const { return committer_ && committer_->is_failing(); }
  /// More is on its way to the disk than should be: publishers are held back until on_relieved.
  bool is_behind() const;
  /// All is committed, or the error says why not.
  std::expected<void, std::string> finish();

 private:
  void flush() override;
  void submit();
  void committed(std::uint64_t batch);

  net::Loop& loop_;
  broker::Broker& broker_;
  const Log& log_;
  Events events_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<Committer> committer_;
  bool was_behind_ = false;
};

}  // namespace mqtt::server
