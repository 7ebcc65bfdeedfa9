#include "tools/mq-sub/exec_outlet.hpp"

#include <fmt/format.h>

#include <utility>

#include "libmqtt/net/error_text.hpp"
#include "tools/common/terminal.hpp"

namespace mq_sub {

ExecOutlet::ExecOutlet(mqtt::net::Loop& loop, Plan plan, Outlet::Handler& handler)
    : handler_(handler),
      printer_(loop, plan.output, *this),
      most_(plan.jobs),
      command_(cli::quoted(plan.words[0])),
      commands_(loop, std::move(plan.words), *this) {}

std::size_t ExecOutlet::weight(const mqtt::Publish& message) {
  return sizeof(Job) + message.topic.size() + message.payload.size() +
         message.properties.wire().size();
}

void ExecOutlet::take(const mqtt::Publish& message, const cli::ReceiveTime&) {
  ++taken_;
  pending_ += weight(message);
  jobs_.push_back({.message = message});
  start_what_may();
}

void ExecOutlet::start_what_may() {
  while (!has_given_up_ && begun_ < jobs_.size() && commands_.running() < most_) {
    const std::error_code error = commands_.start(jobs_[begun_].message, settled_ + begun_);
    if (error) {
      give_up();
      return handler_.on_trouble(
          fmt::format("--exec {}: {}", command_, mqtt::net::error_text(error)), Gravity::fatal);
    }
    ++begun_;
  }
}

void ExecOutlet::on_command_ended(std::uint64_t number, CommandEnd end) {
  Job& job = jobs_[static_cast<std::size_t>(number - settled_)];
  job.has_ended = true;
  if (end.signal != 0 || end.exit_code != 0) {
    const std::string how = end.signal != 0 ? fmt::format("killed by signal {}", end.signal)
                                            : fmt::format("exit code {}", end.exit_code);
    handler_.on_trouble(fmt::format("--exec {}: message on {}: {}", command_,
                                    cli::quoted(job.message.topic.view()), how),
                        Gravity::stain);
  }
  settle();
  start_what_may();
  wake();
}

void ExecOutlet::settle() {
  while (begun_ > 0 && jobs_.front().has_ended) {
    pending_ -= weight(jobs_.front().message);
    jobs_.pop_front();
    --begun_;
    ++settled_;
  }
}

void ExecOutlet::give_up() {
  has_given_up_ = true;
  while (jobs_.size() > begun_) {
    pending_ -= weight(jobs_.back().message);
    jobs_.pop_back();
  }
}

}  // namespace mq_sub
