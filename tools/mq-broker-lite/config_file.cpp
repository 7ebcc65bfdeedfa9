#include "tools/mq-broker-lite/config_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <map>
#include <utility>

#include "tools/common/config_file.hpp"
#include "tools/common/terminal.hpp"
#include "tools/mq-broker-lite/foreign_keys.hpp"

namespace mq_broker_lite {
namespace {

using Outcome = std::expected<void, std::string>;

/// As mosquitto sorts what include_dir finds: letters of either case together, and where that
/// leaves two names equal so far, upper case first.
bool comes_before(const std::string& a, const std::string& b) {
  const auto upper = [](char c) { return std::toupper(static_cast<unsigned char>(c)); };
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    if (upper(a[i]) != upper(b[i])) return upper(a[i]) < upper(b[i]);
    if (a[i] != b[i]) return a[i] < b[i];
  }
  return a.size() < b.size();
}

/// The names *.conf in a directory, sorted.
std::expected<std::vector<std::string>, std::error_code> list(const std::string& directory) {
  constexpr std::string_view kEnding = ".conf";
  std::vector<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    std::string name = entry->path().filename().string();
    if (name.size() > kEnding.size() && name.ends_with(kEnding)) names.push_back(std::move(name));
  }
  if (error) return std::unexpected(error);
  std::ranges::sort(names, comes_before);
  return names;
}

class Reader {
 public:
  explicit Reader(Options& options) : options_(options), table_(keys(options)) {
    for (const Key& key : table_) by_name_.emplace(key.name(), &key);
  }

  Outcome read(const std::string& path, bool may_include);
  Outcome read_directory(const std::string& directory, const std::string& place);

 private:
  Outcome apply(const cli::ConfigLine& line, bool may_include);
  Outcome apply(const Key& key, const cli::ConfigLine& line);
  Outcome meet_stranger(const std::string& name);
  std::optional<std::string> first_place(const Key& key, const std::string& name);
  std::unexpected<std::string> refuse(const std::string& why) const {
    return std::unexpected(fmt::format("{}: {}", options_.place, why));
  }

  Options& options_;
  std::vector<Key> table_;
  std::map<std::string, const Key*, std::less<>> by_name_;
  /// Where a key whose repetition is refused stood first, by its name and listener.
  std::map<std::pair<std::string, std::optional<std::size_t>>, std::string> seen_;
};

Outcome Reader::read(const std::string& path, bool may_include) {
  const auto lines = cli::read_config_file(path);
  if (!lines) return std::unexpected(lines.error());
  // Each file begins with the default listener, and the one that includes it goes on with its own.
  const auto outer = std::exchange(options_.block, std::nullopt);
  for (const cli::ConfigLine& line : *lines) {
    options_.place = fmt::format("{}:{}", path, line.number);
    if (Outcome applied = apply(line, may_include); !applied) return applied;
  }
  options_.block = outer;
  return {};
}

Outcome Reader::read_directory(const std::string& directory, const std::string& place) {
  const auto names = list(directory);
  if (!names)
    return std::unexpected(fmt::format("{}: include_dir: {}: {}", place, cli::quoted(directory),
                                       names.error().message()));
  for (const std::string& name : *names) {
    const auto path = (std::filesystem::path(directory) / name).string();
    if (Outcome outcome = read(path, false); !outcome) return outcome;
  }
  return {};
}

Outcome Reader::apply(const cli::ConfigLine& line, bool may_include) {
  const auto found = by_name_.find(line.key);
  if (found == by_name_.end()) return meet_stranger(line.key);
  if (line.key != "include_dir") return apply(*found->second, line);
  if (!may_include) return refuse("include_dir: not in a file that was included itself");
  if (line.value.empty()) return refuse("include_dir: needs DIR");
  return read_directory(line.value, options_.place);
}

Outcome Reader::apply(const Key& key, const cli::ConfigLine& line) {
  std::string value = line.value;
  if (key.syntax == Key::Syntax::word || key.syntax == Key::Syntax::words) {
    // As mosquitto does, which reads the word and does not look at what is behind it; but only a
    // comment may be there.
    const std::size_t end = std::min(value.find_first_of(" \t"), value.size());
    const std::size_t rest = value.find_first_not_of(" \t", end);
    if (rest == std::string::npos || value[rest] == '#') value.resize(end);
  }
  if (value.empty()) return refuse(fmt::format("{}: needs {}", line.key, key.option.value));
  if (const auto first = first_place(key, line.key))
    return refuse(fmt::format("{}: given already, at {}", line.key, *first));
  const std::vector<std::string> words = {std::move(value)};
  if (const cli::Complaint complaint = key.option.set(words); !complaint.empty())
    return refuse(fmt::format("{}: {}", line.key, complaint));
  if (!key.reloads) {
    const std::size_t block = options_.block.value_or(0);
    options_.fixed[line.key] += fmt::format("{} {}\n", block, words[0]);
  }
  return {};
}

/// mosquitto refuses a second text for the same thing, and takes the last of several numbers.
std::optional<std::string> Reader::first_place(const Key& key, const std::string& name) {
  if (key.syntax != Key::Syntax::line || !key.refusal.empty()) return std::nullopt;
  const bool is_listeners =
      key.scope == Key::Scope::listener ||
      (key.scope == Key::Scope::access && options_.settings.per_listener_settings);
  const auto listener = is_listeners ? options_.block : std::nullopt;
  const auto [first, is_new] = seen_.emplace(std::pair(name, listener), options_.place);
  return is_new ? std::nullopt : std::optional(first->second);
}

Outcome Reader::meet_stranger(const std::string& name) {
  std::string what;
  if (const auto foreign = find_foreign_key(name)) {
    what = fmt::format("{}: {}", name, foreign->reason);
    if (!foreign->is_refused) {
      options_.warnings.push_back(fmt::format("{}: {}", options_.place, what));
      return {};
    }
    return refuse(what);
  }
  what = fmt::format("unknown key {}", cli::quoted(name));
  std::vector<std::string_view> names;
  for (const auto& [known, key] : by_name_) names.push_back(known);
  if (const auto meant = cli::closest(name, names)) what += fmt::format(": is {} meant?", *meant);
  if (!options_.ignore_unknown_keys) return refuse(what);
  options_.warnings.push_back(fmt::format("{}: {}: ignored", options_.place, what));
  return {};
}

}  // namespace

Outcome read_config(const std::string& path, Options& options) {
  return Reader(options).read(path, true);
}

Outcome read_config_dir(const std::string& directory, const std::string& place, Options& options) {
  return Reader(options).read_directory(directory, place);
}

}  // namespace mq_broker_lite
