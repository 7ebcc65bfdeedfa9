#include "tools/common/terminal.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace cli {

bool is_terminal(int fd) { return ::isatty(fd) == 1; }

void occupy_standard_descriptors() {
  // open() gives the lowest free number: in this order, the one that was found closed.
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    const bool is_open = ::fcntl(fd, F_GETFD) >= 0;
    const int access = fd == STDERR_FILENO ? O_WRONLY : O_RDONLY;
    if (!is_open && ::open("/dev/null", access) < 0) return;
  }
}

}  // namespace cli
