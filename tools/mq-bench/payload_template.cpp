#include "tools/mq-bench/payload_template.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>
#include <utility>

#include "tools/common/setters.hpp"
#include "tools/common/terminal.hpp"
#include "tools/mq-bench/random.hpp"

namespace mq_bench {
namespace {

constexpr std::size_t kMostDecimals = 9;
constexpr std::size_t kMostDigits = 18;  ///< Of a number with its decimals: it fits 63 bits.
constexpr std::int64_t kLongestText = 1'000'000;

/// A decimal number, as an integer and how many digits of it stand behind the point.
struct Decimal {
  std::int64_t digits = 0;
  std::uint32_t decimals = 0;
};

std::optional<Decimal> parse_decimal(std::string_view text) {
  const std::size_t point = text.find('.');
  std::string digits(text.substr(0, point));
  Decimal decimal;
  if (point != std::string_view::npos) {
    const std::string_view fraction = text.substr(point + 1);
    if (fraction.empty() || fraction.size() > kMostDecimals) return std::nullopt;
    decimal.decimals = static_cast<std::uint32_t>(fraction.size());
    digits += fraction;
  }
  const bool is_negative = digits.starts_with('-');
  if (digits.size() > kMostDigits ||
      digits.substr(is_negative ? 1 : 0).find_first_not_of("0123456789") != std::string::npos)
    return std::nullopt;
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), decimal.digits);
  const bool is_whole = error == std::errc{} && end == digits.data() + digits.size();
  return is_whole ? std::optional(decimal) : std::nullopt;
}

/// False: too many digits.
bool extend(Decimal& decimal, std::uint32_t decimals) {
  for (; decimal.decimals < decimals; ++decimal.decimals) {
    if (__builtin_mul_overflow(decimal.digits, 10, &decimal.digits)) return false;
  }
  return true;
}

void append_decimal(std::string& out, std::int64_t digits, std::uint32_t decimals) {
  if (decimals == 0) {
    fmt::format_to(std::back_inserter(out), "{}", digits);
    return;
  }
  std::uint64_t scale = 1;
  for (std::uint32_t i = 0; i < decimals; ++i) scale *= 10;
  const std::uint64_t magnitude =
      digits < 0 ? 0 - static_cast<std::uint64_t>(digits) : static_cast<std::uint64_t>(digits);
  fmt::format_to(std::back_inserter(out), "{}{}.{:0{}}", digits < 0 ? "-" : "", magnitude / scale,
                 magnitude % scale, decimals);
}

void append_iso(std::string& out, std::chrono::sys_time<std::chrono::nanoseconds> time) {
  const auto milliseconds = std::chrono::floor<std::chrono::milliseconds>(time);
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  fmt::format_to(std::back_inserter(out), "{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                 fmt::gmtime(std::chrono::system_clock::to_time_t(
                     std::chrono::time_point_cast<std::chrono::system_clock::duration>(seconds))),
                 (milliseconds - seconds).count());
}

void append_letters(std::string& out, const DrawKey& key, std::uint64_t length) {
  constexpr std::string_view kLetters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  constexpr int kLettersADraw = 10;  // Of 6 bits each.
  DrawKey next = key;
  next.client ^= std::uint64_t{1} << 63;  // The length was drawn by the key itself.
  for (std::uint64_t bits = 0, i = 0; i < length; ++i, bits >>= 6) {
    if (i % kLettersADraw == 0) {
      bits = draw(next);
      next.seed += 1;
    }
    out += kLetters[bits & 63];
  }
}

}  // namespace

/// Reads a template from its beginning to its end.
class PayloadTemplate::Parser {
 public:
  Parser(std::string_view text, std::string_view source) : rest_(text), source_(source) {}

  std::expected<std::vector<Piece>, std::string> parse() {
    while (!rest_.empty()) {
      const std::size_t dollar = std::min(rest_.find('$'), rest_.size());
      add_text(take(dollar));
      if (rest_.starts_with("${")) {
        const std::string complaint = parse_placeholder();
        if (!complaint.empty())
          return std::unexpected(fmt::format("{}:{}: {}", source_, line_, complaint));
      } else if (!rest_.empty()) {
        add_text(take(1));
        if (rest_.starts_with('$')) take(1);
      }
    }
    return std::move(pieces_);
  }

 private:
  std::string_view take(std::size_t count) {
    const std::string_view taken = rest_.substr(0, count);
    line_ += static_cast<std::size_t>(std::ranges::count(taken, '\n'));
    rest_.remove_prefix(count);
    return taken;
  }

  void add_text(std::string_view text) {
    if (text.empty()) return;
    if (pieces_.empty() || pieces_.back().kind != Piece::Kind::text) pieces_.emplace_back();
    pieces_.back().text += text;
  }

  std::string parse_placeholder() {
    const std::size_t end = rest_.find('}');
    if (end == std::string_view::npos) return "'${' without its '}'";
    const std::string_view whole = rest_.substr(0, end + 1);
    const std::string_view inside = whole.substr(2, whole.size() - 3);
    const std::size_t colon = std::min(inside.find(':'), inside.size());
    const std::string_view name = inside.substr(0, colon);
    const std::string_view argument = inside.substr(std::min(colon + 1, inside.size()));
    auto piece = make_piece(name, argument);
    if (!piece) return fmt::format("{} {}", cli::quoted(whole), piece.error());
    pieces_.push_back(std::move(*piece));
    take(whole.size());
    return {};
  }

  using MadePiece = std::expected<Piece, std::string>;

  static MadePiece make_piece(std::string_view name, std::string_view argument) {
    using Kind = Piece::Kind;
    if (name == "random") return make_number(argument);
    if (name == "text") return make_letters(argument);
    if (name == "choice") return make_choice(argument);
    if (name == "time" && argument == "iso") return Piece{.kind = Kind::iso_time};
    if (!argument.empty()) return std::unexpected("is not a placeholder");
    if (name == "client") return Piece{.kind = Kind::client};
    if (name == "seq") return Piece{.kind = Kind::sequence};
    if (name == "time") return Piece{.kind = Kind::time};
    return std::unexpected(
        "is not a placeholder (client, seq, time, time:iso, random:A..B, text:N, choice:A|B)");
  }

  static MadePiece make_number(std::string_view argument) {
    const std::size_t dots = argument.find("..");
    if (dots == std::string_view::npos) return std::unexpected("wants a range: ${random:A..B}");
    auto least = parse_decimal(argument.substr(0, dots));
    auto most = parse_decimal(argument.substr(dots + 2));
    if (!least || !most) return std::unexpected("wants decimal numbers: ${random:A..B}");
    const std::uint32_t decimals = std::max(least->decimals, most->decimals);
    if (!extend(*least, decimals) || !extend(*most, decimals))
      return std::unexpected("has too many digits");
    if (least->digits > most->digits) return std::unexpected("is an empty range");
    return Piece{.kind = Piece::Kind::number,
                 .least = least->digits,
                 .most = most->digits,
                 .decimals = decimals};
  }

  static MadePiece make_letters(std::string_view argument) {
    const std::size_t dots = argument.find("..");
    const auto least = parse_decimal(argument.substr(0, dots));
    const auto most =
        dots == std::string_view::npos ? least : parse_decimal(argument.substr(dots + 2));
    const bool is_valid = least && most && least->decimals + most->decimals == 0 &&
                          0 <= least->digits && least->digits <= most->digits &&
                          most->digits <= kLongestText;
    if (!is_valid) return std::unexpected("wants a length, at most 1000000: ${text:N}");
    return Piece{.kind = Piece::Kind::letters, .least = least->digits, .most = most->digits};
  }

  static MadePiece make_choice(std::string_view argument) {
    if (argument.empty()) return std::unexpected("has nothing to choose from: ${choice:A|B}");
    Piece piece{.kind = Piece::Kind::choice};
    for (std::size_t at = 0; at <= argument.size();) {
      const std::size_t end = std::min(argument.find('|', at), argument.size());
      piece.choices.emplace_back(argument.substr(at, end - at));
      at = end + 1;
    }
    piece.most = static_cast<std::int64_t>(piece.choices.size()) - 1;
    return piece;
  }

  std::string_view rest_;
  std::string_view source_;
  std::size_t line_ = 1;
  std::vector<Piece> pieces_;
};

std::expected<PayloadTemplate, std::string> PayloadTemplate::parse(std::string_view text,
                                                                   std::string_view source) {
  if (text.empty()) return std::unexpected(fmt::format("{}: is empty", source));
  auto pieces = Parser(text, source).parse();
  if (!pieces) return std::unexpected(std::move(pieces.error()));
  PayloadTemplate made;
  made.pieces_ = std::move(*pieces);
  return made;
}

void PayloadTemplate::append_to(std::string& out, const Message& message) const {
  DrawKey key{message.seed, DrawKey::Kind::placeholder, message.client, message.sequence, 0};
  for (const Piece& piece : pieces_) {
    ++key.place;
    const auto drawn = [&] {
      const auto range =
          static_cast<std::uint64_t>(piece.most) - static_cast<std::uint64_t>(piece.least);
      return static_cast<std::int64_t>(static_cast<std::uint64_t>(piece.least) +
                                       draw_between(key, 0, range));
    };
    switch (piece.kind) {
      case Piece::Kind::text:
        out += piece.text;
        break;
      case Piece::Kind::client:
        append_decimal(out, message.client, 0);
        break;
      case Piece::Kind::sequence:
        append_decimal(out, message.sequence, 0);
        break;
      case Piece::Kind::time:
        append_decimal(out, message.due.time_since_epoch() / std::chrono::milliseconds(1), 0);
        break;
      case Piece::Kind::iso_time:
        append_iso(out, message.due);
        break;
      case Piece::Kind::number:
        append_decimal(out, drawn(), piece.decimals);
        break;
      case Piece::Kind::letters:
        append_letters(out, key, static_cast<std::uint64_t>(drawn()));
        break;
      case Piece::Kind::choice:
        out += piece.choices[static_cast<std::size_t>(drawn())];
        break;
    }
  }
}

}  // namespace mq_bench
