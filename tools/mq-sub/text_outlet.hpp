#pragma once

#include "tools/common/output_format.hpp"
#include "tools/common/printer.hpp"
#include "tools/mq-sub/outlet.hpp"

namespace mq_sub {

/// Prints messages. Positions are the printer's: bytes of text.
class TextOutlet final : public Outlet, private cli::Printer::Handler {
 public:
  TextOutlet(mqtt::net::Loop& loop, cli::OutputFormat format, cli::Style style, int output,
             Outlet::Handler& handler);

  void take(const mqtt::Publish& message, const cli::ReceiveTime& time) override;
  bool needs_time() const override { return format_.needs_time(); }
  void wake() override { printer_.wake(); }
  std::uint64_t taken() const override { return printer_.appended(); }
  std::uint64_t settled() const override { return printer_.written(); }
  std::size_t pending() const override { return printer_.pending(); }

 private:
  void on_written() override { handler_.on_settled(); }
  void on_output_ended(std::error_code reason) override { handler_.on_output_ended(reason); }

  cli::OutputFormat format_;
  cli::Style style_;
  Outlet::Handler& handler_;
  cli::Printer printer_;
};

}  // namespace mq_sub
