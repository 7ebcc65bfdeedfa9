#pragma once

#include <deque>

#include "tools/common/printer.hpp"
#include "tools/mq-sub/commands.hpp"
#include "tools/mq-sub/outlet.hpp"

namespace mq_sub {

/// Gives each message to a command, up to so many at a time, in order of arrival. A message is
/// settled when its command and those of all before it have ended. A position is a number of
/// messages. The commands write to our stdout themselves: it is only watched here.
class ExecOutlet final : public Outlet, private Commands::Handler, private cli::Printer::Handler {
 public:
  struct Plan {
    std::vector<std::string> words;
    unsigned jobs = 1;
    int output = -1;
  };
  ExecOutlet(mqtt::net::Loop& loop, Plan plan, Outlet::Handler& handler);

  void take(const mqtt::Publish& message, const cli::ReceiveTime& time) override;
  void wake() override { printer_.wake(); }
  std::uint64_t taken() const override { return taken_; }
  std::uint64_t settled() const override { return settled_; }
  std::size_t pending() const override { return pending_; }
  void give_up() override;

 private:
  struct Job {
    mqtt::Publish message;
    bool has_ended = false;
  };
  static std::size_t weight(const mqtt::Publish& message);

  void on_command_ended(std::uint64_t number, CommandEnd end) override;
  void on_written() override { handler_.on_settled(); }
  void on_output_ended(std::error_code reason) override { handler_.on_output_ended(reason); }
  void start_what_may();
  void settle();

  Outlet::Handler& handler_;
  cli::Printer printer_;
  unsigned most_;
  std::string command_;    ///< Its name, for people.
  std::deque<Job> jobs_;   ///< Taken and not settled; the first has the number settled_.
  std::size_t begun_ = 0;  ///< How many of them, from the front.
  std::uint64_t taken_ = 0;
  std::uint64_t settled_ = 0;
  std::size_t pending_ = 0;
  bool has_given_up_ = false;
  Commands commands_;  ///< Last: its processes tell the others.
};

}  // namespace mq_sub
