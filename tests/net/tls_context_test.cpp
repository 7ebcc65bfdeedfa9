#include "libmqtt/net/tls_context.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/support/authority.hpp"

using namespace mqtt::net;
using support::Authority;
using support::Credentials;
using support::openssl;

namespace {

struct Files {
  Authority authority;
  Credentials server = authority.issue("server");
  Credentials other = authority.issue("other");
  TlsServerOptions options() const {
    return {.certfile = server.certfile, .keyfile = server.keyfile};
  }
};
Files& files() {
  static Files all;
  return all;
}

std::string content_of(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

/// The one line that a server's options are refused with; empty when they are not.
std::string refusal(const TlsServerOptions& options) {
  const auto context = TlsContext::server(options);
  return context ? "" : context.error();
}
std::string refusal(const TlsClientOptions& options) {
  const auto context = TlsContext::client(options);
  return context ? "" : context.error();
}

/// The options with one file replaced by one of this content.
std::string refusal_of_file(std::string TlsServerOptions::*member, const std::string& content) {
  TlsServerOptions options = files().options();
  options.*member = files().authority.directory().write("changed", content);
  const std::string line = refusal(options);
  const std::string path = files().authority.path("changed");
  const auto at = line.find(path);
  CHECK(line.find('\n') == std::string::npos);
  return at == std::string::npos ? line
                                 : line.substr(0, at) + "FILE" + line.substr(at + path.size());
}

using Member = std::string TlsServerOptions::*;
constexpr Member kCertfile = &TlsServerOptions::certfile;
constexpr Member kKeyfile = &TlsServerOptions::keyfile;
constexpr Member kCafile = &TlsServerOptions::cafile;
constexpr Member kCrlfile = &TlsServerOptions::crlfile;
constexpr Member kDhparamfile = &TlsServerOptions::dhparamfile;

}  // namespace

TEST_CASE("good files make a context, for servers and clients") {
  TlsServerOptions server = files().options();
  server.cafile = files().authority.cafile();
  server.crlfile = files().authority.crlfile();
  server.require_certificate = true;
  CHECK(refusal(server) == "");
  TlsClientOptions client{.cafile = files().authority.cafile()};
  client.certfile = files().other.certfile;
  client.keyfile = files().other.keyfile;
  client.alpn = {"mqtt"};
  CHECK(refusal(client) == "");
  CHECK(refusal(TlsClientOptions{}) == "");
}

TEST_CASE("files of Windows, and texts around the blocks, are read as well") {
  std::string text = "Certificate of the house\n" + content_of(files().server.certfile);
  for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at += 2)
    text.replace(at, 1, "\r\n");
  CHECK(refusal_of_file(kCertfile, text) == "");
}

TEST_CASE("a file that is missing, a directory, unreadable or empty is named with the reason") {
  TlsServerOptions options = files().options();
  for (const auto& [member, name] : {std::pair{kCertfile, "certfile"},
                                     {kKeyfile, "keyfile"},
                                     {kCafile, "cafile"},
                                     {kCrlfile, "crlfile"},
                                     {kDhparamfile, "dhparamfile"}}) {
    CAPTURE(name);
    options = files().options();
    options.*member = "/nowhere/file";
    CHECK(refusal(options) == std::string(name) + " /nowhere/file: no such file or directory");
    options.*member = "/";
    CHECK(refusal(options) == std::string(name) + " /: is a directory");
    CHECK(refusal_of_file(member, "") == std::string(name) + " FILE: the file is empty");
    options.*member = "/dev/zero";
    CHECK(refusal(options) == std::string(name) + " /dev/zero: larger than 8 MiB");
  }
}

TEST_CASE("a file without read permission is named") {
  TlsServerOptions options = files().options();
  options.cafile = files().authority.directory().write("secret.crt", "");
  std::filesystem::permissions(options.cafile, std::filesystem::perms::none);
  // Root reads everything: another one's rights for the while, in a directory open to all.
  std::filesystem::permissions(files().authority.directory().path(), std::filesystem::perms(0755));
  std::filesystem::permissions(options.keyfile, std::filesystem::perms(0644));
  const uid_t user = ::geteuid();
  if (user == 0) REQUIRE(::seteuid(65534) == 0);
  const std::string line = refusal(options);
  REQUIRE(::seteuid(user) == 0);
  CHECK(line == "cafile " + options.cafile + ": permission denied");
}

TEST_CASE("what is no PEM, or broken PEM, is refused") {
  const std::string certificate = content_of(files().server.certfile);
  CHECK(refusal_of_file(kCertfile, "hello\n") == "certfile FILE: no PEM certificate in it");
  CHECK(refusal_of_file(kCertfile, std::string(100, '\0')) ==
        "certfile FILE: no PEM certificate in it");
  CHECK(refusal_of_file(kCertfile, std::string(5'000'000, 'x')) ==
        "certfile FILE: no PEM certificate in it");
  const std::string half = certificate.substr(0, certificate.size() / 2);
  CHECK(refusal_of_file(kCertfile, half) == "certfile FILE: block 1 is not a readable PEM block");
  CHECK(refusal_of_file(kCertfile, certificate + half) ==
        "certfile FILE: block 2 is not a readable PEM block");
  CHECK(refusal_of_file(kCafile, half) == "cafile FILE: block 1 is not a readable PEM block");
  CHECK(refusal_of_file(kCafile, content_of(files().server.keyfile)) ==
        "cafile FILE: no PEM certificate in it");
  CHECK(refusal_of_file(kCrlfile, certificate) ==
        "crlfile FILE: no PEM revocation list (CRL) in it");
  CHECK(refusal_of_file(kDhparamfile, certificate) ==
        "dhparamfile FILE: no PEM DH parameters in it");
  CHECK(refusal_of_file(kKeyfile, certificate) ==
        "keyfile FILE: no readable PEM private key in it");
}

TEST_CASE("a certificate that has expired is refused with the date") {
  const auto expired = files().authority.issue("expired", {.is_expired = true});
  CHECK(refusal(TlsServerOptions{.certfile = expired.certfile, .keyfile = expired.keyfile}) ==
        "certfile " + expired.certfile + ": expired on 2020-02-01 00:00:00 UTC");
  CHECK(refusal(TlsClientOptions{.certfile = expired.certfile, .keyfile = expired.keyfile}) ==
        "certfile " + expired.certfile + ": expired on 2020-02-01 00:00:00 UTC");
}

TEST_CASE("a key that belongs to another certificate is refused") {
  CHECK(refusal(TlsServerOptions{.certfile = files().server.certfile,
                                 .keyfile = files().other.keyfile}) ==
        "keyfile " + files().other.keyfile + ": the key does not match the certificate in " +
            files().server.certfile);
}

TEST_CASE("a key with a password is refused, and nobody is asked for it") {
  const std::string locked = files().authority.path("locked.key");
  openssl({"pkey", "-in", files().server.keyfile, "-aes256", "-passout", "pass:secret", "-out",
           locked});
  CHECK(refusal(TlsServerOptions{.certfile = files().server.certfile, .keyfile = locked}) ==
        "keyfile " + locked + ": the key is protected by a password; give it without one");
}

TEST_CASE("a key or a certificate alone is refused, and none at all for a server") {
  CHECK(refusal(TlsServerOptions{.certfile = "x"}) == "certfile x: it needs a keyfile too");
  CHECK(refusal(TlsServerOptions{.keyfile = "x"}) == "keyfile x: it needs a certfile too");
  CHECK(refusal(TlsServerOptions{}) == "TLS: it needs a certfile and a keyfile");
}

TEST_CASE("certificates of clients can't be required with nobody to check them against") {
  TlsServerOptions options = files().options();
  options.require_certificate = true;
  CHECK(refusal(options) == "require_certificate: it needs a cafile or a capath to check with");
}

TEST_CASE("a capath that is no directory is refused") {
  TlsServerOptions options = files().options();
  options.capath = "/nowhere";
  CHECK(refusal(options) == "capath /nowhere: no such file or directory");
  options.capath = files().authority.cafile();
  CHECK(refusal(options) == "capath " + options.capath + ": not a directory");
}

TEST_CASE("cipher lists that OpenSSL has nothing for are refused") {
  TlsServerOptions options = files().options();
  options.ciphers = "NONSENSE";
  CHECK(refusal(options) == "ciphers 'NONSENSE': no cipher that OpenSSL knows (no cipher match)");
  options = files().options();
  options.ciphersuites = "NONSENSE";
  CHECK(refusal(options).starts_with(
      "ciphers_tls1.3 'NONSENSE': no cipher suite that OpenSSL knows ("));
}

TEST_CASE("ALPN names that can't be sent are refused") {
  CHECK(refusal(TlsClientOptions{.alpn = {""}}) == "ALPN '': 1 to 255 characters are allowed");
  CHECK_FALSE(refusal(TlsClientOptions{.alpn = {std::string(256, 'x')}}).empty());
}

TEST_CASE("Diffie-Hellman parameters are read") {
  const std::string text =
      openssl({"genpkey", "-genparam", "-algorithm", "DH", "-pkeyopt", "group:ffdhe2048"});
  CHECK(refusal_of_file(kDhparamfile, text) == "");
}
