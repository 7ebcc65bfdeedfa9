#include "libmqtt/net/tls_files.hpp"

#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <ctime>
#include <memory>
#include <string_view>
#include <utility>

#include "libmqtt/net/asio.hpp"
#include "libmqtt/net/error_text.hpp"
#include "libmqtt/net/tls_error.hpp"

namespace mqtt::net::tls_files {
namespace {

/// More than any bundle of authorities; also the end of what is no file at all (/dev/zero).
constexpr std::size_t kLargestFile = 8 * 1024 * 1024;

template <auto Free>
struct Freeing {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using BioPtr = std::unique_ptr<BIO, Freeing<BIO_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Freeing<EVP_PKEY_free>>;

/// One of the files: its option's name, its path and its bytes.
struct File {
  std::string name;
  std::string text;
  std::unexpected<std::string> refused(const std::string& why) const {
    ERR_clear_error();
    return std::unexpected(name + ": " + why);
  }
  /// With OpenSSL's reason, where it has one.
  std::unexpected<std::string> refused_by_openssl(const std::string& fallback) const {
    const std::string why = take_openssl_text();
    return std::unexpected(name + ": " + (why.empty() ? fallback : why));
  }
  BioPtr bytes() const {
    return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  }
};

std::string system_text(int error) {
  return error_text({error, asio::error::get_system_category()});
}

/// Empty when all was read; else what is wrong with the file.
std::string read_all(int descriptor, std::string& text) {
  struct stat status {};
  if (::fstat(descriptor, &status) == 0 && S_ISDIR(status.st_mode)) return system_text(EISDIR);
  std::array<char, 16384> buffer;
  for (;;) {
    const ssize_t count = ::read(descriptor, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return system_text(errno);
    if (count == 0) return {};
    text.append(buffer.data(), static_cast<std::size_t>(count));
    if (text.size() > kLargestFile) return "larger than 8 MiB";
  }
}

std::expected<File, std::string> read_file(std::string_view option, const std::string& path) {
  File file{std::string(option) + " " + path, {}};
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (descriptor < 0) return file.refused(system_text(errno));
  const std::string problem = read_all(descriptor, file.text);
  ::close(descriptor);
  if (!problem.empty()) return file.refused(problem);
  if (file.text.empty()) return file.refused("the file is empty");
  return file;
}

/// Whether a reader of PEM blocks stopped because there are no more.
bool is_at_end() {
  const unsigned long error = ERR_peek_last_error();
  const bool at_end =
      ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  return at_end;
}

/// Hands every block of its kind to `take`, which says whether OpenSSL accepted it.
template <auto Read, auto Free, class Take>
Loaded for_each_block(const File& file, const char* kind, Take take) {
  const BioPtr bytes = file.bytes();
  std::size_t count = 0;
  ERR_clear_error();
  while (auto* block = Read(bytes.get(), nullptr, nullptr, nullptr)) {
    const std::unique_ptr<std::remove_pointer_t<decltype(block)>, Freeing<Free>> owner(block);
    if (!take(block)) return file.refused_by_openssl("OpenSSL refused it");
    ++count;
  }
  if (!is_at_end())
    return file.refused("block " + std::to_string(count + 1) + " is not a readable PEM block");
  if (count == 0) return file.refused(std::string("no PEM ") + kind + " in it");
  return {};
}

std::string date_of(const ASN1_TIME* time) {
  std::tm parts{};
  std::array<char, 32> text{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return "an unknown date";
  std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S UTC", &parts);
  return text.data();
}

/// The first certificate is the peer's own, what follows is its chain. One that is not valid yet
/// passes: a small computer may start with its clock in the past.
Loaded load_chain(SSL_CTX* context, const File& file) {
  std::string expired_on;
  bool is_first = true;
  auto loaded = for_each_block<PEM_read_bio_X509, X509_free>(file, "certificate", [&](X509* one) {
    const ASN1_TIME* end = X509_get0_notAfter(one);
    if (expired_on.empty() && X509_cmp_current_time(end) < 0) expired_on = date_of(end);
    if (std::exchange(is_first, false)) return SSL_CTX_use_certificate(context, one) == 1;
    return SSL_CTX_add1_chain_cert(context, one) == 1;
  });
  if (loaded && !expired_on.empty()) return file.refused("expired on " + expired_on);
  return loaded;
}

/// Called when a key is encrypted: says so instead of asking.
int refuse_password(char*, int, int, void* was_asked) {
  *static_cast<bool*>(was_asked) = true;
  return -1;
}

Loaded load_key(SSL_CTX* context, const File& file, const std::string& certfile) {
  bool was_asked = false;
  const BioPtr bytes = file.bytes();
  const KeyPtr key(PEM_read_bio_PrivateKey(bytes.get(), nullptr, refuse_password, &was_asked));
  if (was_asked) return file.refused("the key is protected by a password; give it without one");
  if (!key) return file.refused("no readable PEM private key in it");
  if (X509_check_private_key(SSL_CTX_get0_certificate(context), key.get()) != 1)
    return file.refused("the key does not match the certificate in " + certfile);
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1)
    return file.refused_by_openssl("OpenSSL refused it");
  return {};
}

Loaded load_capath(SSL_CTX* context, const std::string& capath) {
  const File file{"capath " + capath, {}};
  struct stat status {};
  if (::stat(capath.c_str(), &status) != 0) return file.refused(system_text(errno));
  if (!S_ISDIR(status.st_mode)) return file.refused(system_text(ENOTDIR));
  if (::access(capath.c_str(), R_OK | X_OK) != 0) return file.refused(system_text(errno));
  if (SSL_CTX_load_verify_dir(context, capath.c_str()) != 1)
    return file.refused_by_openssl("OpenSSL refused it");
  return {};
}

}  // namespace

Loaded load_certificate(SSL_CTX* context, const std::string& certfile, const std::string& keyfile) {
  if (keyfile.empty()) return std::unexpected("certfile " + certfile + ": it needs a keyfile too");
  if (certfile.empty()) return std::unexpected("keyfile " + keyfile + ": it needs a certfile too");
  const auto certificate = read_file("certfile", certfile);
  if (!certificate) return std::unexpected(certificate.error());
  const auto key = read_file("keyfile", keyfile);
  if (!key) return std::unexpected(key.error());
  if (auto loaded = load_chain(context, *certificate); !loaded) return loaded;
  return load_key(context, *key, certfile);
}

Loaded load_authorities(SSL_CTX* context, const std::string& cafile, const std::string& capath) {
  if (!capath.empty())
    if (auto loaded = load_capath(context, capath); !loaded) return loaded;
  if (cafile.empty()) return {};
  const auto file = read_file("cafile", cafile);
  if (!file) return std::unexpected(file.error());
  X509_STORE* store = SSL_CTX_get_cert_store(context);
  return for_each_block<PEM_read_bio_X509, X509_free>(*file, "certificate", [&](X509* authority) {
    // Names tell a client which certificate to show; those in capath would be missing.
    if (capath.empty() && SSL_CTX_add_client_CA(context, authority) != 1) return false;
    return X509_STORE_add_cert(store, authority) == 1;
  });
}

Loaded load_revocations(SSL_CTX* context, const std::string& crlfile) {
  const auto file = read_file("crlfile", crlfile);
  if (!file) return std::unexpected(file.error());
  X509_STORE* store = SSL_CTX_get_cert_store(context);
  X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK);
  return for_each_block<PEM_read_bio_X509_CRL, X509_CRL_free>(
      *file, "revocation list (CRL)",
      [&](X509_CRL* list) { return X509_STORE_add_crl(store, list) == 1; });
}

Loaded load_dh_parameters(SSL_CTX* context, const std::string& dhparamfile) {
  const auto file = read_file("dhparamfile", dhparamfile);
  if (!file) return std::unexpected(file.error());
  const BioPtr bytes = file->bytes();
  KeyPtr parameters(PEM_read_bio_Parameters(bytes.get(), nullptr));
  if (!parameters || EVP_PKEY_is_a(parameters.get(), "DH") != 1)
    return file->refused("no PEM DH parameters in it");
  if (SSL_CTX_set0_tmp_dh_pkey(context, parameters.get()) != 1)
    return file->refused_by_openssl("OpenSSL refused them");
  static_cast<void>(parameters.release());  // The context owns them now.
  return {};
}

}  // namespace mqtt::net::tls_files
