#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <system_error>

#include "libmqtt/codec/packet.hpp"
#include "tools/common/receive_time.hpp"

namespace mq_sub {

/// What becomes of a message: it is printed, counted, shown on a screen, given to a command. Each
/// is taken at once and settled later, in order: then it may be acknowledged. Positions are the
/// outlet's own; they only grow.
class Outlet {
 public:
  /// How much a trouble weighs.
  enum class Gravity {
    word,   ///< It is said, and that is all.
    stain,  ///< mq-sub goes on, and fails in the end.
    fatal,  ///< mq-sub ends.
  };
  class Handler {
   public:
    virtual ~Handler() = default;
    /// settled() may have come further. Called after each wake(), in vain ones too.
    virtual void on_settled() = 0;
    /// As cli::Printer::Handler has it.
    virtual void on_output_ended(std::error_code reason) = 0;
    /// Something about a message or its command, for a person.
    virtual void on_trouble(std::string_view what, Gravity gravity) = 0;
    /// The user wants to leave.
    virtual void on_quit() = 0;
  };

  Outlet() = default;
  Outlet(const Outlet&) = delete;
  Outlet& operator=(const Outlet&) = delete;
  virtual ~Outlet() = default;

  /// `time` is filled when needs_time().
  virtual void take(const mqtt::Publish& message, const cli::ReceiveTime& time) = 0;
  virtual bool needs_time() const { return false; }
  /// on_settled() follows at the end of this turn.
  virtual void wake() = 0;

  virtual std::uint64_t taken() const = 0;
  virtual std::uint64_t settled() const = 0;
  /// What was taken and is not settled yet, in bytes or something like it: reading stops when it
  /// grows.
  virtual std::size_t pending() const = 0;

  /// Nothing but what has begun is to be settled any more.
  virtual void give_up() {}
  /// Shows this line to the user where there is a screen. Then it must not go to stderr: true.
  virtual bool show(std::string_view) { return false; }
};

}  // namespace mq_sub
