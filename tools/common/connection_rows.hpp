#pragma once

#include <vector>

#include "tools/common/connection_options.hpp"
#include "tools/common/option.hpp"

namespace cli {

/// The rows by topic, for the tools to pick from; `options` must outlive them.
/// -h -p -L -A -u -P -V -k --connect-timeout, and transport_rows()
std::vector<Option> broker_rows(ConnectionOptions& options);
/// -i -I -c -x -M -D
std::vector<Option> session_rows(ConnectionOptions& options);
/// --will-topic --will-payload --will-qos --will-retain
std::vector<Option> will_rows(ConnectionOptions& options);
/// --retry --no-retry
std::vector<Option> retry_rows(ConnectionOptions& options);

/// Appends rows to a table.
void append(std::vector<Option>& table, std::vector<Option> rows);

}  // namespace cli
