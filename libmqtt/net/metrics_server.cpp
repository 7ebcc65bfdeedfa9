#include "libmqtt/net/metrics_server.hpp"

#include <utility>

#include "libmqtt/base/bytes.hpp"
#include "libmqtt/net/http_head.hpp"
#include "libmqtt/net/pump.hpp"

namespace mqtt::net {
namespace {

struct Request {
  std::string_view method;
  std::string_view path;  ///< Without the query.
};

/// "GET /metrics?x HTTP/1.1" (RFC 9112 §3).
std::optional<Request> parse_request_line(std::string_view line) {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || last <= first) return std::nullopt;
  if (!line.substr(last + 1).starts_with("HTTP/1.")) return std::nullopt;
  std::string_view target = line.substr(first + 1, last - first - 1);
  return Request{line.substr(0, first), target.substr(0, target.find('?'))};
}

std::string answer(std::string_view status, std::string_view fields, std::string_view body,
                   bool with_body = true) {
  std::string text = "HTTP/1.1 ";
  text.append(status).append("\r\n").append(fields);
  text.append("Content-Length: ").append(std::to_string(body.size()));
  text.append("\r\nConnection: close\r\nX-Content-Type-Options: nosniff\r\n\r\n");
  if (with_body) text.append(body);
  return text;
}

std::string failure(std::string_view status, std::string_view fields = {}) {
  return answer(status, std::string(fields) + "Content-Type: text/plain\r\n",
                std::string(status) + '\n');
}

std::string answer_to(const HttpHeadCollector& head, const MetricsServer::Page& page) {
  if (head.status() == HttpHeadCollector::Status::too_large)
    return failure("431 Request Header Fields Too Large");
  const auto parsed = HttpHead::parse(head.text());
  const auto request = parsed ? parse_request_line(parsed->first_line()) : std::nullopt;
  if (!request) return failure("400 Bad Request");
  if (request->path != "/metrics") return failure("404 Not Found");
  const bool is_head = request->method == "HEAD";
  if (!is_head && request->method != "GET")
    return failure("405 Method Not Allowed", "Allow: GET, HEAD\r\n");
  return answer("200 OK", "Content-Type: " + std::string(kMetricsContentType) + "\r\n", page(),
                !is_head);
}

}  // namespace

/// One connection: a request's head, an answer, the end.
class MetricsServer::Exchange final : private Pump::Handler {
 public:
  Exchange(MetricsServer& server, std::uint64_t id, std::unique_ptr<Stream> stream)
      : server_(server),
        id_(id),
        deadline_(server.loop_.context()),
        pump_(server.loop_, std::move(stream), *this) {}

  void start() {
    deadline_.expires_after(server_.time_limit_);
    // Even a cancelled wait may be on its way already when this object dies.
    deadline_.async_wait([this, alive = std::weak_ptr(alive_)](std::error_code aborted) {
      if (!aborted && !alive.expired()) pump_.close(asio::error::timed_out);
    });
    pump_.start();
  }

 private:
  void on_bytes(std::span<const std::byte> bytes) override {
    head_.receive(as_text(bytes));
    if (head_.status() == HttpHeadCollector::Status::incomplete) return;
    output_.append(as_bytes(answer_to(head_, server_.page_)));
    pump_.close_after_flush(server_.time_limit_);
  }
  void fill_output() override {}
  Output& output() override { return output_; }
  void on_written(std::size_t count) override { output_.consume(count); }
  void on_closed(std::error_code) override { server_.exchanges_.erase(id_); }

  MetricsServer& server_;
  std::uint64_t id_;
  HttpHeadCollector head_;
  Output output_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  asio::steady_timer deadline_;
  Pump pump_;
};

MetricsServer::MetricsServer(Loop& loop, Page page, Duration time_limit)
    : loop_(loop), page_(std::move(page)), time_limit_(time_limit) {}
MetricsServer::~MetricsServer() = default;

std::expected<std::unique_ptr<MetricsServer>, std::string> MetricsServer::open(
    Loop& loop, const ListenOptions& options, Page page, Duration time_limit) {
  std::unique_ptr<MetricsServer> server(new MetricsServer(loop, std::move(page), time_limit));
  auto listener = Listener::open(loop, options, *server);
  if (!listener) return std::unexpected(std::move(listener.error()));
  server->listener_ = std::move(*listener);
  return server;
}

void MetricsServer::on_stream(std::unique_ptr<Stream> stream) {
  if (exchanges_.size() >= kMaximumConnections) return stream->close();
  const std::uint64_t id = ++last_id_;
  auto& exchange = exchanges_[id] = std::make_unique<Exchange>(*this, id, std::move(stream));
  exchange->start();
}

}  // namespace mqtt::net
