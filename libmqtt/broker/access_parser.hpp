#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "libmqtt/broker/access.hpp"

namespace mqtt::broker {

/// Makes the Access of an ACL file, line by line.
class AccessParser {
 public:
  AccessParser() : rules_(&access_.anonymous_) {}

  /// One line without its end. The error says what is wrong with it.
  std::expected<void, std::string> add_line(std::string_view line);
  Access take() { return std::move(access_); }

 private:
  std::expected<void, std::string> begin_user(std::string_view name);
  std::expected<void, std::string> add_rule(std::string_view text, bool is_pattern);

  Access access_;
  Access::Rules* rules_;  ///< Of the user that the lines are for now.
};

}  // namespace mqtt::broker
