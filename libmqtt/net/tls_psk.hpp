#pragma once

#include <expected>
#include <string>

struct ssl_ctx_st;

namespace mqtt::net {

/// Makes all connections of this client's context authenticate both sides by a key that they share
/// (RFC 4279; in TLS 1.3 RFC 8446 §4.2.11) instead of certificates. A server that answers with a
/// certificate all the same is not trusted. `key` is in bytes; the error begins with "psk ".
std::expected<void, std::string> share_key(ssl_ctx_st* context, const std::string& identity,
                                           const std::string& key);

}  // namespace mqtt::net
