#include "tools/mq-broker-lite/key_groups.hpp"
#include "tools/mq-broker-lite/key_setters.hpp"

namespace mq_broker_lite {
namespace {

using mqtt::net::TlsServerOptions;
using mqtt::net::TlsVersion;
using mqtt::server::ListenerSettings;

constexpr std::string_view kTls = "TLS";

Key tls_file(Options& options, cli::Option option, std::string TlsServerOptions::*member) {
  option.group = kTls;
  option.set = in_listener(options, member, kSetText);
  return file_key({.option = std::move(option), .scope = Key::Scope::listener, .reloads = true});
}

cli::Setter set_version(TlsVersion& target) {
  return cli::set_choice(target, "TLS version (tlsv1.2 or tlsv1.3; older ones are not spoken)",
                         std::vector<std::pair<std::string_view, TlsVersion>>{
                             {"tlsv1.2", TlsVersion::v1_2}, {"tlsv1.3", TlsVersion::v1_3}});
}

std::vector<Key> file_keys(Options& options) {
  std::vector<Key> rows = {
      tls_file(options,
               {.name = "certfile",
                .help = "the server's certificate, with the chain behind it (PEM)",
                .man = "It makes a listener speak TLS."},
               &TlsServerOptions::certfile),
      tls_file(options, {.name = "keyfile", .help = "the certificate's private key (PEM)"},
               &TlsServerOptions::keyfile),
      tls_file(options, {.name = "cafile", .help = "who may sign client certificates (PEM)"},
               &TlsServerOptions::cafile),
      tls_file(options, {.name = "crlfile", .help = "client certificates that are revoked (PEM)"},
               &TlsServerOptions::crlfile),
      tls_file(options, {.name = "dhparamfile", .help = "Diffie-Hellman parameters (PEM)"},
               &TlsServerOptions::dhparamfile),
  };
  rows.push_back(
      file_key({.option = {.name = "capath",
                           .group = kTls,
                           .help = "the same as --cafile, as a hashed directory",
                           .man = "Made by openssl rehash.",
                           .set = in_listener(options, &TlsServerOptions::capath, kSetText)},
                .scope = Key::Scope::listener,
                .reloads = true},
               cli::Option::Hint::directory));
  return rows;
}

std::vector<Key> cipher_keys(Options& options) {
  return {
      {.option = {.name = "ciphers",
                  .value = "LIST",
                  .group = kTls,
                  .help = "ciphers for TLS 1.2, as openssl ciphers takes them",
                  .set = in_listener(options, &TlsServerOptions::ciphers, kSetText)},
       .syntax = Key::Syntax::line,
       .scope = Key::Scope::listener,
       .reloads = true},
      {.option = {.name = "ciphers-tls1.3",
                  .value = "LIST",
                  .group = kTls,
                  .help = "cipher suites for TLS 1.3, with colons between",
                  .set = in_listener(options, &TlsServerOptions::ciphersuites, kSetText)},
       .syntax = Key::Syntax::line,
       .scope = Key::Scope::listener,
       .reloads = true},
      {.option = {.name = "tls-version",
                  .value = "VERSION",
                  .group = kTls,
                  .help = "oldest TLS that is spoken: tlsv1.2 or tlsv1.3",
                  .default_text = "tlsv1.2",
                  .set = in_listener(options, &TlsServerOptions::minimum_version, set_version),
                  .choices = {"tlsv1.2", "tlsv1.3"}},
       .syntax = Key::Syntax::line,
       .scope = Key::Scope::listener,
       .reloads = true},
  };
}

std::vector<Key> certificate_keys(Options& options) {
  return {
      yes_no_key({.option = {.name = "require-certificate",
                             .group = kTls,
                             .help = "clients must show a certificate that --cafile signed",
                             .default_text = "false",
                             .set = in_listener(options, &TlsServerOptions::require_certificate,
                                                kSetYesNo)},
                  .scope = Key::Scope::listener,
                  .reloads = true}),
      yes_no_key({.option = {.name = "use-identity-as-username",
                             .group = kTls,
                             .help = "the client certificate's common name is the user name",
                             .default_text = "false",
                             .set = in_listener(
                                 options, &ListenerSettings::use_identity_as_username, kSetYesNo)},
                  .scope = Key::Scope::listener}),
      yes_no_key({.option = {.name = "use-subject-as-username",
                             .group = kTls,
                             .help = "the client certificate's whole subject is the user name",
                             .man = "Written as RFC 2253 does: CN=meter,O=House.",
                             .default_text = "false",
                             .set = in_listener(options, &ListenerSettings::use_subject_as_username,
                                                kSetYesNo)},
                  .scope = Key::Scope::listener}),
  };
}

}  // namespace

std::vector<Key> tls_keys(Options& options) {
  std::vector<Key> rows = file_keys(options);
  append(rows, cipher_keys(options));
  append(rows, certificate_keys(options));
  return rows;
}

}  // namespace mq_broker_lite
