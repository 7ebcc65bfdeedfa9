#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace mq_bench {

/// A text with placeholders that are filled in for each message:
///   ${client}             the publisher's number
///   ${seq}                the message's number, of this publisher
///   ${time}               when it was due, in milliseconds since 1970; ${time:iso} in ISO 8601
///   ${random:A..B}        a whole number; with decimals where A or B has them:
///   ${random:18.0..25.0}
///   ${text:N}             N letters and digits; ${text:A..B} of a random length
///   ${choice:red|green}   one of these
///   $$                    a dollar sign; one that no { follows stands for itself as well
class PayloadTemplate {
 public:
  /// For whom a text is made. Equal messages and seeds give equal texts.
  struct Message {
    std::uint64_t seed = 0;
    std::uint32_t client = 0;
    std::uint32_t sequence = 0;
    std::chrono::sys_time<std::chrono::nanoseconds> due{};
  };

  /// The error begins with "SOURCE:LINE:".
  static std::expected<PayloadTemplate, std::string> parse(std::string_view text,
                                                           std::string_view source);
  /// Appends the text of one message.
  void append_to(std::string& out, const Message& message) const;

 private:
  struct Piece {
    enum class Kind : std::uint8_t {
      text,
      client,
      sequence,
      time,
      iso_time,
      number,
      letters,
      choice
    };
    Kind kind = Kind::text;
    std::string text = {};
    std::int64_t least = 0;
    std::int64_t most = 0;  ///< Inclusive.
    std::uint32_t decimals = 0;
    std::vector<std::string> choices = {};
  };
  class Parser;

  std::vector<Piece> pieces_;
};

}  // namespace mq_bench
