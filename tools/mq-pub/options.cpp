#include "tools/mq-pub/options.hpp"

#include "tools/common/connection_rows.hpp"
#include "tools/common/presets.hpp"
#include "tools/mq-pub/delivery_rows.hpp"
#include "tools/mq-pub/message_rows.hpp"

namespace mq_pub {
namespace {

using cli::Complaint;

Complaint complete(Options& options) {
  if (options.topics.empty() && !options.connection.url_topic.empty()) {
    Complaint complaint = add_topic(options.topics, options.connection.url_topic);
    if (!complaint.empty()) return "-L: " + complaint;
  }
  if (Complaint complaint = check_message(options); !complaint.empty()) return complaint;
  if (Complaint complaint = check_delivery(options); !complaint.empty()) return complaint;
  return cli::check(options.connection);
}

void add_texts(cli::Tool& tool) {
  tool.synopsis = {"[-h HOST] [-p PORT] -t TOPIC {-m TEXT | -f FILE | -s | -n} [-q QOS] [-r]",
                   "[-h HOST] [-p PORT] -t TOPIC -l [-q QOS]", "[-h HOST] [-p PORT] --jsonl",
                   "-L mqtt://HOST/TOPIC -m TEXT"};
  tool.description =
      "mq-pub publishes one message, or one for every line of standard input, and exits. It takes "
      "the flags of mosquitto_pub.\n\n"
      "A flag may be written --port 1883, --port=1883, -p 1883 or -p1883; flags without value may "
      "stand together (-rd). A value may begin with a hyphen.\n\n"
      "A first connection that fails ends the program at once. A connection that is lost later is "
      "sought again (see --retry), and what had not been delivered is sent again, in order. At QoS "
      "0 a message counts as sent when the operating system has taken its last byte. A single "
      "message at which the connection is lost three times in a row is given up.\n\n"
      "An acknowledgement may take 30 seconds (else exit code 27; with -l, which waits so long "
      "only "
      "after the end of its input, 4), unless -W sets a bound on everything.\n\n"
      "SIGINT and SIGTERM stop the reading, give messages under way one second, and disconnect "
      "cleanly. With -l, --jsonl and --replay the last line on standard error tells how many "
      "messages "
      "were sent and how many lost; --quiet leaves it out.";
  tool.exit_codes = {
      {"0", "Everything was delivered, or is kept by --spool."},
      {"1", "Wrong usage, an unreadable file, or no connection to the broker (name, TCP)."},
      {"1..5, 128..162",
       "The broker refused the connection: its return code (before MQTT 5.0) or "
       "reason code."},
      {"128..162", "MQTT 5.0: the reason code of a refused message or of the broker's DISCONNECT."},
      {"4", "Messages were not delivered in the end."},
      {"7",
       "The connection was lost and not to be sought again, or was reset by the broker at the end, "
       "so that messages of QoS 0 may be lost."},
      {"14", "The peer does not speak MQTT."},
      {"27", "Timed out."},
      {"74", "Standard output could not be written (--reply)."},
      {"130, 143", "Ended by SIGINT or SIGTERM."}};
  tool.examples = {
      {"mq-pub -t Maison/Capteurs/Salon -m '21,5 °C'",
       "One message to the broker on this machine."},
      {"sensors | mq-pub -h broker -t house/sensors -l -q 1", "Each line, at least once."},
      {"mq-pub -h broker -t house/meter -m \"$value\" -q 1 --spool ~/.cache/meter",
       "From cron, over a link that is often down."},
      {"mq-pub -h broker -t house/door -r -n", "Remove the retained message."}};
  tool.see_also = {"mq-sub(1)", "mq-broker-lite(1)", "mq-bench(1)"};
}

}  // namespace

cli::Tool describe(Options& options) {
  cli::Tool tool;
  tool.name = "mq-pub";
  tool.summary = "publish messages to an MQTT broker";
  tool.options = message_rows(options);
  cli::append(tool.options, delivery_rows(options));
  cli::append(tool.options, cli::broker_rows(options.connection));
  cli::append(tool.options, cli::session_rows(options.connection));
  cli::append(tool.options, cli::will_rows(options.connection));
  cli::append(tool.options, cli::retry_rows(options.connection));
  cli::append(tool.options, running_rows(options));
  tool.check = [&options] { return complete(options); };
  cli::use_presets(tool);
  add_texts(tool);
  return tool;
}

}  // namespace mq_pub
