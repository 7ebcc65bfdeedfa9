#pragma once

#include <deque>
#include <memory>
#include <set>

#include "tools/mq-pub/message_source.hpp"
#include "tools/mq-pub/spool.hpp"

namespace mq_pub {

/// Puts everything that another source gives into a spool before anything else, and gives what the
/// spool holds, oldest first, as long as this process is the one that sends.
class SpooledMessages final : public MessageSource {
 public:
  SpooledMessages(std::unique_ptr<MessageSource> input, Spool spool, const Options& options);
  void start(std::function<void()> on_ready) override;
  std::optional<Item> next() override;
  bool is_done() const override;
  void ended(std::uint64_t ticket) override;
  bool keeps() const override { return true; }
  bool has_all_input() const override { return input_->is_done(); }
  std::string kept() const override;
  std::uint64_t stop() override;
  std::string failure() const override { return input_->failure(); }

 private:
  /// Takes all that the input has now.
  void keep();
  void keep(Item item);
  /// Looks for what other processes have added meanwhile.
  void look();

  std::unique_ptr<MessageSource> input_;
  Spool spool_;
  mqtt::Publish prototype_;
  bool is_v5_;
  std::function<void()> on_ready_;
  bool is_sender_ = false;
  std::deque<Spool::Id> waiting_;
  std::set<Spool::Id> open_;   ///< Given, and not ended.
  std::deque<Item> problems_;  ///< What could not be kept.
};

}  // namespace mq_pub
