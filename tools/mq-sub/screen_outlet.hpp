#pragma once

#include <string>
#include <vector>

#include "libmqtt/net/signal_watch.hpp"
#include "tools/common/output_format.hpp"
#include "tools/common/printer.hpp"
#include "tools/common/terminal_screen.hpp"
#include "tools/mq-sub/outlet.hpp"
#include "tools/mq-sub/topic_table.hpp"

namespace mq_sub {

/// Shows the last message of each topic on a terminal, drawn anew at most ten times a second. The
/// screen is taken over when the loop runs, and given back on destruction. A position is a number
/// of messages.
class ScreenOutlet final : public Outlet,
                           private cli::Printer::Handler,
                           private mqtt::net::Loop::Watcher {
 public:
  struct Plan {
    cli::OutputFormat format;  ///< Of a value.
    std::string title;
    bool is_tree = false;
    int output = -1;
    int input = -1;
  };
  ScreenOutlet(mqtt::net::Loop& loop, Plan plan, Outlet::Handler& handler);
  ~ScreenOutlet() override;

  void take(const mqtt::Publish& message, const cli::ReceiveTime& time) override;
  bool needs_time() const override { return plan_.format.needs_time(); }
  void wake() override { printer_.wake(); }
  std::uint64_t taken() const override { return taken_; }
  std::uint64_t settled() const override { return taken_; }
  std::size_t pending() const override { return 0; }
  bool show(std::string_view what) override;

 private:
  void on_written() override { handler_.on_settled(); }
  void on_output_ended(std::error_code reason) override { handler_.on_output_ended(reason); }
  void on_ready(std::uint32_t events) override;
  void on_signal(int number);
  void suspend();
  void press(cli::Key key);

  void draw_at(asio::steady_timer::time_point when);
  void draw_soon();
  void draw_now();
  std::size_t last_top() const;
  std::string title(mqtt::TimePoint now) const;

  mqtt::net::Loop& loop_;
  Plan plan_;
  Outlet::Handler& handler_;
  cli::TerminalScreen screen_;
  cli::Printer printer_;
  mqtt::net::SignalWatch signals_;
  asio::steady_timer next_;
  asio::steady_timer::time_point drawn_{};
  bool is_soon_ = false;  ///< next_ fires as early as it may.
  bool is_input_watched_ = false;
  TopicTable table_;
  std::vector<TableLine> lines_;  ///< Of lines_of_ topics.
  std::size_t lines_of_ = 0;
  cli::ScreenSize size_;
  std::size_t top_ = 0;
  std::string value_;  ///< Of the present message; kept for its memory.
  std::string note_;
  std::uint64_t taken_ = 0;
};

}  // namespace mq_sub
