#include "tests/support/authority.hpp"

#include <doctest/doctest.h>

namespace support {
namespace {

/// What `openssl ca` wants to know; names come with each request.
std::string configuration(const std::string& directory) {
  return "[ca]\ndefault_ca = this\n[this]\ndir = " + directory +
         "\ndatabase = $dir/index\nnew_certs_dir = $dir\nrand_serial = yes\n"
         "certificate = $dir/ca.crt\nprivate_key = $dir/ca.key\ndefault_md = sha256\n"
         "default_days = 30\ndefault_crl_days = 30\npolicy = any\nunique_subject = no\n"
         "copy_extensions = copy\n"
         "[any]\ncountryName = optional\norganizationName = optional\ncommonName = optional\n"
         "[req]\ndistinguished_name = none\nx509_extensions = authority\n[none]\n"
         "[authority]\nbasicConstraints = critical,CA:TRUE\nsubjectKeyIdentifier = hash\n";
}

const std::vector<std::string> kNewKey = {"-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                                          "-nodes"};

}  // namespace

std::string openssl(const std::vector<std::string>& arguments) {
  Command command{.argv = {"openssl"}};
  command.argv.insert(command.argv.end(), arguments.begin(), arguments.end());
  const Exit exit = run(std::move(command));
  REQUIRE_MESSAGE(exit.code == 0, exit.err);
  return exit.out;
}

Authority::Authority(const std::string& common_name) {
  directory_.write("ca.cnf", configuration(directory_.path().string()));
  directory_.write("index", "");
  std::vector<std::string> arguments = {
      "req",   "-x509", "-config", path("ca.cnf"), "-subj", "/CN=" + common_name,
      "-days", "30",    "-keyout", path("ca.key"), "-out",  cafile()};
  arguments.insert(arguments.end(), kNewKey.begin(), kNewKey.end());
  openssl(arguments);
}

Credentials Authority::issue(const std::string& name, const Request& request) {
  const Credentials result{path(name + ".crt"), path(name + ".key")};
  std::vector<std::string> ask = {
      "req",           "-new",    "-config",      path("ca.cnf"), "-subj",
      request.subject, "-keyout", result.keyfile, "-out",         path(name + ".csr")};
  ask.insert(ask.end(), kNewKey.begin(), kNewKey.end());
  if (!request.names.empty()) {
    ask.emplace_back("-addext");
    ask.push_back("subjectAltName=" + request.names);
  }
  openssl(ask);
  std::vector<std::string> sign = {"ca",           "-batch", "-notext",           "-config",
                                   path("ca.cnf"), "-in",    path(name + ".csr"), "-out",
                                   result.certfile};
  if (request.is_expired)
    sign.insert(sign.end(), {"-startdate", "20200101000000Z", "-enddate", "20200201000000Z"});
  openssl(sign);
  return result;
}

void Authority::revoke(const Credentials& credentials) {
  openssl({"ca", "-config", path("ca.cnf"), "-revoke", credentials.certfile});
}

std::string Authority::crlfile() {
  const std::string file = path("list" + std::to_string(++lists_) + ".crl");
  openssl({"ca", "-config", path("ca.cnf"), "-gencrl", "-out", file});
  return file;
}

}  // namespace support
