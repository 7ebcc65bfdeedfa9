#include "tools/mq-broker-lite/password_prompt.hpp"

#include <unistd.h>

#include "tools/common/secret_input.hpp"
#include "tools/common/terminal.hpp"

namespace mq_broker_lite {

std::expected<std::string, std::string> read_password(const std::string& user) {
  if (!cli::is_terminal(STDIN_FILENO)) return cli::read_secret_line(STDIN_FILENO, "stdin");
  return cli::ask_new_secret(STDIN_FILENO, "Password for " + user);
}

}  // namespace mq_broker_lite
