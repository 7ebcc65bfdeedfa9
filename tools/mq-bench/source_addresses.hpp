#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/common/option.hpp"

namespace mq_bench {

/// The local addresses that a list names, in its order: "127.0.0.2", "127.0.0.2-127.0.0.9",
/// "127.0.1.0/28" (without the addresses of the network and of broadcast), "::1", any of them
/// separated by commas. At most 65,536.
std::expected<std::vector<std::string>, cli::Complaint> parse_source_addresses(
    std::string_view list);

/// The first of these addresses that this machine cannot connect from, and why; nothing: it can
/// from all.
struct RefusedSource {
  std::string address;
  std::string reason;
};
std::optional<RefusedSource> find_refused(const std::vector<std::string>& sources);

}  // namespace mq_bench
