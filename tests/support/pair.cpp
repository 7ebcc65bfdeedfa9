#include "tests/support/pair.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <span>
#include <utility>
#include <variant>

namespace mqtt::test {

namespace {

/// More than any test needs: beyond it two sides are talking in circles.
constexpr int kStepLimit = 20'000'000;

template <class... Visitors>
struct Overloaded : Visitors... {
  using Visitors::operator()...;
};
template <class... Visitors>
Overloaded(Visitors...) -> Overloaded<Visitors...>;

}  // namespace

std::string text_of(const Publish& publish) {
  std::string text(publish.topic.view());
  text += '=';
  text += publish.payload.view();
  if (publish.retain) text += 'r';
  publish.properties.for_each([&](const PropertyView& view) {
    if (view.id == PropertyId::subscription_identifier) text += '#' + std::to_string(view.value);
  });
  return text;
}

PairClient::PairClient(Pair& pair, const ClientSessionOptions& options)
    : pair_(pair), session_(options) {}

void PairClient::connect() {
  cut();
  has_failed_ = false;
  session_.connected(pair_.now());
  pair_.open(*this);
}

void PairClient::cut() { cut_after(0); }

void PairClient::cut_after(std::size_t bytes) {
  auto* line = pair_.line_of(*this);
  if (line == nullptr) return;
  line->budget = bytes;
  if (bytes == 0) pair_.cut(*line);
}

void PairClient::disconnect(ReasonCode reason_code, const Properties& properties) {
  session_.disconnect(reason_code, properties, pair_.now());
}

bool PairClient::is_connected() const { return pair_.line_of(*this) != nullptr; }

std::uint64_t PairClient::publish(Qos qos, std::string_view topic, std::string_view payload,
                                  bool retain, const Properties& properties) {
  Publish publish;
  publish.topic = Bytes::copy(topic);
  publish.payload = Bytes::copy(payload);
  publish.properties = properties;
  publish.qos = qos;
  publish.retain = retain;
  return session_.publish(std::move(publish), pair_.now());
}

void PairClient::subscribe(std::string_view filter, SubscribeOptions options,
                           std::uint32_t identifier) {
  Subscribe subscribe;
  subscribe.requests.push_back({Bytes::copy(filter), options});
  if (identifier != 0)
    subscribe.properties =
        PropertiesBuilder().add(property::subscription_identifier, identifier).build();
  session_.subscribe(std::move(subscribe), pair_.now());
}

void PairClient::unsubscribe(std::string_view filter) {
  Unsubscribe unsubscribe;
  unsubscribe.filters.push_back(Bytes::copy(filter));
  session_.unsubscribe(std::move(unsubscribe), pair_.now());
}

std::vector<std::string> PairClient::take_messages() {
  std::vector<std::string> texts;
  for (; taken_ < messages.size(); ++taken_) texts.push_back(text_of(messages[taken_]));
  return texts;
}

void PairClient::take_events() {
  using namespace client_event;
  while (auto event = session_.poll_event()) {
    std::visit(
        Overloaded{
            [&](Connected& it) { connacks.push_back(std::move(it.connack)); },
            [&](MessageReceived& it) { messages.push_back(std::move(it.publish)); },
            [&](PublishFinished& it) { finished.push_back(std::move(it)); },
            [&](Subscribed& it) {
              subscribed.insert(subscribed.end(), it.suback.reason_codes.begin(),
                                it.suback.reason_codes.end());
            },
            [&](ServerDisconnected& it) { server_disconnects.push_back(std::move(it.disconnect)); },
            [&](Failed& it) {
              failures.push_back(it.error);
              has_failed_ = true;
            },
            [](auto&) {},
        },
        *event);
  }
}

Pair::Pair(const PairOptions& options)
    : options_(options), broker_(std::make_unique<broker::Broker>(options.broker)) {}

PairClient& Pair::add(const ClientSessionOptions& options) {
  return *clients_.emplace_back(std::make_unique<PairClient>(*this, options));
}

void Pair::open(PairClient& client) {
  lines_.push_back(std::make_unique<Line>(&client, *broker_, options_.context.listener, now_));
}

void Pair::cut(Line& line) {
  if (line.client != nullptr) std::exchange(line.client, nullptr)->session_.disconnected(now_);
  line.to_server.clear();
  line.to_client.clear();
  if (options_.cuts_are_silent) return;
  leave(line, std::nullopt);
  carry_out_effects();
  line.is_gone = true;
}

Pair::Line* Pair::line_of(const PairClient& client) {
  const auto found = std::ranges::find_if(
      lines_, [&](const auto& line) { return !line->is_gone && line->client == &client; });
  return found == lines_.end() ? nullptr : found->get();
}

bool Pair::step() {
  bool has_moved = false;
  for (const auto& line : lines_) has_moved |= step(*line);
  std::erase_if(lines_, [](const auto& line) { return line->is_gone; });
  if (changes() >= crash_at_) {
    crash_at_ = UINT64_MAX;
    crash();
    return true;
  }
  return commit() || fetch() || has_moved;
}

/// A batch is closed, and committed some steps later. Whether there was anything to do.
bool Pair::commit() {
  Journal& journal = broker_->journal();
  if (!closed_ && !journal.has_open_changes()) return false;
  if (!closed_) {
    closed_ = journal.take();
    steps_to_commit_ = options_.commit_takes;
  }
  if (--steps_to_commit_ > 0) return true;
  const auto committed = store_.commit(closed_->second, clock());
  REQUIRE(committed);
  committed_ = closed_->first;
  journal.committed(committed_);
  closed_.reset();
  return true;
}

/// One page, once all is committed that it may hold.
bool Pair::fetch() {
  if (fetches_.empty() || fetches_.front().batch > committed_) return false;
  const auto [session, request] = fetches_.front().effect;
  fetches_.pop_front();
  auto page = store_.fetch(request, clock());
  REQUIRE(page);
  broker_->backlog_came(session, *std::move(page), now_);
  carry_out_effects();
  return true;
}

void Pair::crash() {
  for (const auto& line : lines_)
    if (line->client != nullptr) line->client->session_.disconnected(now_);
  lines_.clear();
  closed_.reset();
  fetches_.clear();
  committed_ = 0;
  ++crashes_;
  changes_before_ = changes();
  broker_ = std::make_unique<broker::Broker>(options_.broker);
  const auto loaded = store_.load(clock(), options_.broker.backlog,
                                  [&](Change&& change) { broker_->restore(std::move(change)); });
  REQUIRE(loaded);
  broker_->end_of_restore(now_);
  carry_out_effects();
}

std::vector<Change> Pair::stored() {
  std::vector<Change> all;
  const BacklogLimits unlimited{.offline_messages = SIZE_MAX};
  REQUIRE(
      store_.load(clock(), unlimited, [&](Change&& change) { all.push_back(std::move(change)); }));
  return all;
}

/// Both clocks go together here.
store::ClockReading Pair::clock() const {
  return {now_,
          store::WallTime(std::chrono::floor<std::chrono::milliseconds>(now_.time_since_epoch()))};
}

bool Pair::step(Line& line) {
  bool has_moved = false;
  if (!line.is_gone) has_moved |= write_client(line);
  if (!line.is_gone) has_moved |= write_server(line);
  if (!line.is_gone) has_moved |= read(line, line.to_server);
  if (!line.is_gone) has_moved |= read(line, line.to_client);
  if (!line.is_gone) close_if_over(line);
  return has_moved;
}

std::size_t Pair::write(const Output& output, Wire& wire) const {
  std::array<std::span<const std::byte>, 1> pieces;
  if (output.gather(pieces) == 0) return 0;
  const auto piece = pieces[0].first(std::min(pieces[0].size(), options_.chunk));
  wire.push_back({now_ + options_.latency, {piece.begin(), piece.end()}});
  return piece.size();
}

bool Pair::write_client(Line& line) {
  if (line.client == nullptr) return false;
  const std::size_t count = write(line.client->session_.output(), line.to_server);
  line.client->session_.consume(count, now_);
  line.client->take_events();
  return count > 0;
}

bool Pair::write_server(Line& line) {
  if (line.is_bound) {
    line.server.fill_output(now_);
    broker_->drained(line.key, now_);
    carry_out_effects();
  }
  const std::size_t count = write(line.server.output(), line.to_client);
  line.server.written(count);
  if (line.client == nullptr) line.to_client.clear();
  return count > 0;
}

bool Pair::read(Line& line, Wire& wire) {
  if (wire.empty() || wire.front().arrives > now_) return false;
  auto& bytes = wire.front().bytes;
  const std::size_t count = std::min({bytes.size(), options_.chunk, line.budget});
  const auto end = bytes.begin() + static_cast<std::ptrdiff_t>(count);
  const std::vector<std::byte> piece(bytes.begin(), end);
  bytes.erase(bytes.begin(), end);
  if (bytes.empty()) wire.pop_front();
  line.budget -= count;
  line.client->bytes_moved_ += count;
  if (&wire == &line.to_server) {
    line.server.receive(piece, now_);
    serve(line);
  } else {
    line.client->session_.receive(piece, now_);
    line.client->take_events();
  }
  if (line.budget == 0 && line.client != nullptr) cut(line);
  return true;
}

void Pair::close_if_over(Line& line) {
  const bool server_is_over = line.server.is_closing() && line.server.output().empty();
  if (server_is_over && line.to_client.empty()) {
    if (line.client != nullptr) line.client->session_.disconnected(now_);
    line.is_gone = true;
  } else if (line.client != nullptr && line.client->has_failed_ && line.to_server.empty() &&
             line.client->session_.output().empty()) {
    cut(line);
  }
}

void Pair::serve(Line& line) {
  while (auto event = line.server.poll_event()) {
    std::visit([&](auto& happened) { on(line, happened); }, *event);
    carry_out_effects();
  }
}

void Pair::on(Line& line, server_event::ConnectRequested& event) {
  const auto answer = broker_->connect(event.connect, options_.context, now_);
  carry_out_effects();
  if (answer.session == nullptr) return line.server.refuse(answer.connack);
  line.key = answer.session->key;
  line.is_bound = true;
  line.server.accept(answer.connack, *answer.session);
}

void Pair::on(Line& line, server_event::Published& event) {
  const auto packet_id = event.publish.packet_id;
  const Qos qos = event.publish.qos;
  const auto answer = broker_->publish(line.key, std::move(event.publish), now_);
  line.server.acknowledge(packet_id, qos, answer.reason_code);
}

void Pair::on(Line& line, server_event::SubscribeRequested& event) {
  line.server.answer(broker_->subscribe(line.key, event.subscribe, now_));
}

void Pair::on(Line& line, server_event::UnsubscribeRequested& event) {
  line.server.answer(broker_->unsubscribe(line.key, event.unsubscribe));
}

void Pair::on(Line& line, server_event::AuthReceived&) {
  line.server.disconnect(ReasonCode::protocol_error);
  leave(line, std::nullopt);
}

void Pair::on(Line& line, server_event::Disconnected& event) { leave(line, event.disconnect); }

void Pair::on(Line& line, server_event::Failed&) { leave(line, std::nullopt); }

void Pair::leave(Line& line, const std::optional<Disconnect>& by_client) {
  line.server.detach();
  if (std::exchange(line.is_bound, false)) broker_->disconnected(line.key, by_client, now_);
}

void Pair::carry_out_effects() {
  while (const auto effect = broker_->poll_effect()) {
    // Wake needs nothing: every step fills every output. Nobody is ever paused here.
    if (const auto* page = std::get_if<broker::effect::FetchBacklog>(&*effect))
      fetches_.push_back({broker_->journal().latest_batch(), *page});
    const auto* disconnect = std::get_if<broker::effect::Disconnect>(&*effect);
    if (disconnect == nullptr) continue;
    for (auto& line : lines_) {
      if (line->is_bound && line->key == disconnect->session) {
        line->server.disconnect(disconnect->reason_code);
        line->is_bound = false;
      }
    }
  }
}

void Pair::settle() {
  for (int steps = 0;; ++steps) {
    REQUIRE(steps < kStepLimit);
    if (step()) continue;
    const TimePoint next = next_arrival();
    if (next == kNever) return;
    now_ = std::max(now_, next);
    tick();
  }
}

void Pair::pass(Duration time) {
  const TimePoint end = now_ + time;
  for (int steps = 0;; ++steps) {
    REQUIRE(steps < kStepLimit);
    if (step()) continue;
    const TimePoint next = std::min(next_arrival(), next_deadline());
    if (next > end) break;
    now_ = std::max(now_, next);
    tick();
  }
  now_ = end;
}

void Pair::tick() {
  for (auto& client : clients_) {
    if (client->session_.deadline().value_or(kNever) <= now_) client->session_.tick(now_);
    client->take_events();
  }
  for (const auto& line : lines_) {
    if (line->server.deadline() > now_) continue;
    line->server.tick(now_);
    serve(*line);
  }
  if (broker_->deadline().value_or(kNever) <= now_) broker_->tick(now_);
  carry_out_effects();
}

TimePoint Pair::next_arrival() const {
  TimePoint next = kNever;
  for (const auto& line : lines_)
    for (const Wire* wire : {&line->to_server, &line->to_client})
      if (!wire->empty()) next = std::min(next, wire->front().arrives);
  return next;
}

TimePoint Pair::next_deadline() const {
  TimePoint next = broker_->deadline().value_or(kNever);
  for (const auto& client : clients_)
    next = std::min(next, client->session_.deadline().value_or(kNever));
  for (const auto& line : lines_) next = std::min(next, line->server.deadline());
  return next;
}

}  // namespace mqtt::test
