#pragma once

#include <expected>
#include <string>

#include "tools/mq-broker-lite/options.hpp"

namespace mq_broker_lite {

/// Reads a file of mosquitto.conf's dialect into `options`, and the files that its include_dir
/// names. The error is one line that begins with "FILE:LINE:" (or "FILE:", when it can't be read)
/// and leaves `options` half filled.
std::expected<void, std::string> read_config(const std::string& path, Options& options);

/// Reads all files *.conf of a directory, in mosquitto's order. `place` begins the complaint about
/// the directory itself.
std::expected<void, std::string> read_config_dir(const std::string& directory,
                                                 const std::string& place, Options& options);

}  // namespace mq_broker_lite
