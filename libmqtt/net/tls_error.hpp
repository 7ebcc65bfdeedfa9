#pragma once

#include <string>
#include <system_error>

struct ssl_st;

namespace mqtt::net {

/// What goes wrong in TLS itself: refused certificates, alerts, broken records. message() is for a
/// person: "certificate refused: certificate has expired", "the peer refused: unknown ca".
const std::error_category& tls_category();

/// What OpenSSL's error queue says about a call on `ssl` that has just failed; empties the queue.
std::error_code take_tls_error(const ssl_st* ssl);

/// The certificate did not verify, for this reason (X509_V_ERR_...).
std::error_code tls_verify_error(long reason);

/// The latest entry of OpenSSL's error queue as words, for files that would not load; empties the
/// queue. Empty when it says nothing.
std::string take_openssl_text();

}  // namespace mqtt::net
