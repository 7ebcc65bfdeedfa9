#include "libmqtt/server/statistics.hpp"

#include <array>

namespace mqtt::server {
namespace {

using S = const Statistics&;

constexpr std::string_view kRefusedConnections = "mq_broker_connections_refused_total";
constexpr std::string_view kRefusedConnectionsHelp =
    "Connections refused at accept or CONNECT, by reason.";
constexpr std::string_view kEnded = "mq_broker_connections_ended_total";
constexpr std::string_view kEndedHelp = "Connections ended by the broker for a broken limit.";
constexpr std::string_view kRefusedRequests = "mq_broker_requests_refused_total";
constexpr std::string_view kRefusedRequestsHelp =
    "Messages and subscriptions of clients that were refused, by reason.";
constexpr std::string_view kDropped = "mq_broker_messages_dropped_total";
constexpr std::string_view kDroppedHelp =
    "Copies of messages that a receiver did not get, by reason.";

constexpr auto kRows = std::to_array<StatisticRow>({
    {"", "mq_broker_uptime_seconds", "", "Seconds since the broker started.",
     [](S s) { return s.uptime_seconds; }},
    {"clients/total", "mq_broker_sessions", "", "Sessions, of connected clients and kept ones.",
     [](S s) { return std::uint64_t{s.broker.clients_total()}; }},
    {"clients/connected", "mq_broker_clients_connected", "", "Clients that are connected.",
     [](S s) { return std::uint64_t{s.broker.clients_connected}; }},
    {"clients/active", "", "", "", [](S s) { return std::uint64_t{s.broker.clients_connected}; }},
    {"clients/disconnected", "mq_broker_sessions_disconnected", "",
     "Sessions kept for clients that are not connected.",
     [](S s) { return std::uint64_t{s.broker.clients_disconnected}; }},
    {"clients/inactive", "", "", "",
     [](S s) { return std::uint64_t{s.broker.clients_disconnected}; }},
    {"clients/maximum", "mq_broker_clients_connected_maximum", "",
     "Most clients that were connected at a time.",
     [](S s) { return std::uint64_t{s.broker.clients_maximum}; }},
    {"clients/expired", "mq_broker_sessions_expired_total", "", "Sessions whose time was over.",
     [](S s) { return s.broker.clients_expired; }},

    {"connections/open", "mq_broker_connections_open", "", "Connections, CONNECT or not.",
     [](S s) { return s.connections.open; }},
    {"connections/accepted", "mq_broker_connections_accepted_total", "", "Connections accepted.",
     [](S s) { return s.connections.accepted; }},
    {"connections/established", "mq_broker_connects_total", "", "CONNECTs answered with success.",
     [](S s) { return s.broker.connects; }},
    {"connections/accept_errors", "mq_broker_accept_errors_total", "",
     "Times that accepting rested, for want of descriptors or memory.",
     [](S s) { return s.connections.accept_errors; }},
    {"refused/max_connections", kRefusedConnections, "reason=\"max_connections\"",
     kRefusedConnectionsHelp, [](S s) { return s.connections.over_listener_limit; }},
    {"refused/global_max_connections", kRefusedConnections, "reason=\"global_max_connections\"",
     kRefusedConnectionsHelp, [](S s) { return s.connections.over_global_limit; }},
    {"refused/global_max_clients", kRefusedConnections, "reason=\"global_max_clients\"",
     kRefusedConnectionsHelp, [](S s) { return s.broker.refusals.too_many_clients; }},
    {"refused/not_authorized", kRefusedConnections, "reason=\"not_authorized\"",
     kRefusedConnectionsHelp, [](S s) { return s.connections.not_authorized; }},
    {"refused/protocol_version", kRefusedConnections, "reason=\"protocol_version\"",
     kRefusedConnectionsHelp, [](S s) { return s.broker.refusals.protocol_version; }},
    {"refused/client_id", kRefusedConnections, "reason=\"client_id\"", kRefusedConnectionsHelp,
     [](S s) { return s.broker.refusals.client_id; }},
    {"refused/keep_alive", kRefusedConnections, "reason=\"keep_alive\"", kRefusedConnectionsHelp,
     [](S s) { return s.broker.refusals.keep_alive; }},
    {"refused/authentication_method", kRefusedConnections, "reason=\"authentication_method\"",
     kRefusedConnectionsHelp,
     [](S s) {
       return s.connections.authentication_method + s.broker.refusals.authentication_method;
     }},
    {"refused/busy", kRefusedConnections, "reason=\"busy\"", kRefusedConnectionsHelp,
     [](S s) { return s.connections.busy; }},
    {"refused/will", kRefusedConnections, "reason=\"will\"", kRefusedConnectionsHelp,
     [](S s) { return s.broker.refusals.will; }},
    {"ended/packet_size", kEnded, "reason=\"packet_size\"", kEndedHelp,
     [](S s) { return s.broker.traffic.over_packet_size; }},
    {"ended/receive_maximum", kEnded, "reason=\"receive_maximum\"", kEndedHelp,
     [](S s) { return s.broker.traffic.over_receive_maximum; }},
    {"ended/keep_alive", kEnded, "reason=\"keep_alive\"", kEndedHelp,
     [](S s) { return s.broker.traffic.over_keep_alive; }},
    {"ended/connect_timeout", kEnded, "reason=\"connect_timeout\"", kEndedHelp,
     [](S s) { return s.broker.traffic.over_connect_timeout; }},
    {"refused/publish_not_authorized", kRefusedRequests, "reason=\"publish_not_authorized\"",
     kRefusedRequestsHelp, [](S s) { return s.broker.refusals.publish_not_authorized; }},
    {"refused/payload_too_large", kRefusedRequests, "reason=\"payload_too_large\"",
     kRefusedRequestsHelp, [](S s) { return s.broker.refusals.payload_too_large; }},
    {"refused/topic_name", kRefusedRequests, "reason=\"topic_name\"", kRefusedRequestsHelp,
     [](S s) { return s.broker.refusals.topic_name; }},
    {"refused/subscribe_not_authorized", kRefusedRequests, "reason=\"subscribe_not_authorized\"",
     kRefusedRequestsHelp, [](S s) { return s.broker.refusals.subscribe_not_authorized; }},
    {"refused/topic_filter", kRefusedRequests, "reason=\"topic_filter\"", kRefusedRequestsHelp,
     [](S s) { return s.broker.refusals.topic_filter; }},

    {"messages/received", "mq_broker_packets_received_total", "", "MQTT packets that came in.",
     [](S s) { return s.broker.traffic.packets_received; }},
    {"messages/sent", "mq_broker_packets_sent_total", "", "MQTT packets that went out.",
     [](S s) { return s.broker.traffic.packets_sent; }},
    {"bytes/received", "mq_broker_bytes_received_total", "", "Bytes of MQTT that came in.",
     [](S s) { return s.broker.traffic.bytes_received; }},
    {"bytes/sent", "mq_broker_bytes_sent_total", "", "Bytes of MQTT that went out.",
     [](S s) { return s.broker.traffic.bytes_sent; }},
    {"publish/messages/received", "mq_broker_publishes_received_total", "",
     "PUBLISH packets that came in.", [](S s) { return s.broker.traffic.publishes_received; }},
    {"publish/messages/sent", "mq_broker_publishes_sent_total", "",
     "PUBLISH packets that went out.", [](S s) { return s.broker.traffic.publishes_sent; }},
    {"publish/bytes/received", "mq_broker_payload_bytes_received_total", "",
     "Bytes of payload that came in.",
     [](S s) { return s.broker.traffic.published_bytes_received; }},
    {"publish/bytes/sent", "mq_broker_payload_bytes_sent_total", "",
     "Bytes of payload that went out.", [](S s) { return s.broker.traffic.published_bytes_sent; }},
    {"publish/messages/dropped", "", "", "", [](S s) { return s.broker.dropped; }},
    {"publish/messages/dropped/queue_full", kDropped, "reason=\"queue_full\"", kDroppedHelp,
     [](S s) { return s.broker.refusals.queue_full; }},
    {"publish/messages/dropped/memory", kDropped, "reason=\"memory\"", kDroppedHelp,
     [](S s) { return s.broker.refusals.memory_per_client; }},
    {"publish/messages/dropped/expired", kDropped, "reason=\"expired\"", kDroppedHelp,
     [](S s) { return s.broker.traffic.expired; }},
    {"publish/messages/dropped/packet_size", kDropped, "reason=\"packet_size\"", kDroppedHelp,
     [](S s) { return s.broker.traffic.over_client_packet_size; }},
    {"publish/messages/dropped/not_authorized", kDropped, "reason=\"not_authorized\"", kDroppedHelp,
     [](S s) { return s.broker.refusals.read_not_authorized; }},
    {"", "mq_broker_messages_routed_total", "", "Messages that the broker routed.",
     [](S s) { return s.broker.published; }},
    {"", "mq_broker_messages_queued_total", "", "Copies of messages queued for receivers.",
     [](S s) { return s.broker.delivered; }},

    {"subscriptions/count", "mq_broker_subscriptions", "", "Subscriptions, shared ones included.",
     [](S s) { return std::uint64_t{s.broker.subscriptions}; }},
    {"shared_subscriptions/count", "mq_broker_shared_subscriptions", "", "Shared subscriptions.",
     [](S s) { return std::uint64_t{s.broker.shared_subscriptions}; }},
    {"retained messages/count", "mq_broker_retained_messages", "", "Retained messages.",
     [](S s) { return std::uint64_t{s.broker.retained_messages}; }},
    {"messages/stored", "", "", "", [](S s) { return std::uint64_t{s.broker.stored_messages()}; }},
    {"store/messages/count", "mq_broker_messages_stored", "",
     "Messages held: retained, queued and in flight.",
     [](S s) { return std::uint64_t{s.broker.stored_messages()}; }},
    {"store/messages/bytes", "mq_broker_messages_stored_bytes", "", "Memory of the messages held.",
     [](S s) { return std::uint64_t{s.broker.stored_bytes()}; }},
    {"messages/inflight", "mq_broker_messages_in_flight", "",
     "QoS 1 and 2 messages sent and not yet acknowledged.",
     [](S s) { return std::uint64_t{s.broker.in_flight_messages}; }},
    {"messages/queued", "mq_broker_messages_queued", "", "Messages that wait for a receiver.",
     [](S s) { return std::uint64_t{s.broker.queued_messages}; }},
    {"messages/queued/bytes", "mq_broker_messages_queued_bytes", "",
     "Memory of the messages that wait.", [](S s) { return std::uint64_t{s.broker.queued_bytes}; }},

    {"heap/current", "mq_broker_heap_bytes", "", "Memory allocated.",
     [](S s) { return s.process.heap_bytes; }},
    {"heap/maximum", "mq_broker_heap_maximum_bytes", "", "Most memory allocated, of the readings.",
     [](S s) { return s.process.heap_maximum; }},
    {"", "process_resident_memory_bytes", "", "Resident memory.",
     [](S s) { return s.process.resident_bytes; }},
    {"", "process_open_fds", "", "Open file descriptors.",
     [](S s) { return s.process.open_descriptors; }},
    {"log/lines/suppressed", "mq_broker_log_lines_suppressed_total", "",
     "Lines of the log left out, because one peer caused many.",
     [](S s) { return s.log.suppressed; }},
    {"log/lines/lost", "mq_broker_log_lines_lost_total", "",
     "Lines that a destination of the log did not take.", [](S s) { return s.log.lost; }},
});

constexpr auto kLoads = std::to_array<LoadRow>({
    {"load/messages/received", [](S s) { return s.broker.traffic.packets_received; }},
    {"load/messages/sent", [](S s) { return s.broker.traffic.packets_sent; }},
    {"load/bytes/received", [](S s) { return s.broker.traffic.bytes_received; }},
    {"load/bytes/sent", [](S s) { return s.broker.traffic.bytes_sent; }},
    {"load/publish/received", [](S s) { return s.broker.traffic.publishes_received; }},
    {"load/publish/sent", [](S s) { return s.broker.traffic.publishes_sent; }},
    {"load/publish/dropped", [](S s) { return s.broker.dropped; }},
    {"load/sockets", [](S s) { return s.connections.accepted; }},
    {"load/connections", [](S s) { return s.broker.connects; }},
});

}  // namespace

std::span<const StatisticRow> statistic_rows() { return kRows; }
std::span<const LoadRow> load_rows() { return kLoads; }

}  // namespace mqtt::server
