#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "tools/common/connection_options.hpp"

namespace mq_bench {

/// A text that may differ from client to client: one with %i in it, which is the client's number,
/// or the lines of a file (@FILE; @@ at the beginning is an @).
class PerClientText {
 public:
  PerClientText() = default;
  /// Fewer lines than clients are an error.
  static std::expected<PerClientText, cli::Complaint> make(const std::string& word,
                                                           std::uint32_t clients);
  std::string of(std::uint32_t client) const;

 private:
  std::string pattern_;
  std::vector<std::string> lines_;
};

/// Who the clients of a run are to the broker: user names, passwords and certificates.
struct Identities {
  std::optional<PerClientText> username;
  std::optional<PerClientText> password;
  std::vector<mqtt::net::TlsContext> certificates;  ///< Of each client; empty: all have the same.

  /// Checks the connection's options and reads all that they name for so many clients, numbered
  /// from 0. Afterwards `connection` holds what client 0 uses.
  cli::Complaint settle(cli::ConnectionOptions& connection, std::uint32_t clients);

 private:
  cli::Complaint settle_texts(cli::ConnectionOptions& connection, std::uint32_t clients);
};

}  // namespace mq_bench
