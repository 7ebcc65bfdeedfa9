#include "tests/e2e/tls_house.hpp"

namespace e2e {

House& house() {
  static House one;
  return one;
}

Configuration tls_listener(const Arguments& more) {
  return {Arguments{"listener 0 127.0.0.1", "allow_anonymous true",
                    "certfile " + house().broker.certfile, "keyfile " + house().broker.keyfile,
                    "cafile " + house().authority.cafile()} +
          more};
}

Arguments trusting() { return {"--cafile", house().authority.cafile()}; }

Arguments showing(const Credentials& credentials) {
  return trusting() + Arguments{"--cert", credentials.certfile, "--key", credentials.keyfile};
}

Exit s_client(std::uint16_t port, const Arguments& arguments) {
  return support::run(
      {.argv = Arguments{"openssl", "s_client", "-connect", "127.0.0.1:" + std::to_string(port),
                         "-CAfile", house().authority.cafile()} +
               arguments});
}

}  // namespace e2e
