#pragma once

#include <cstdint>
#include <string>

#include "tools/mq-bench/plan.hpp"

namespace mq_bench {

/// How each client of a run connects: what is common to all is worked out once.
class ClientRecipe {
 public:
  ClientRecipe(const Options& options, const Plan& plan, const std::string& run_id);

  /// For client number `index` of a role, the `order`th of all clients of the run.
  mqtt::client::ClientOptions make(Plan::Role role, std::uint32_t index, std::uint64_t order) const;

 private:
  const Options& options_;
  const Plan& plan_;
  std::string id_prefix_;
  mqtt::client::ClientOptions common_;
};

}  // namespace mq_bench
