#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <system_error>

#include "libmqtt/net/loop.hpp"

namespace cli {

/// Writes text to a file descriptor without ever stopping its Loop: what one loop turn appended
/// goes out at the end of the turn, and what a slow reader does not take waits for it. The
/// descriptor's own flags are left alone, because other processes share them. Watches for the
/// reader's end even while there is nothing to write.
class Printer final : private mqtt::net::Loop::Flushable, private mqtt::net::Loop::Watcher {
 public:
  class Handler {
   public:
    virtual ~Handler() = default;
    /// Everything up to written() is with the system now. Called after each flush, in vain ones
    /// too.
    virtual void on_written() = 0;
    /// The output has ended: broken_pipe when its reader is gone, else why it cannot be written.
    /// What was not written is dropped, and so is all that is appended from now on. Called once.
    virtual void on_output_ended(std::error_code reason) = 0;
  };

  Printer(mqtt::net::Loop& loop, int fd, Handler& handler);
  ~Printer() override;
  Printer(const Printer&) = delete;
  Printer& operator=(const Printer&) = delete;

  /// The text to append to; call wake() afterwards.
  std::string& text() { return text_; }
  /// There is something to write, or to hear about from on_written(), at the end of this turn.
  void wake() { loop_.mark(*this); }

  /// Positions in all the text there ever was: what ends at a position is written once written()
  /// has come to it.
  std::uint64_t appended() const { return written_ + pending(); }
  std::uint64_t written() const { return written_; }
  std::size_t pending() const { return text_.size() - begin_; }

 private:
  void flush() override;
  void on_ready(std::uint32_t events) override;
  /// False when the descriptor takes no more for now, or not at all.
  bool write_some();
  bool is_writable_now() const;
  void consume(std::size_t count);
  void drop();
  void end(std::error_code reason);

  mqtt::net::Loop& loop_;
  Handler& handler_;
  int fd_;
  bool owns_fd_ = false;
  bool is_watched_ = false;  ///< A pipe, socket or terminal; other files take all at once.
  bool waits_to_write_ = false;
  bool has_ended_ = false;
  std::string text_;
  std::size_t begin_ = 0;  ///< What is written already at the front of text_.
  std::uint64_t written_ = 0;
};

}  // namespace cli
