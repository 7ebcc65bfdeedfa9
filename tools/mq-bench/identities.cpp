#include "tools/mq-bench/identities.hpp"

#include <fmt/format.h>

#include <fstream>
#include <utility>

#include "tools/common/terminal.hpp"
#include "tools/mq-bench/options.hpp"

namespace mq_bench {
namespace {

using cli::Complaint;
using mqtt::net::TlsClientOptions;
using mqtt::net::TlsContext;

bool differs(std::string_view text) { return text.contains("%i"); }

TlsClientOptions tls_of(const TlsClientOptions& pattern, std::uint32_t client) {
  TlsClientOptions tls = pattern;
  tls.certfile = expand(pattern.certfile, client);
  tls.keyfile = expand(pattern.keyfile, client);
  return tls;
}

/// Replaces the word by what client 0 has.
Complaint settle_text(std::optional<PerClientText>& target, std::optional<std::string>& word,
                      std::string_view flag, std::uint32_t clients) {
  if (!word) return {};
  auto text = PerClientText::make(*word, clients);
  if (!text) return fmt::format("{}: {}", flag, text.error());
  word = text->of(0);
  target = std::move(*text);
  return {};
}

}  // namespace

std::expected<PerClientText, Complaint> PerClientText::make(const std::string& word,
                                                            std::uint32_t clients) {
  PerClientText text;
  if (!word.starts_with('@') || word.starts_with("@@")) {
    text.pattern_ = word.substr(word.starts_with('@') ? 1 : 0);
    return text;
  }
  const std::string path = word.substr(1);
  std::ifstream file(path);
  for (std::string line; text.lines_.size() < clients && std::getline(file, line);) {
    if (line.ends_with('\r')) line.pop_back();
    text.lines_.push_back(std::move(line));
  }
  if (!file.is_open() || file.bad())
    return std::unexpected(fmt::format("{}: cannot be read", cli::escaped(path)));
  if (text.lines_.size() < clients) {
    return std::unexpected(fmt::format("{}: has {} lines for {} clients", cli::escaped(path),
                                       text.lines_.size(), clients));
  }
  return text;
}

std::string PerClientText::of(std::uint32_t client) const {
  return lines_.empty() ? expand(pattern_, client) : lines_[client];
}

Complaint Identities::settle_texts(cli::ConnectionOptions& connection, std::uint32_t clients) {
  Complaint complaint = settle_text(username, connection.username, "-u", clients);
  // One that is asked for is as it is typed.
  if (complaint.empty() && !connection.asks_password)
    complaint = settle_text(password, connection.password, "-P", clients);
  return complaint;
}

Complaint Identities::settle(cli::ConnectionOptions& connection, std::uint32_t clients) {
  if (Complaint complaint = settle_texts(connection, clients); !complaint.empty()) return complaint;
  TlsClientOptions& tls = connection.transport.tls;
  const TlsClientOptions pattern = tls;
  tls = tls_of(pattern, 0);
  Complaint complaint = cli::check(connection);
  const bool is_each = differs(pattern.certfile) || differs(pattern.keyfile);
  if (!complaint.empty() || !connection.tls || !is_each) return complaint;
  certificates.push_back(*connection.tls);
  for (std::uint32_t client = 1; client < clients; ++client) {
    auto context = TlsContext::client(tls_of(pattern, client), &certificates.front());
    if (!context) return fmt::format("--cert and --key: {}", context.error());
    certificates.push_back(std::move(*context));
  }
  return {};
}

}  // namespace mq_bench
