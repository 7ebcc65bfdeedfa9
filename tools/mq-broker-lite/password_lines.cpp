#include "tools/mq-broker-lite/password_lines.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "libmqtt/base/escape.hpp"

namespace mq_broker_lite {
namespace {

/// One line and what ends it: nothing at the end of some files.
struct Line {
  std::string_view text;
  std::string_view end;

  bool is_of(std::string_view user) const {
    return text.starts_with(user) && text.substr(user.size()).starts_with(':');
  }
  bool says_nothing() const {
    return text.starts_with('#') || text.find_first_not_of(" \t") == std::string_view::npos;
  }
};

Line take_line(std::string_view& text) {
  const std::size_t feed = text.find('\n');
  std::string_view line = text.substr(0, feed == std::string_view::npos ? feed : feed + 1);
  text.remove_prefix(line.size());
  std::size_t size = line.size();
  if (feed != std::string_view::npos) --size;
  if (size > 0 && line[size - 1] == '\r') --size;
  return {line.substr(0, size), line.substr(size)};
}

void append(std::string& out, std::string_view text, std::string_view end) {
  out += text;
  out += end;
}

bool begins_like_hash(std::string_view password) {
  constexpr std::array<std::string_view, 4> kKinds = {"$6$", "$7$", "$argon2id$",
                                                      "$scram-sha-256$"};
  return std::ranges::any_of(kKinds,
                             [&](std::string_view kind) { return password.starts_with(kind); });
}

/// "USER:HASH" for a line "USER:PASSWORD"; nothing for one that may stay.
std::expected<std::optional<std::string>, std::string> hashed(std::string_view line,
                                                              mqtt::server::PasswordKind kind) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return std::unexpected("no ':' behind the user's name");
  const std::string_view user = line.substr(0, colon);
  const std::string_view password = line.substr(colon + 1);
  const auto complain = [&](const std::string& what) {
    return std::unexpected(mqtt::quoted(user) + ": " + what);
  };
  if (mqtt::server::parse_password_entry(password)) return std::nullopt;
  if (begins_like_hash(password)) return complain("begins like a hash and is none");
  if (password.empty()) return complain("an empty password");
  const auto entry = mqtt::server::make_password_entry(kind, password);
  if (!entry) return complain(entry.error());
  return fmt::format("{}:{}", user, to_text(*entry));
}

}  // namespace

std::string with_entry(std::string_view text, std::string_view user, std::string_view entry) {
  const std::string wanted = fmt::format("{}:{}", user, entry);
  std::string out;
  bool is_there = false;
  std::string_view usual_end = "\n";
  while (!text.empty()) {
    const Line line = take_line(text);
    if (!line.end.empty()) usual_end = line.end;
    if (!line.is_of(user)) {
      append(out, line.text, line.end);
    } else if (!is_there) {
      is_there = true;
      append(out, wanted, line.end);
    }
  }
  if (is_there) return out;
  if (!out.empty() && !out.ends_with('\n')) out += usual_end;
  append(out, wanted, usual_end);
  return out;
}

std::optional<std::string> without_user(std::string_view text, std::string_view user) {
  std::string out;
  bool is_there = false;
  while (!text.empty()) {
    const Line line = take_line(text);
    if (line.is_of(user))
      is_there = true;
    else
      append(out, line.text, line.end);
  }
  if (!is_there) return std::nullopt;
  return out;
}

std::expected<std::string, std::string> hash_plain(std::string_view text,
                                                   mqtt::server::PasswordKind kind) {
  std::string out;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const Line line = take_line(text);
    if (line.says_nothing()) {
      append(out, line.text, line.end);
      continue;
    }
    const auto entry = hashed(line.text, kind);
    if (!entry) return std::unexpected(fmt::format("{}: {}", number, entry.error()));
    append(out, *entry ? std::string_view(**entry) : line.text, line.end);
  }
  return out;
}

}  // namespace mq_broker_lite
