#include "tests/support/wire_vectors.hpp"

namespace mqtt::test {
namespace {

constexpr auto v31 = Version::v3_1;
constexpr auto v311 = Version::v3_1_1;
constexpr bool kOtherForm = false;
using enum ReasonCode;
using enum Qos;

Bytes text(std::string_view bytes) { return Bytes::copy(bytes); }

std::vector<WireVector> connects() {
  return {
      {"CONNECT, byte for byte", v311, "10 0D 00 04 4D 51 54 54 04 02 00 3C 00 01 74",
       Connect{.version = v311, .keep_alive = 60, .client_id = text("t")}},
      {"3.1 CONNECT", v31, "10 [ ('MQIsdp') 03 02 000A ('id') ]",
       Connect{.version = v31, .keep_alive = 10, .client_id = text("id")}},
      {"CONNECT of another version than the connection's default", Version::v5_0,
       "10 [ ('MQIsdp') 03 00 000A ('id') ]",
       Connect{.version = v31, .clean_start = false, .keep_alive = 10, .client_id = text("id")}},
      {"CONNECT with an empty client id", v311, "10 [ ('MQTT') 04 02 0000 () ]",
       Connect{.version = v311}},
      {"CONNECT that resumes, longest keep alive", v311, "10 [ ('MQTT') 04 00 FFFF ('a') ]",
       Connect{
           .version = v311, .clean_start = false, .keep_alive = 65'535, .client_id = text("a")}},
      {"CONNECT with a user name", v311, "10 [ ('MQTT') 04 82 0000 ('a') ('user') ]",
       Connect{.version = v311, .client_id = text("a"), .username = text("user")}},
      {"CONNECT with user name and binary password", v311,
       "10 [ ('MQTT') 04 C2 0000 ('a') ('user') (00FF80) ]",
       Connect{.version = v311,
               .client_id = text("a"),
               .username = text("user"),
               .password = text({"\0\xFF\x80", 3})}},
      {"CONNECT with empty user name and password", v311, "10 [ ('MQTT') 04 C2 0000 ('a') () () ]",
       Connect{.version = v311, .client_id = text("a"), .username = Bytes(), .password = Bytes()}},
  };
}

std::vector<WireVector> connects_with_a_will() {
  return {
      {"CONNECT with a will", v311, "10 [ ('MQTT') 04 06 0000 ('a') ('w/t') ('gone') ]",
       Connect{.version = v311,
               .client_id = text("a"),
               .will = Will{.topic = text("w/t"), .payload = text("gone")}}},
      {"CONNECT with a will at QoS 1", v311, "10 [ ('MQTT') 04 0E 0000 ('a') ('w') (00) ]",
       Connect{.version = v311,
               .client_id = text("a"),
               .will = Will{.topic = text("w"), .payload = text({"\0", 1}), .qos = at_least_once}}},
      {"CONNECT with an empty retained will at QoS 2", v311,
       "10 [ ('MQTT') 04 36 0000 ('a') ('w') () ]",
       Connect{.version = v311,
               .client_id = text("a"),
               .will = Will{.topic = text("w"), .qos = exactly_once, .retain = true}}},
      {"CONNECT with everything", v311,
       "10 [ ('MQTT') 04 EC 0001 ('client') ('w') ('p') ('u') ('s') ]",
       Connect{.version = v311,
               .clean_start = false,
               .keep_alive = 1,
               .client_id = text("client"),
               .username = text("u"),
               .password = text("s"),
               .will = Will{.topic = text("w"),
                            .payload = text("p"),
                            .qos = at_least_once,
                            .retain = true}}},
      {"3.1 CONNECT with everything", v31,
       "10 [ ('MQIsdp') 03 F6 0001 ('client') ('w') ('p') ('u') ('s') ]",
       Connect{
           .version = v31,
           .keep_alive = 1,
           .client_id = text("client"),
           .username = text("u"),
           .password = text("s"),
           .will =
               Will{
                   .topic = text("w"), .payload = text("p"), .qos = exactly_once, .retain = true}}},
      {"3.1 CONNECT with the flags of strings that are missing", v31,
       "10 [ ('MQIsdp') 03 C2 0000 ('id') ]", Connect{.version = v31, .client_id = text("id")},
       kOtherForm},
      {"3.1 CONNECT whose password is missing", v31, "10 [ ('MQIsdp') 03 C2 0000 ('id') ('u') ]",
       Connect{.version = v31, .client_id = text("id"), .username = text("u")}, kOtherForm},
      {"CONNECT with a client id in UTF-8", v311, "10 [ ('MQTT') 04 02 0000 (C3A9E282ACF09F9880) ]",
       Connect{.version = v311, .client_id = text("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80")}},
      {"CONNECT keeps U+FEFF [3.1.1 MQTT-1.5.3-3]", v311, "10 [ ('MQTT') 04 02 0000 (EFBBBF 61) ]",
       Connect{.version = v311, .client_id = text("\xEF\xBB\xBF\x61")}},
  };
}

std::vector<WireVector> connacks() {
  return {
      {"CONNACK", v311, "20 02 00 00", Connack{}},
      {"CONNACK, session present", v311, "20 02 01 00", Connack{.session_present = true}},
      {"CONNACK 1", v311, "20 02 00 01", Connack{.reason_code = unsupported_protocol_version}},
      {"CONNACK 2", v311, "20 02 00 02", Connack{.reason_code = client_identifier_not_valid}},
      {"CONNACK 3", v311, "20 02 00 03", Connack{.reason_code = server_unavailable}},
      {"CONNACK 4", v311, "20 02 00 04", Connack{.reason_code = bad_user_name_or_password}},
      {"CONNACK 5", v311, "20 02 00 05", Connack{.reason_code = not_authorized}},
      {"3.1 CONNACK", v31, "20 02 00 00", Connack{}},
      {"3.1 CONNACK 5", v31, "20 02 00 05", Connack{.reason_code = not_authorized}},
      {"3.1 CONNACK whose reserved byte is set", v31, "20 02 81 00", Connack{}, kOtherForm},
  };
}

std::vector<WireVector> publishes() {
  return {
      {"PUBLISH, byte for byte", v311, "30 07 00 03 61 2F 62 68 69",
       Publish{.topic = text("a/b"), .payload = text("hi")}},
      {"3.1 PUBLISH", v31, "30 [ ('a/b') 'hi' ]",
       Publish{.topic = text("a/b"), .payload = text("hi")}},
      {"PUBLISH without a payload", v311, "30 [ ('a') ]", Publish{.topic = text("a")}},
      {"PUBLISH, retained", v311, "31 [ ('a') 'x' ]",
       Publish{.topic = text("a"), .payload = text("x"), .retain = true}},
      {"PUBLISH at QoS 1", v311, "32 [ ('a') 1234 'x' ]",
       Publish{
           .topic = text("a"), .payload = text("x"), .packet_id = 0x1234, .qos = at_least_once}},
      {"PUBLISH at QoS 1 without a payload, largest packet id", v311, "32 [ ('a') FFFF ]",
       Publish{.topic = text("a"), .packet_id = 0xFFFF, .qos = at_least_once}},
      {"PUBLISH at QoS 2 again, retained", v311, "3D [ ('a') 0001 'x' ]",
       Publish{.topic = text("a"),
               .payload = text("x"),
               .packet_id = 1,
               .qos = exactly_once,
               .retain = true,
               .dup = true}},
      {"3.1 PUBLISH at QoS 1 again", v31, "3A [ ('a') 0001 'x' ]",
       Publish{.topic = text("a"),
               .payload = text("x"),
               .packet_id = 1,
               .qos = at_least_once,
               .dup = true}},
      {"PUBLISH with a binary payload", v311, "30 [ ('a') 00FF80C0 ]",
       Publish{.topic = text("a"), .payload = text({"\0\xFF\x80\xC0", 4})}},
      {"PUBLISH to a topic of one slash", v311, "30 [ ('/') 'x' ]",
       Publish{.topic = text("/"), .payload = text("x")}},
      {"PUBLISH to $SYS with a space", v311, "30 [ ('$SYS/a b//') 'x' ]",
       Publish{.topic = text("$SYS/a b//"), .payload = text("x")}},
      {"PUBLISH to an accented topic", v311, "30 [ ('Cuisine/' C3A9) '21,5 ' C2B0 'C' ]",
       Publish{.topic = text("Cuisine/\xC3\xA9"), .payload = text("21,5 \xC2\xB0\x43")}},
  };
}

std::vector<WireVector> acknowledgements() {
  return {
      {"PUBACK", v311, "40 02 12 34", Puback{.packet_id = 0x1234}},
      {"PUBREC", v311, "50 02 12 34", Pubrec{.packet_id = 0x1234}},
      {"PUBREL", v311, "62 02 12 34", Pubrel{.packet_id = 0x1234}},
      {"PUBCOMP", v311, "70 02 12 34", Pubcomp{.packet_id = 0x1234}},
      {"3.1 PUBACK", v31, "40 02 00 01", Puback{.packet_id = 1}},
      {"3.1 PUBREC", v31, "50 02 00 01", Pubrec{.packet_id = 1}},
      {"3.1 PUBREL", v31, "62 02 00 01", Pubrel{.packet_id = 1}},
      {"3.1 PUBREL again, with DUP", v31, "6A 02 00 01", Pubrel{.packet_id = 1}, kOtherForm},
      {"3.1 PUBCOMP", v31, "70 02 FF FF", Pubcomp{.packet_id = 0xFFFF}},
  };
}

std::vector<WireVector> subscriptions() {
  return {
      {"SUBSCRIBE, byte for byte", v311, "82 08 00 0A 00 03 61 2F 62 01",
       Subscribe{.packet_id = 10, .requests = {{text("a/b"), {.qos = at_least_once}}}}},
      {"SUBSCRIBE with three filters", v311, "82 [ 000A ('#') 00 ('+/b') 02 ('/+/$x/#') 01 ]",
       Subscribe{.packet_id = 10,
                 .requests = {{text("#"), {}},
                              {text("+/b"), {.qos = exactly_once}},
                              {text("/+/$x/#"), {.qos = at_least_once}}}}},
      {"SUBSCRIBE to a shared filter", v311, "82 [ 0001 ('$share/g/a/#') 01 ]",
       Subscribe{.packet_id = 1, .requests = {{text("$share/g/a/#"), {.qos = at_least_once}}}}},
      {"SUBSCRIBE twice to one filter", v311, "82 [ 0001 ('a') 00 ('a') 01 ]",
       Subscribe{.packet_id = 1,
                 .requests = {{text("a"), {}}, {text("a"), {.qos = at_least_once}}}}},
      {"3.1 SUBSCRIBE", v31, "82 [ 0001 ('a') 02 ]",
       Subscribe{.packet_id = 1, .requests = {{text("a"), {.qos = exactly_once}}}}},
      {"3.1 SUBSCRIBE again, with DUP", v31, "8A [ 0001 ('a') 02 ]",
       Subscribe{.packet_id = 1, .requests = {{text("a"), {.qos = exactly_once}}}}, kOtherForm},
      {"SUBACK", v311, "90 03 00 0A 01", Suback{.packet_id = 10, .reason_codes = {granted_qos_1}}},
      {"SUBACK with every code", v311, "90 06 00 0A 00 01 02 80",
       Suback{.packet_id = 10,
              .reason_codes = {success, granted_qos_1, granted_qos_2, unspecified_error}}},
      {"3.1 SUBACK", v31, "90 04 00 01 02 00",
       Suback{.packet_id = 1, .reason_codes = {granted_qos_2, success}}},
      {"UNSUBSCRIBE", v311, "A2 [ 000B ('a/b') ]",
       Unsubscribe{.packet_id = 11, .filters = {text("a/b")}}},
      {"UNSUBSCRIBE from three filters", v311, "A2 [ 000B ('#') ('+') ('$share/g/a') ]",
       Unsubscribe{.packet_id = 11, .filters = {text("#"), text("+"), text("$share/g/a")}}},
      {"3.1 UNSUBSCRIBE", v31, "A2 [ 0001 ('a') ]",
       Unsubscribe{.packet_id = 1, .filters = {text("a")}}},
      {"3.1 UNSUBSCRIBE again, with DUP", v31, "AA [ 0001 ('a') ]",
       Unsubscribe{.packet_id = 1, .filters = {text("a")}}, kOtherForm},
      {"UNSUBACK", v311, "B0 02 00 0B", Unsuback{.packet_id = 11}},
      {"3.1 UNSUBACK", v31, "B0 02 00 0B", Unsuback{.packet_id = 11}},
  };
}

std::vector<WireVector> empty_packets() {
  return {
      {"PINGREQ", v311, "C0 00", Pingreq{}},       {"3.1 PINGREQ", v31, "C0 00", Pingreq{}},
      {"PINGRESP", v311, "D0 00", Pingresp{}},     {"3.1 PINGRESP", v31, "D0 00", Pingresp{}},
      {"DISCONNECT", v311, "E0 00", Disconnect{}}, {"3.1 DISCONNECT", v31, "E0 00", Disconnect{}},
  };
}

}  // namespace

std::vector<WireVector> wire_vectors_3() {
  std::vector<WireVector> rows;
  for (auto group : {connects, connects_with_a_will, connacks, publishes, acknowledgements,
                     subscriptions, empty_packets}) {
    for (auto& row : group()) rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace mqtt::test
