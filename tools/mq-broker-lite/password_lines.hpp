#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "libmqtt/server/password_entry.hpp"

namespace mq_broker_lite {

// A password file as text: what a change is not about stays byte for byte, comments, order and line
// ends included.

/// `user` has this entry and stands where it stood, once; a new one stands at the end.
std::string with_entry(std::string_view text, std::string_view user, std::string_view entry);

/// Nothing when the user is not there.
std::optional<std::string> without_user(std::string_view text, std::string_view user);

/// Every password that is no hash is replaced by its hash. The error is "LINE: what".
std::expected<std::string, std::string> hash_plain(std::string_view text,
                                                   mqtt::server::PasswordKind kind);

}  // namespace mq_broker_lite
