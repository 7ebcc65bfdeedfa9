#include "tools/mq-bench/observer.hpp"

#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <string_view>
#include <thread>
#include <utility>

#include "libmqtt/net/metrics_server.hpp"
#include "libmqtt/net/signal_watch.hpp"
#include "libmqtt/net/write_all.hpp"
#include "tools/common/terminal.hpp"
#include "tools/common/terminal_screen.hpp"
#include "tools/mq-bench/event_log.hpp"
#include "tools/mq-bench/live.hpp"
#include "tools/mq-bench/live_metrics.hpp"

namespace mq_bench {
namespace {

/// The bar of a screen moves on between two readings of the books.
constexpr auto kScreenInterval = std::chrono::milliseconds(250);

bool has_colors() {
  const char* no_color = std::getenv("NO_COLOR");
  return no_color == nullptr || *no_color == '\0';
}

/// A job in the background must not take the terminal from the one in front.
bool is_in_front() { return ::tcgetpgrp(STDERR_FILENO) == ::getpgrp(); }

}  // namespace

Progress effective_progress(Progress wished) {
  if (wished != Progress::automatic) return wished;
  const char* terminal = std::getenv("TERM");
  const bool is_able = terminal != nullptr && std::string_view(terminal) != "dumb";
  const bool is_screen =
      cli::is_terminal(STDERR_FILENO) && is_able && is_in_front() && has_colors();
  return is_screen ? Progress::tui : Progress::plain;
}

/// All that happens on the thread.
class Observer::Watch {
 public:
  Watch(Plan plan, const Board& board) : plan_(std::move(plan)), board_(board) {
    if (plan_.progress == Progress::tui) screen_.emplace(STDERR_FILENO, STDIN_FILENO);
  }
  ~Watch() {
    asio::post(loop_.context(), [this] { end(); });
    if (thread_.joinable()) thread_.join();
  }

  /// What hinders it; empty: nothing does, or nobody asked for it.
  std::string listen() {
    if (!plan_.metrics) return {};
    auto opened = mqtt::net::MetricsServer::open(loop_, *plan_.metrics, [this] {
      return live_metrics(live(board_.read(loop_.now()), plan_.judging));
    });
    if (!opened) return std::move(opened.error());
    metrics_ = *std::move(opened);
    write("mq-bench: metrics on http://" + metrics_->endpoint() + "/metrics\n");
    return {};
  }
  void start() {
    thread_ = std::jthread([this] {
      if (screen_) watch_signals();
      // A screen is there at once, lines when there is something to say.
      arm(screen_ ? Duration() : interval());
      loop_.run();
    });
  }

 private:
  Duration interval() const {
    return screen_ ? kScreenInterval : until_next_lines(loop_.now() - board_.phase().start);
  }

  void arm(Duration delay) {
    timer_.expires_after(delay);
    timer_.async_wait([this](std::error_code aborted) {
      if (aborted) return;
      show();
      arm(interval());
    });
  }

  void end() {
    timer_.cancel();
    signals_.reset();
    metrics_.reset();
    if (screen_) screen_->leave();
    if (plan_.events != nullptr) plan_.events->write_out();
    loop_.stop();
  }

  void show() {
    if (plan_.events != nullptr) plan_.events->write_out();
    if (plan_.progress == Progress::none) return;
    const Live state = live(board_.read(loop_.now()), plan_.judging);
    if (state.snapshot.phase.name.empty()) return;
    if (screen_) {
      screen_->enter();
      return write(live_screen(state, screen_->size(), has_colors()));
    }
    write(plan_.progress == Progress::json ? live_json(state) : live_lines(state));
  }

  /// Who does not want to read has no part in the run: it goes on.
  void write(std::string_view text) {
    if (is_writable_) is_writable_ = mqtt::net::write_all(STDERR_FILENO, text);
  }

  void watch_signals() {
    signals_.emplace(loop_, std::vector<int>{SIGWINCH, SIGTSTP, SIGQUIT},
                     [this](int number) { on_signal(number); });
  }
  void on_signal(int number) {
    // The run has an orderly end for this one.
    if (number == SIGQUIT) ::kill(::getpid(), SIGTERM);
    if (number == SIGTSTP) {
      screen_->leave();
      std::raise(SIGSTOP);
    }
    arm(Duration());
  }

  const Plan plan_;
  const Board& board_;
  mqtt::net::Loop loop_;
  asio::steady_timer timer_{loop_.context()};
  std::unique_ptr<mqtt::net::MetricsServer> metrics_;
  std::optional<mqtt::net::SignalWatch> signals_;
  std::optional<cli::TerminalScreen> screen_;
  bool is_writable_ = true;
  std::jthread thread_;
};

Observer::Observer(std::unique_ptr<Watch> watch) : watch_(std::move(watch)) {}
Observer::~Observer() = default;

std::expected<std::unique_ptr<Observer>, std::string> Observer::start(Plan plan,
                                                                      const Board& board) {
  if (plan.progress == Progress::tui && !cli::is_terminal(STDERR_FILENO))
    return std::unexpected("--progress: stderr is not a terminal");
  auto watch = std::make_unique<Watch>(std::move(plan), board);
  if (std::string complaint = watch->listen(); !complaint.empty())
    return std::unexpected("--metrics: " + std::move(complaint));
  watch->start();
  return std::unique_ptr<Observer>(new Observer(std::move(watch)));
}

}  // namespace mq_bench
