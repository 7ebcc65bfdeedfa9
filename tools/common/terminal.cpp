#include "tools/common/terminal.hpp"

#include <unistd.h>

namespace cli {

bool is_terminal(int fd) { return ::isatty(fd) == 1; }

}  // namespace cli
