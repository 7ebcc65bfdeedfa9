#include "tools/mq-broker-lite/configuration.hpp"

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

}  // namespace

std::expected<Configuration, std::string> load(cli::Words words) {
  Options named;
  if (Outcome read = read_words(words, named); !read) return std::unexpected(read.error());
  Options options;
  if (Outcome read = read_files(named, options); !read) return std::unexpected(read.error());
  if (Outcome read = read_words(words, options); !read) return std::unexpected(read.error());
  auto listeners = complete_listeners(options);
  if (!listeners) return std::unexpected(listeners.error());
  options.settings.listeners = std::move(*listeners);
  return Configuration{std::move(options.settings), std::move(options.warnings), {}};
}

}  // namespace mq_broker_lite
