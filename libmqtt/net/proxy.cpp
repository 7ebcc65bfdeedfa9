#include "libmqtt/net/proxy.hpp"

#include <optional>
#include <utility>

#include "libmqtt/base/base64.hpp"
#include "libmqtt/net/http_head.hpp"
#include "libmqtt/net/socks5.hpp"

namespace mqtt::net {
namespace {

/// The client's side of CONNECT.
class HttpConnectOpening final : public Opening {
 public:
  HttpConnectOpening(const ProxyAddress& proxy, const std::string& target) {
    output_ = "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n";
    if (proxy.has_credentials)
      output_ +=
          "Proxy-Authorization: Basic " + to_base64(proxy.username + ":" + proxy.password) + "\r\n";
    output_ += "\r\n";
  }

  std::string take_output() override { return std::exchange(output_, {}); }

  std::size_t receive(std::string_view bytes) override {
    if (result()) return 0;
    const std::size_t taken = collector_.receive(bytes);
    if (!collector_.may_be_answer()) {
      fail("the proxy does not speak HTTP");
    } else if (collector_.status() == HttpHeadCollector::Status::too_large) {
      fail("the head of the proxy's answer is too large");
    } else if (collector_.status() == HttpHeadCollector::Status::complete) {
      judge();
    }
    return taken;
  }

 private:
  void judge() {
    const auto head = HttpHead::parse(collector_.text());
    const auto status = head ? http_status(head->first_line()) : std::nullopt;
    if (!status) return fail("the proxy does not speak HTTP");
    if (status->code < 200 || status->code > 299) return fail(status->text);
    succeed();
  }

  HttpHeadCollector collector_;
  std::string output_;
};

}  // namespace

std::unique_ptr<Opening> proxy_opening(const ProxyAddress& proxy, const std::string& host,
                                       std::uint16_t port) {
  if (proxy.kind == ProxyAddress::Kind::http)
    return std::make_unique<HttpConnectOpening>(
        proxy, to_string(Address{Address::Scheme::mqtt, host, port}));
  std::optional<Socks5Opening::Credentials> credentials;
  if (proxy.has_credentials) credentials = {proxy.username, proxy.password};
  return std::make_unique<Socks5Opening>(host, port, std::move(credentials));
}

}  // namespace mqtt::net
