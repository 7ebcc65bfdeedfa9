#include "libmqtt/server/password_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <variant>

#include "libmqtt/base/escape.hpp"
#include "libmqtt/base/utf8.hpp"
#include "libmqtt/server/text_file.hpp"

namespace mqtt::server {
namespace {

/// The longest name MQTT can say, and the longest hash.
constexpr std::size_t kMaximumName = 65535;
constexpr std::size_t kMaximumLine = kMaximumName + 8 * 1024;

/// The line without what ends it; `text` goes on behind.
std::string_view take_line(std::string_view& text) {
  std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(line.size() + 1, text.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

struct User {
  std::string_view name;
  PasswordEntry entry;
};

std::expected<User, std::string> parse_line(std::string_view line) {
  if (line.size() > kMaximumLine)
    return std::unexpected(fmt::format("a line of {} bytes", line.size()));
  if (line.find('\0') != std::string_view::npos) return std::unexpected("a NUL byte");
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return std::unexpected("no ':' behind the user's name");
  const std::string_view name = line.substr(0, colon);
  if (auto complaint = judge_username(name); !complaint.empty())
    return std::unexpected(std::move(complaint));
  auto entry = parse_password_entry(line.substr(colon + 1));
  if (!entry) return std::unexpected(quoted(name) + ": " + entry.error());
  return User{name, std::move(*entry)};
}

bool is_blank(std::string_view line) {
  return line.starts_with('#') || line.find_first_not_of(" \t") == std::string_view::npos;
}

}  // namespace

std::string judge_username(std::string_view name) {
  if (name.empty()) return "an empty user name";
  if (name.size() > kMaximumName) return "a user name of more than 65535 bytes";
  if (!is_valid_utf8(name)) return "a user name that is not UTF-8";
  if (name.starts_with('#')) return "a user name that begins with '#'";
  const bool has_control = std::ranges::any_of(
      name, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '\x7F'; });
  return has_control ? "a user name with control characters" : "";
}

PasswordFile::Result PasswordFile::parse(std::string_view text) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  auto file = std::make_shared<PasswordFile>();
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::string_view line = take_line(text);
    if (is_blank(line)) continue;
    auto user = parse_line(line);
    if (!user) return std::unexpected(fmt::format("{}: {}", number, user.error()));
    const auto [at, is_new] = file->users_.emplace(user->name, std::move(user->entry));
    if (!is_new)
      return std::unexpected(fmt::format("{}: {} is there twice", number, quoted(at->first)));
  }
  file->choose_stand_in();
  return file;
}

PasswordFile::Result PasswordFile::load(const std::string& path) {
  const auto text = read_text_file(path);
  if (!text) return std::unexpected(text.error());
  auto file = parse(*text);
  if (!file) return std::unexpected(escaped(path) + ":" + file.error());
  return file;
}

/// One as the most users have; argon2id where there are none.
void PasswordFile::choose_stand_in() {
  std::array<std::size_t, std::variant_size_v<PasswordEntry>> counts{};
  stand_in_ = Argon2idEntry{};
  std::size_t most = 0;
  for (const auto& [name, entry] : users_) {
    if (const auto* scram = std::get_if<ScramEntry>(&entry)) scram_iterations_ = scram->iterations;
    if (++counts[entry.index()] <= most) continue;
    most = counts[entry.index()];
    stand_in_ = entry;
  }
  stand_in_ = unmatchable(std::move(stand_in_));
}

Verdict PasswordFile::verify(std::string_view username, std::string_view password) const {
  const auto found = users_.find(username);
  const bool is_known = found != users_.end();
  const Verdict verdict = server::verify(is_known ? found->second : stand_in_, password);
  return !is_known && verdict == Verdict::right ? Verdict::wrong : verdict;
}

const ScramEntry* PasswordFile::find_scram(std::string_view username) const {
  const auto found = users_.find(username);
  return found == users_.end() ? nullptr : std::get_if<ScramEntry>(&found->second);
}

}  // namespace mqtt::server
