#include "tools/common/property_options.hpp"
#include "tools/mq-bench/rows.hpp"

namespace mq_bench {
namespace {

using cli::Complaint;
using cli::Words;

constexpr std::uint64_t kMostPayload = 268'000'000;

Complaint set_size(std::optional<SizeRange>& target, std::string_view word) {
  const cli::Range range{"payload size in bytes", 0, kMostPayload};
  const std::size_t dots = word.find("..");
  const auto least = cli::parse_number(word.substr(0, dots), range);
  if (!least) return least.error();
  const auto most =
      dots == std::string_view::npos ? least : cli::parse_number(word.substr(dots + 2), range);
  if (!most) return most.error();
  if (*most < *least) return cli::is_not(word, "range of sizes, like 16..4096");
  target = {*least, *most};
  return {};
}

}  // namespace

void add_message_rows(RowTable& table, Options& options) {
  table.add(kPublishing,
            {.name = "size",
             .letter = 's',
             .value = "BYTES",
             .group = kLoadGroup,
             .help = "payload size, or a range like 16..4096 (pair, pub)",
             .man = "Of a range each message has a size by chance (see --seed). Below 16 bytes the "
                    "sequence number and the time go into a user property, which needs MQTT 5.0.",
             .default_text = "128",
             .set = [&options](Words words) { return set_size(options.payload.size, words[0]); }});
  table.add(
      kPublishing,
      {.name = "message",
       .letter = 'm',
       .value = "TEXT",
       .group = kLoadGroup,
       .help = "what payloads hold: TEXT, @FILE, @DIRECTORY or template:FILE",
       .man =
           "The header with sequence number and time stands in front of it, unless --header says "
           "otherwise. Of a directory all files are sent in turn. A template is a text with "
           "placeholders: ${client}, ${seq}, ${time} (milliseconds since 1970), ${time:iso}, "
           "${random:18.0..25.5}, ${text:8} or ${text:1..8} (letters and digits), "
           "${choice:on|off}. For a sensor: "
           "{\"id\":\"s${client}\",\"ts\":${time},\"celsius\":${random:18.0..25.5}} with --header "
           "property. $$ is a dollar sign.",
       .set = cli::set_text(options.payload.message),
       .hint = cli::Option::Hint::file});
  table.add(
      kPublishing,
      {.name = "header",
       .value = "FORM",
       .group = kLoadGroup,
       .help = "what each message is known by: compact, long or property",
       .man = "compact: 16 bytes at the beginning of the payload. long: 32 bytes, with a "
              "checksum over the whole payload. property: a user property beside an untouched "
              "payload; needs MQTT 5.0.",
       .default_text = "compact",
       .set = cli::set_choice(options.payload.header, "header (compact, long, property)",
                              std::vector<std::pair<std::string_view, HeaderForm>>{
                                  {"compact", HeaderForm::compact},
                                  {"long", HeaderForm::extended},
                                  {"property", HeaderForm::property}}),
       .choices = {"compact", "long", "property"}});
  cli::Option properties = cli::property_row(options.connection.properties);
  properties.group = kLoadGroup;
  table.add(kLoads, std::move(properties));
}

}  // namespace mq_bench
