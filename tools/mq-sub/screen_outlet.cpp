#include "tools/mq-sub/screen_outlet.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <system_error>
#include <utility>

#include "tools/common/terminal.hpp"
#include "tools/mq-sub/screen_frame.hpp"

namespace mq_sub {
namespace {

constexpr auto kShortest = std::chrono::milliseconds(100);  ///< Between two pictures.
constexpr auto kLongest = std::chrono::seconds(1);          ///< Ages go on.

}  // namespace

ScreenOutlet::ScreenOutlet(mqtt::net::Loop& loop, Plan plan, Outlet::Handler& handler)
    : loop_(loop),
      plan_(std::move(plan)),
      handler_(handler),
      screen_(plan_.output, plan_.input),
      printer_(loop, plan_.output, *this),
      signals_(loop, {SIGWINCH, SIGTSTP, SIGQUIT, SIGHUP},
               [this](int number) { on_signal(number); }),
      next_(loop.context()) {
  note_ = "connecting";
  // From the loop: by then the signals that end mq-sub are heard, and cannot leave the screen so.
  draw_at(asio::steady_timer::clock_type::now());
}

ScreenOutlet::~ScreenOutlet() {
  if (is_input_watched_) loop_.unwatch(plan_.input, *this);
}

void ScreenOutlet::take(const mqtt::Publish& message, const cli::ReceiveTime& time) {
  ++taken_;
  value_.clear();
  const cli::Style style{.escape = cli::Escape::controls};
  const std::string_view problem = plan_.format.append(value_, message, time, style);
  table_.take(message.topic.view(), problem.empty() ? value_ : fmt::format("({})", problem),
              loop_.now());
  draw_soon();
}

bool ScreenOutlet::show(std::string_view what) {
  note_ = cli::escaped(what);
  draw_soon();
  return screen_.is_entered();
}

void ScreenOutlet::draw_soon() {
  if (std::exchange(is_soon_, true)) return;
  draw_at(drawn_ + kShortest);
}

void ScreenOutlet::draw_at(asio::steady_timer::time_point when) {
  next_.expires_at(when);
  next_.async_wait([this](std::error_code aborted) {
    if (!aborted) draw_now();
  });
}

void ScreenOutlet::draw_now() {
  if (!screen_.is_entered()) {
    screen_.enter();
    is_input_watched_ = cli::is_terminal(plan_.input) && !loop_.watch(plan_.input, *this, EPOLLIN);
  }
  drawn_ = asio::steady_timer::clock_type::now();
  is_soon_ = false;
  draw_at(drawn_ + kLongest);
  // A terminal that has not taken the last picture gets no other on top of it.
  if (printer_.pending() > 0) return draw_soon();
  if (lines_of_ != table_.size()) {
    lines_ = plan_.is_tree ? table_.tree() : table_.lines();
    lines_of_ = table_.size();
  }
  size_ = screen_.size();
  top_ = std::min(top_, last_top());
  const mqtt::TimePoint now = loop_.now();
  const std::string head = title(now);
  printer_.text() +=
      draw(lines_, {.size = size_, .title = head, .note = note_, .top = top_, .now = now});
  printer_.wake();
}

std::string ScreenOutlet::title(mqtt::TimePoint now) const {
  const std::string more =
      table_.left_out() > 0 ? fmt::format(" ({} messages on others)", table_.left_out()) : "";
  return fmt::format(" {}   {} topic{}{}   {} messages   {:.1f}/s   q: quit", plan_.title,
                     table_.size(), table_.size() == 1 ? "" : "s", more, taken_,
                     table_.rate().per_second(now));
}

std::size_t ScreenOutlet::last_top() const {
  const std::size_t visible = visible_lines(size_);
  return lines_.size() > visible ? lines_.size() - visible : 0;
}

void ScreenOutlet::on_ready(std::uint32_t) {
  std::array<char, 256> input;
  const ssize_t count = ::read(plan_.input, input.data(), input.size());
  if (count <= 0) {
    loop_.unwatch(plan_.input, *this);
    is_input_watched_ = false;
    return;
  }
  for (const cli::Key key : cli::keys_in({input.data(), static_cast<std::size_t>(count)}))
    press(key);
}

void ScreenOutlet::press(cli::Key key) {
  using cli::Key;
  const std::size_t page = std::max<std::size_t>(visible_lines(size_), 1);
  const auto up = [&](std::size_t lines) { top_ -= std::min(top_, lines); };
  const auto down = [&](std::size_t lines) { top_ = std::min(top_ + lines, last_top()); };
  switch (key) {
    case Key::up:
      up(1);
      break;
    case Key::down:
      down(1);
      break;
    case Key::page_up:
      up(page);
      break;
    case Key::page_down:
      down(page);
      break;
    case Key::home:
      top_ = 0;
      break;
    case Key::end:
      top_ = last_top();
      break;
    case Key::quit:
      return handler_.on_quit();
  }
  draw_soon();
}

void ScreenOutlet::on_signal(int number) {
  if (number == SIGQUIT || number == SIGHUP) return handler_.on_quit();
  if (number == SIGTSTP) suspend();
  draw_soon();
}

/// As any program does at Ctrl-Z; returns when it goes on.
void ScreenOutlet::suspend() {
  screen_.leave();
  std::raise(SIGSTOP);
  screen_.enter();
}

}  // namespace mq_sub
