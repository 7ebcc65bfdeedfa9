#pragma once

#include "libmqtt/base/escape.hpp"

namespace cli {

using mqtt::append_escaped;
using mqtt::escaped;
using mqtt::quoted;

/// Whether this file descriptor is a terminal.
bool is_terminal(int fd);

/// Opens /dev/null for each of stdin, stdout and stderr that is closed, so that no socket gets its
/// number and then what is meant for it. Writing to a stdout that was closed fails still. To be
/// called before anything is opened.
void occupy_standard_descriptors();

}  // namespace cli
