#include "tools/mq-bench/payload_source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "tools/common/terminal.hpp"
#include "tools/mq-bench/random.hpp"

namespace mq_bench {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kLargestContent = 268'000'000;
constexpr std::uint64_t kLargestCorpus = 1'000'000'000;
constexpr std::uint64_t kLargestTemplate = 1'000'000;

using Text = std::expected<std::string, std::string>;

Text read_whole(const fs::path& path, std::uint64_t most) {
  const std::string name = cli::escaped(path.string());
  std::error_code error;
  if (!fs::is_regular_file(path, error))
    return std::unexpected(fmt::format("-m: {}: is not a file", name));
  const std::uint64_t size = fs::file_size(path, error);
  if (error || size > most)
    return std::unexpected(fmt::format("-m: {}: is larger than {} bytes", name, most));
  std::ifstream file(path, std::ios::binary);
  std::string text(size, '\0');
  if (!file.read(text.data(), static_cast<std::streamsize>(size)) && size > 0)
    return std::unexpected(fmt::format("-m: {}: cannot be read", name));
  return text;
}

using Contents = std::expected<std::vector<mqtt::Bytes>, std::string>;

/// All files of a directory, by their names, so that the order is the same everywhere.
Contents read_corpus(const fs::path& directory) {
  const std::string name = cli::escaped(directory.string());
  std::error_code error;
  std::vector<fs::path> paths;
  for (fs::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->is_regular_file(error)) paths.push_back(entry->path());
  }
  if (error) return std::unexpected(fmt::format("-m: {}: {}", name, error.message()));
  if (paths.empty()) return std::unexpected(fmt::format("-m: {}: holds no files", name));
  std::ranges::sort(paths);
  std::vector<mqtt::Bytes> contents;
  std::uint64_t total = 0;
  for (const fs::path& path : paths) {
    const Text text = read_whole(path, kLargestContent);
    if (!text) return std::unexpected(text.error());
    total += text->size();
    if (total > kLargestCorpus)
      return std::unexpected(fmt::format("-m: {}: more than {} bytes", name, kLargestCorpus));
    contents.push_back(mqtt::Bytes::copy(*text));
  }
  return contents;
}

Contents read_contents(const std::string& word) {
  if (!word.starts_with('@')) return std::vector{mqtt::Bytes::copy(word)};
  const fs::path path = word.substr(1);
  std::error_code error;
  if (fs::is_directory(path, error)) return read_corpus(path);
  const Text text = read_whole(path, kLargestContent);
  if (!text) return std::unexpected(text.error());
  return std::vector{mqtt::Bytes::copy(*text)};
}

std::size_t size_of(HeaderForm form) {
  switch (form) {
    case HeaderForm::compact:
      return PayloadHeader::kSize;
    case HeaderForm::extended:
      return PayloadHeader::kExtendedSize;
    case HeaderForm::property:
      break;
  }
  return 0;
}

}  // namespace

std::expected<PayloadSource, std::string> PayloadSource::make(const PayloadWish& wish) {
  PayloadSource source;
  if (wish.message && wish.size) return std::unexpected("-m and -s exclude each other");
  source.seed_ = wish.seed;
  source.properties_ = wish.properties;
  source.size_ = wish.size.value_or(SizeRange{});
  std::string complaint = source.take_form(wish);
  if (complaint.empty() && wish.message) complaint = source.take_message(*wish.message);
  if (!complaint.empty()) return std::unexpected(std::move(complaint));
  return source;
}

// A payload too small for the header sends it beside it, which MQTT 5.0 alone has a place for.
std::string PayloadSource::take_form(const PayloadWish& wish) {
  form_ = wish.header.value_or(HeaderForm::compact);
  if (form_ == HeaderForm::property && !wish.has_properties)
    return "--header property: needs MQTT 5.0 (-V 5)";
  if (wish.message || size_.least >= size_of(form_)) return {};
  const bool is_free = !wish.header && wish.has_properties;
  if (!is_free) {
    return fmt::format("-s: {} bytes cannot hold the {} bytes of sequence number and time{}",
                       size_.least, size_of(form_),
                       wish.has_properties ? "" : "; with -V 5 they go into a user property");
  }
  form_ = HeaderForm::property;
  return {};
}

std::string PayloadSource::take_message(const std::string& word) {
  constexpr std::string_view kTemplate = "template:";
  if (word.starts_with(kTemplate)) {
    const std::string path = word.substr(kTemplate.size());
    const Text text = read_whole(path, kLargestTemplate);
    if (!text) return text.error();
    auto made = PayloadTemplate::parse(*text, cli::escaped(path));
    if (!made) return std::move(made.error());
    template_ = std::make_shared<const PayloadTemplate>(std::move(*made));
    return {};
  }
  auto contents = read_contents(word);
  if (!contents) return std::move(contents.error());
  contents_ = std::move(*contents);
  is_corpus_ = contents_.size() > 1;
  const auto [least, most] = std::ranges::minmax(contents_, {}, &mqtt::Bytes::size);
  size_ = {least.size() + header_size(), most.size() + header_size()};
  return {};
}

std::size_t PayloadSource::header_size() const { return size_of(form_); }

std::optional<SizeRange> PayloadSource::size() const {
  return template_ ? std::nullopt : std::optional(size_);
}

std::string PayloadSource::description() const {
  std::string text = template_                   ? std::string("template")
                     : size_.least == size_.most ? fmt::format("{} B", size_.least)
                                                 : fmt::format("{}..{} B", size_.least, size_.most);
  if (is_corpus_) text += fmt::format(" ({} files)", contents_.size());
  if (form_ == HeaderForm::extended) text += ", long header";
  if (form_ == HeaderForm::property) text += ", header in a user property";
  return text;
}

std::uint64_t PayloadSource::content_size(const PayloadHeader& header) const {
  if (!contents_.empty()) return content(header).size();
  const std::uint64_t size =
      size_.least == size_.most
          ? size_.least
          : draw_between({seed_, DrawKey::Kind::size, header.publisher, header.sequence, 0},
                         size_.least, size_.most);
  return size - header_size();
}

bool PayloadSource::can_be(const PayloadHeader& header, std::size_t size) const {
  if (template_) return size >= header_size();
  return size == header_size() + content_size(header);
}

}  // namespace mq_bench
