#pragma once

#include "libmqtt/base/escape.hpp"

namespace cli {

using mqtt::append_escaped;
using mqtt::escaped;
using mqtt::quoted;

/// Whether this file descriptor is a terminal.
bool is_terminal(int fd);

}  // namespace cli
