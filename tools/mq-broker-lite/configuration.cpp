#include "tools/mq-broker-lite/configuration.hpp"

#include <filesystem>

#include "tools/common/parse.hpp"
#include "tools/mq-broker-lite/config_file.hpp"
#include "tools/mq-broker-lite/listeners.hpp"

namespace mq_broker_lite {
namespace {

using Outcome = std::expected<void, std::string>;

Outcome read_files(const Options& named, Options& options) {
  options.source = Options::Source::file;
  options.ignore_unknown_keys = named.ignore_unknown_keys;
  if (!named.config_file.empty())
    if (Outcome read = read_config(named.config_file, options); !read) return read;
  for (const std::string& directory : named.include_dirs)
    if (Outcome read = read_config_dir(directory, "--include-dir", options); !read) return read;
  return {};
}

Outcome read_words(cli::Words words, Options& options) {
  options.source = Options::Source::command_line;
  options.block.reset();
  options.has_security = false;
  const auto parsed = cli::parse(describe(options), words);
  if (!parsed) return std::unexpected(parsed.error());
  return {};
}

std::optional<mqtt::server::StoreSettings> store_of(const Options& options) {
  if (!options.store.empty())
    return mqtt::server::StoreSettings{options.store, options.store_sync};
  if (!options.persistence) return std::nullopt;
  const auto path = std::filesystem::path(options.persistence_location) / options.persistence_file;
  return mqtt::server::StoreSettings{path.string(), options.store_sync};
}

}  // namespace

std::string changed_for_restart(const Configuration& running, const Configuration& read) {
  std::string keys;
  const auto add_changed = [&keys](const Configuration& one, const Configuration& other,
                                   bool skips_common) {
    for (const auto& [key, text] : one.fixed) {
      const auto found = other.fixed.find(key);
      const bool is_common = found != other.fixed.end();
      if (is_common && (skips_common || found->second == text)) continue;
      keys += keys.empty() ? key : ", " + key;
    }
  };
  add_changed(running, read, false);
  add_changed(read, running, true);
  return keys;
}

std::expected<Configuration, std::string> load(cli::Words words) {
  Options named;
  if (Outcome read = read_words(words, named); !read) return std::unexpected(read.error());
  Options options;
  if (Outcome read = read_files(named, options); !read) return std::unexpected(read.error());
  if (Outcome read = read_words(words, options); !read) return std::unexpected(read.error());
  auto listeners = complete_listeners(options);
  if (!listeners) return std::unexpected(listeners.error());
  options.settings.listeners = std::move(*listeners);
  options.settings.store = store_of(options);
  return Configuration{.settings = std::move(options.settings),
                       .warnings = std::move(options.warnings),
                       .is_open_by_default = options.is_open_by_default,
                       .fixed = std::move(options.fixed)};
}

}  // namespace mq_broker_lite
