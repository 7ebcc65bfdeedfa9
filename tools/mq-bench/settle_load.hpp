#pragma once

#include "tools/mq-bench/options.hpp"

namespace mq_bench {

/// Checks what the options say about topics and payloads, reads the files that they name, and puts
/// what follows from them into `options`. The complaint names the flag.
cli::Complaint settle_load(Options& options);

}  // namespace mq_bench
