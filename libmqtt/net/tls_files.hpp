#pragma once

#include <expected>
#include <string>

struct ssl_ctx_st;

namespace mqtt::net {

/// Loads the PEM files of a TLS context into OpenSSL's `context`. Every error is one line that
/// names the option, the file and the reason: "keyfile /etc/mq/key.pem: permission denied". Files
/// are read whole before anything is parsed, so that what is wrong with the file itself (missing,
/// a directory, not readable) never ends as a riddle of the parser.
namespace tls_files {

using Loaded = std::expected<void, std::string>;

/// The certificate with its chain, and its key. Refuses a certificate that has expired and a key
/// with a password: a broker can't be asked for one.
Loaded load_certificate(ssl_ctx_st* context, const std::string& certfile,
                        const std::string& keyfile);
/// Who is trusted to sign the peer's certificate. A server tells its clients the names in cafile.
Loaded load_authorities(ssl_ctx_st* context, const std::string& cafile, const std::string& capath);
/// Certificates taken back by who signed them; from now on everybody must be covered by a list.
Loaded load_revocations(ssl_ctx_st* context, const std::string& crlfile);
Loaded load_dh_parameters(ssl_ctx_st* context, const std::string& dhparamfile);

}  // namespace tls_files
}  // namespace mqtt::net
