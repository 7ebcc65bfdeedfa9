#pragma once

#include <expected>
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

}  // namespace mq_bench
