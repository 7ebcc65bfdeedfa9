#pragma once

#include <expected>
#include <string>

struct ssl_ctx_st;

namespace mqtt::net {

/// Makes all connections of this context append their secrets to a file, as NSS writes key logs and
/// packet analysers read them: for looking into one's own traffic. Only the owner may read a file
/// that is new. The error is one line that begins with "keylog ".
std::expected<void, std::string> log_keys(ssl_ctx_st* context, const std::string& path);

}  // namespace mqtt::net
