#pragma once

#include <vector>

#include "tools/common/option.hpp"
#include "tools/common/transport_options.hpp"

namespace cli {

/// --unix --ws --ws-path --ws-header --proxy, and the flags of TLS; `options` must outlive them.
std::vector<Option> transport_rows(TransportOptions& options);

}  // namespace cli
