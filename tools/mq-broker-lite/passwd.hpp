#pragma once

#include <string>
#include <vector>

#include "libmqtt/server/password_entry.hpp"
#include "tools/common/option.hpp"

namespace mq_broker_lite {

struct PasswdOptions {
  bool create = false;
  bool remove = false;
  bool hash_all = false;
  bool batch = false;
  mqtt::server::PasswordKind kind = mqtt::server::PasswordKind::argon2id;
  std::vector<std::string> words;  ///< FILE, USER, PASSWORD.
};

/// The option table of `mq-broker-lite passwd`; its setters write into `options`, which must
/// outlive it.
cli::Tool describe(PasswdOptions& options);

/// All of `mq-broker-lite passwd`, a main() of its own: argv[0] is "passwd".
int passwd(int argc, char** argv);

}  // namespace mq_broker_lite
