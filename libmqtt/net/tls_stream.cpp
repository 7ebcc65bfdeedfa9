#include "libmqtt/net/tls_stream.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "libmqtt/net/asio.hpp"
#include "libmqtt/net/tls_error.hpp"

namespace mqtt::net {
namespace {

constexpr std::size_t kLargestRecord = 16 * 1024;
/// Answers that TLS itself makes (to key updates, say) wait here for a peer that does not read;
/// beyond this such a peer is not read from either.
constexpr std::size_t kUnsentLimit = 64 * 1024;

TlsStream& stream_of(BIO* bio) { return *static_cast<TlsStream*>(BIO_get_data(bio)); }

int write_bio(BIO* bio, const char* data, int size) {
  BIO_clear_retry_flags(bio);
  const int count = stream_of(bio).give_to_transport(
      std::as_bytes(std::span(data, static_cast<std::size_t>(size))));
  if (count < 0) BIO_set_retry_write(bio);
  return count;
}

int read_bio(BIO* bio, char* data, int size) {
  BIO_clear_retry_flags(bio);
  const int count = stream_of(bio).take_from_transport(
      std::as_writable_bytes(std::span(data, static_cast<std::size_t>(size))));
  if (count < 0) BIO_set_retry_read(bio);
  return count;
}

long control_bio(BIO* bio, int command, long, void*) {
  if (command == BIO_CTRL_EOF) return stream_of(bio).transport_ended() ? 1 : 0;
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

/// How OpenSSL reaches a TlsStream's transport.
const BIO_METHOD* bio_method() {
  static BIO_METHOD* const kMethod = [] {
    BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "stream");
    if (method == nullptr) return method;
    BIO_meth_set_write(method, write_bio);
    BIO_meth_set_read(method, read_bio);
    BIO_meth_set_ctrl(method, control_bio);
    return method;
  }();
  return kMethod;
}

BIO* make_bio(TlsStream* stream) {
  BIO* bio = bio_method() != nullptr ? BIO_new(bio_method()) : nullptr;
  if (bio == nullptr) return nullptr;
  BIO_set_data(bio, stream);
  BIO_set_init(bio, 1);
  return bio;
}

/// Walks over pieces in steps of one record. Small ones are copied together: each record costs a
/// header, a tag and a call.
class RecordCursor {
 public:
  explicit RecordCursor(std::span<const std::span<const std::byte>> pieces) : pieces_(pieces) {}

  /// Empty at the end.
  std::span<const std::byte> next(std::span<std::byte, kLargestRecord> scratch) {
    std::size_t size = 0;
    while (!pieces_.empty() && size < scratch.size()) {
      const auto rest = pieces_.front().subspan(offset_);
      const auto part = rest.first(std::min(rest.size(), scratch.size() - size));
      offset_ += part.size();
      if (part.size() == rest.size()) {
        pieces_ = pieces_.subspan(1);
        offset_ = 0;
      }
      if (part.size() == scratch.size() || (size == 0 && pieces_.empty())) return part;
      if (!part.empty()) std::memcpy(scratch.data() + size, part.data(), part.size());
      size += part.size();
    }
    return scratch.first(size);
  }

 private:
  std::span<const std::span<const std::byte>> pieces_;
  std::size_t offset_ = 0;  ///< Into the first of them.
};

/// In UTF-8; empty when there is none, or when it would read differently up to a NUL byte.
std::string common_name(X509_NAME* subject) {
  const int index = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (index < 0) return {};
  const ASN1_STRING* entry = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, index));
  unsigned char* text = nullptr;
  const int size = ASN1_STRING_to_UTF8(&text, entry);
  if (size < 0) return {};
  std::string name(reinterpret_cast<const char*>(text), static_cast<std::size_t>(size));
  OPENSSL_free(text);
  return name.find('\0') == std::string::npos ? name : std::string{};
}

std::string subject_text(X509_NAME* subject) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), BIO_free);
  if (!bio || X509_NAME_print_ex(bio.get(), subject, 0, XN_FLAG_RFC2253) < 0) return {};
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<std::size_t>(std::max(size, 0L))};
}

}  // namespace

TlsStream::TlsStream(std::unique_ptr<Stream> transport, const TlsContext& context,
                     const std::string& host)
    : transport_(std::move(transport)), ssl_(SSL_new(context.native())) {
  BIO* bio = ssl_ != nullptr ? make_bio(this) : nullptr;
  if (bio == nullptr) {
    failed_ = asio::error::no_memory;
    ERR_clear_error();
    return;
  }
  SSL_set_bio(ssl_, bio, bio);
  if (context.is_client()) {
    SSL_set_connect_state(ssl_);
    expect_name(context.server_name().empty() ? host : context.server_name());
  } else {
    SSL_set_accept_state(ssl_);
  }
}

TlsStream::~TlsStream() { SSL_free(ssl_); }

/// SNI carries names only (RFC 6066 §3), a certificate names and addresses.
void TlsStream::expect_name(const std::string& host) {
  const std::string address = host.substr(0, host.find('%'));
  if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_), address.c_str()) == 1) return;
  ERR_clear_error();
  SSL_set_hostflags(ssl_, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (SSL_set1_host(ssl_, host.c_str()) != 1 ||
      SSL_ctrl(ssl_, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
               const_cast<char*>(host.c_str())) != 1)
    failed_ = asio::error::invalid_argument;
}

int TlsStream::give_to_transport(std::span<const std::byte> bytes) {
  if (unsent_.size() > kUnsentLimit) return -1;
  std::size_t taken = 0;
  if (unsent_.empty()) {
    const std::array<std::span<const std::byte>, 1> pieces{bytes};
    const auto [count, error] = transport_->try_write(pieces);
    if (error && error != asio::error::would_block) {
      transport_error_ = error;
      return 0;
    }
    taken = count;
  }
  const auto rest = bytes.subspan(taken);
  unsent_.insert(unsent_.end(), rest.begin(), rest.end());
  return static_cast<int>(bytes.size());
}

int TlsStream::take_from_transport(std::span<std::byte> buffer) {
  const auto [count, error] = transport_->try_read(buffer);
  transport_has_more_ = count == buffer.size();
  if (error == asio::error::would_block) return -1;
  if (!error) return static_cast<int>(count);
  transport_error_ = error;
  return 0;
}

bool TlsStream::transport_ended() const { return transport_error_ == asio::error::eof; }

/// What a call on ssl_ that gave `result` means; remembers what nothing can follow.
std::error_code TlsStream::error_after(int result) {
  switch (SSL_get_error(ssl_, result)) {
    case SSL_ERROR_NONE:
      return {};
    case SSL_ERROR_WANT_WRITE:
      has_input_ = true;  // It stopped for unsent_ and must be asked again.
      return asio::error::would_block;
    case SSL_ERROR_WANT_READ:
      return asio::error::would_block;
    case SSL_ERROR_ZERO_RETURN:
      return asio::error::eof;  // We may still write.
    case SSL_ERROR_SSL:
      failed_ = take_tls_error(ssl_);
      break;
    default:
      failed_ = transport_error_ ? transport_error_ : asio::error::eof;
      break;
  }
  ERR_clear_error();
  return failed_;
}

std::error_code TlsStream::handshake() {
  if (failed_) return failed_;
  if (const auto error = send_unsent()) return error;
  ERR_clear_error();
  return error_after(SSL_do_handshake(ssl_));
}

Stream::Transfer TlsStream::try_read(std::span<std::byte> buffer) {
  has_input_ = false;
  if (failed_) return {0, failed_};
  std::size_t total = 0;
  do {
    std::size_t count = 0;
    ERR_clear_error();
    const int result = SSL_read_ex(ssl_, buffer.data() + total, buffer.size() - total, &count);
    if (result != 1) {
      const std::error_code error = error_after(result);
      if (total == 0) return {0, error};
      if (error != asio::error::would_block) has_input_ = true;  // The next call tells.
      return {total, {}};
    }
    total += count;
  } while (total < buffer.size() && (SSL_has_pending(ssl_) == 1 || transport_has_more_));
  has_input_ = SSL_has_pending(ssl_) == 1;
  return {total, {}};
}

/// What the transport did not take before. An error: the transport's, or would_block for the rest.
std::error_code TlsStream::send_unsent() {
  if (!unsent_.empty() || transport_->wants_write()) {
    const std::array<std::span<const std::byte>, 1> pieces{unsent_};
    const auto [count, error] =
        transport_->try_write(std::span(pieces).first(unsent_.empty() ? 0 : 1));
    if (error) return error;
    if (count < unsent_.size()) {
      unsent_.erase(unsent_.begin(), unsent_.begin() + static_cast<std::ptrdiff_t>(count));
      return asio::error::would_block;
    }
    unsent_ = {};  // With its memory.
  }
  if (std::exchange(ends_sending_, false)) transport_->shutdown_send();
  return {};
}

std::error_code TlsStream::encrypt(std::span<const std::byte> record) {
  std::size_t ignored = 0;  // All of it or nothing.
  ERR_clear_error();
  return error_after(SSL_write_ex(ssl_, record.data(), record.size(), &ignored));
}

Stream::Transfer TlsStream::try_write(std::span<const std::span<const std::byte>> pieces) {
  if (const auto error = send_unsent()) return {0, error};
  if (failed_) return {0, failed_};
  RecordCursor cursor(pieces);
  std::array<std::byte, kLargestRecord> scratch;  // Not cleared: only what is filled in is used.
  std::size_t total = 0;
  while (unsent_.empty()) {
    const auto record = cursor.next(scratch);
    if (record.empty()) break;
    if (const auto error = encrypt(record)) return {total, total > 0 ? std::error_code{} : error};
    total += record.size();
  }
  return {total, {}};
}

void TlsStream::shutdown_send() {
  // Before the handshake's end, and after a failure, there is nobody to say good-bye to.
  if (!failed_ && SSL_is_init_finished(ssl_) == 1) {
    ERR_clear_error();
    SSL_shutdown(ssl_);
    ERR_clear_error();
  }
  if (unsent_.empty()) return transport_->shutdown_send();
  ends_sending_ = true;
}

std::string TlsStream::protocol() const {
  const unsigned char* name = nullptr;
  unsigned size = 0;
  if (ssl_ != nullptr) SSL_get0_alpn_selected(ssl_, &name, &size);
  return name != nullptr ? std::string(reinterpret_cast<const char*>(name), size) : std::string{};
}

std::optional<PeerCertificate> TlsStream::peer_certificate() const {
  if (ssl_ == nullptr || (SSL_get_verify_mode(ssl_) & SSL_VERIFY_PEER) == 0 ||
      SSL_get_verify_result(ssl_) != X509_V_OK)
    return std::nullopt;
  const X509* certificate = SSL_get0_peer_certificate(ssl_);
  if (certificate == nullptr) return std::nullopt;
  X509_NAME* subject = X509_get_subject_name(certificate);
  return PeerCertificate{common_name(subject), subject_text(subject)};
}

}  // namespace mqtt::net
