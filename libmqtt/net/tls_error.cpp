#include "libmqtt/net/tls_error.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

#include <string>
#include <string_view>

namespace mqtt::net {
namespace {

/// Marks the values that are X509_V_ERR_... and not codes of OpenSSL's error queue, whose library
/// number never reaches this bit.
constexpr int kVerifyMark = 0x4000'0000;

/// OpenSSL's words with the names of protocol versions taken out: "tlsv1 alert unknown ca" comes
/// from TLS 1.3 as well.
std::string alert_text(std::string_view reason) {
  constexpr std::string_view kAlert = " alert ";
  const auto at = reason.find(kAlert);
  if (at == std::string_view::npos) return std::string(reason);
  return "the peer refused: " + std::string(reason.substr(at + kAlert.size()));
}

std::string reason_text(int value) {
  switch (ERR_GET_REASON(static_cast<unsigned long>(value))) {
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_HTTP_REQUEST:
      return "the peer does not speak TLS";
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
      return "the peer showed no certificate";
    case SSL_R_UNSUPPORTED_PROTOCOL:
      return "the peer's version of TLS is too old";
    default:
      break;
  }
  const char* reason = ERR_reason_error_string(static_cast<unsigned long>(value));
  return reason != nullptr ? alert_text(reason) : "error " + std::to_string(value);
}

class TlsCategory final : public std::error_category {
 public:
  const char* name() const noexcept override { return "tls"; }
  std::string message(int value) const override {
    if ((value & kVerifyMark) == 0) return "TLS: " + reason_text(value);
    const long reason = value & ~kVerifyMark;
    return std::string("TLS: certificate refused: ") + X509_verify_cert_error_string(reason);
  }
};

}  // namespace

const std::error_category& tls_category() {
  static const TlsCategory kCategory;
  return kCategory;
}

std::error_code tls_verify_error(long reason) {
  return {static_cast<int>(reason) | kVerifyMark, tls_category()};
}

std::error_code take_tls_error(const ssl_st* ssl) {
  const unsigned long first = ERR_peek_error();
  ERR_clear_error();
  const bool is_ssl = ERR_GET_LIB(first) == ERR_LIB_SSL;
  if (is_ssl && ERR_GET_REASON(first) == SSL_R_CERTIFICATE_VERIFY_FAILED)
    return tls_verify_error(SSL_get_verify_result(ssl));
  return {static_cast<int>(first & (kVerifyMark - 1)), tls_category()};
}

std::string take_openssl_text() {
  const unsigned long last = ERR_peek_last_error();
  ERR_clear_error();
  const char* reason = last != 0 ? ERR_reason_error_string(last) : nullptr;
  return reason != nullptr ? reason : "";
}

}  // namespace mqtt::net
