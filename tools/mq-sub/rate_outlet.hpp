#pragma once

#include "tools/common/printer.hpp"
#include "tools/mq-sub/outlet.hpp"

namespace mq_sub {

/// Prints how many messages came, each second. A position is a number of messages.
class RateOutlet final : public Outlet, private cli::Printer::Handler {
 public:
  RateOutlet(mqtt::net::Loop& loop, int output, Outlet::Handler& handler);

  void take(const mqtt::Publish&, const cli::ReceiveTime&) override { ++taken_; }
  void wake() override { printer_.wake(); }
  std::uint64_t taken() const override { return taken_; }
  std::uint64_t settled() const override { return taken_; }
  std::size_t pending() const override { return printer_.pending(); }

 private:
  void on_written() override { handler_.on_settled(); }
  void on_output_ended(std::error_code reason) override { handler_.on_output_ended(reason); }
  void start_second();
  void print();

  Outlet::Handler& handler_;
  cli::Printer printer_;
  asio::steady_timer second_;
  std::uint64_t taken_ = 0;
  std::uint64_t told_ = 0;
};

}  // namespace mq_sub
