#include "tests/support/wire_vectors.hpp"

namespace mqtt::test {
namespace {

constexpr auto v5 = Version::v5_0;
constexpr bool kOtherForm = false;
using enum ReasonCode;
using enum Qos;

Bytes text(std::string_view bytes) { return Bytes::copy(bytes); }
PropertiesBuilder with() { return {}; }

std::vector<WireVector> connects() {
  return {
      {"5.0 CONNECT, byte for byte", v5, "10 0E 00 04 4D 51 54 54 05 02 00 3C 00 00 01 74",
       Connect{.keep_alive = 60, .client_id = text("t")}},
      {"5.0 CONNECT with an empty client id", v5, "10 [ ('MQTT') 05 00 0000 [] () ]",
       Connect{.clean_start = false}},
      {"5.0 CONNECT with every property", v5,
       "10 [ ('MQTT') 05 02 0000"
       " [ 11 0000003C 21 000A 27 00010000 22 0005 19 01 17 00 26('k')('v') 15('m') 16(0001) ]"
       " ('c') ]",
       Connect{.client_id = text("c"),
               .properties = with()
                                 .add(property::session_expiry_interval, std::uint32_t{60})
                                 .add(property::receive_maximum, std::uint16_t{10})
                                 .add(property::maximum_packet_size, std::uint32_t{65'536})
                                 .add(property::topic_alias_maximum, std::uint16_t{5})
                                 .add(property::request_response_information, std::uint8_t{1})
                                 .add(property::request_problem_information, std::uint8_t{0})
                                 .add_user_property("k", "v")
                                 .add(property::authentication_method, "m")
                                 .add(property::authentication_data, {"\0\1", 2})
                                 .build()}},
      {"5.0 CONNECT with a password and no user name [MQTT-3.1.2-19]", v5,
       "10 [ ('MQTT') 05 42 0000 [] ('c') (00FF) ]",
       Connect{.client_id = text("c"), .password = text({"\0\xFF", 2})}},
      {"5.0 CONNECT with a will and every will property", v5,
       "10 [ ('MQTT') 05 EE 0000 [] ('c')"
       " [ 18 00000005 01 01 02 0000000A 03('text') 08('r/t') 09(FF) 26('a')('1') 26('a')('2') ]"
       " ('w') ('p') ('u') ('s') ]",
       Connect{
           .client_id = text("c"),
           .username = text("u"),
           .password = text("s"),
           .will = Will{.topic = text("w"),
                        .payload = text("p"),
                        .properties = with()
                                          .add(property::will_delay_interval, std::uint32_t{5})
                                          .add(property::payload_format_indicator, std::uint8_t{1})
                                          .add(property::message_expiry_interval, std::uint32_t{10})
                                          .add(property::content_type, "text")
                                          .add(property::response_topic, "r/t")
                                          .add(property::correlation_data, "\xFF")
                                          .add_user_property("a", "1")
                                          .add_user_property("a", "2")
                                          .build(),
                        .qos = at_least_once,
                        .retain = true}}},
      {"5.0 CONNECT with a will without properties", v5,
       "10 [ ('MQTT') 05 16 0000 [] ('c') [] ('w') () ]",
       Connect{.client_id = text("c"), .will = Will{.topic = text("w"), .qos = exactly_once}}},
      {"5.0 CONNECT with an empty user property", v5, "10 [ ('MQTT') 05 02 0000 [ 26()() ] ('c') ]",
       Connect{.client_id = text("c"), .properties = with().add_user_property("", "").build()}},
  };
}

std::vector<WireVector> connacks() {
  return {
      {"5.0 CONNACK", v5, "20 03 00 00 00", Connack{}},
      {"5.0 CONNACK, session present", v5, "20 03 01 00 00", Connack{.session_present = true}},
      {"5.0 CONNACK, not authorized", v5, "20 03 00 87 00", Connack{.reason_code = not_authorized}},
      {"5.0 CONNACK with numbers", v5,
       "20 [ 00 00 [ 11 FFFFFFFF 21 FFFF 24 01 25 00 27 000003E8 22 0001 28 01 29 00 2A 01"
       " 13 001E ] ]",
       Connack{.properties = with()
                                 .add(property::session_expiry_interval, std::uint32_t{0xFFFF'FFFF})
                                 .add(property::receive_maximum, std::uint16_t{65'535})
                                 .add(property::maximum_qos, std::uint8_t{1})
                                 .add(property::retain_available, std::uint8_t{0})
                                 .add(property::maximum_packet_size, std::uint32_t{1000})
                                 .add(property::topic_alias_maximum, std::uint16_t{1})
                                 .add(property::wildcard_subscription_available, std::uint8_t{1})
                                 .add(property::subscription_identifier_available, std::uint8_t{0})
                                 .add(property::shared_subscription_available, std::uint8_t{1})
                                 .add(property::server_keep_alive, std::uint16_t{30})
                                 .build()}},
      {"5.0 CONNACK with strings", v5,
       "20 [ 00 9C [ 12('auto') 1F('full') 1A('r/') 1C('b:1883') 15('m') 16('d') 26('k')('v') ] ]",
       Connack{.reason_code = use_another_server,
               .properties = with()
                                 .add(property::assigned_client_identifier, "auto")
                                 .add(property::reason_string, "full")
                                 .add(property::response_information, "r/")
                                 .add(property::server_reference, "b:1883")
                                 .add(property::authentication_method, "m")
                                 .add(property::authentication_data, "d")
                                 .add_user_property("k", "v")
                                 .build()}},
  };
}

std::vector<WireVector> publishes() {
  return {
      {"5.0 PUBLISH, byte for byte", v5, "30 08 00 03 61 2F 62 00 68 69",
       Publish{.topic = text("a/b"), .payload = text("hi")}},
      {"5.0 PUBLISH at QoS 1", v5, "32 [ ('a') 1234 [] 'x' ]",
       Publish{
           .topic = text("a"), .payload = text("x"), .packet_id = 0x1234, .qos = at_least_once}},
      {"5.0 PUBLISH at QoS 2 again, retained, empty", v5, "3D [ ('a') 0001 [] ]",
       Publish{
           .topic = text("a"), .packet_id = 1, .qos = exactly_once, .retain = true, .dup = true}},
      {"5.0 PUBLISH with every property", v5,
       "30 [ ('a') [ 01 01 02 0000003C 23 0001 08('r') 09(00) 26('k')('v') 26('k')('v') 0B 01"
       " 0B FFFFFF7F 03('t') ] 'x' ]",
       Publish{.topic = text("a"),
               .payload = text("x"),
               .properties = with()
                                 .add(property::payload_format_indicator, std::uint8_t{1})
                                 .add(property::message_expiry_interval, std::uint32_t{60})
                                 .add(property::topic_alias, std::uint16_t{1})
                                 .add(property::response_topic, "r")
                                 .add(property::correlation_data, {"\0", 1})
                                 .add_user_property("k", "v")
                                 .add_user_property("k", "v")
                                 .add(property::subscription_identifier, std::uint32_t{1})
                                 .add(property::subscription_identifier, std::uint32_t{268'435'455})
                                 .add(property::content_type, "t")
                                 .build()}},
      {"5.0 PUBLISH by alias alone", v5, "30 [ () [ 23 FFFF ] 'x' ]",
       Publish{.payload = text("x"),
               .properties = with().add(property::topic_alias, std::uint16_t{65'535}).build()}},
      {"5.0 PUBLISH whose properties take two bytes of length", v5,
       "30 [ ('a') [ 26('0123456789012345678901234567890123456789012345678901234567890123')"
       "('0123456789012345678901234567890123456789012345678901234567890123') ] ]",
       Publish{
           .topic = text("a"),
           .properties = with()
                             .add_user_property(
                                 "0123456789012345678901234567890123456789012345678901234567890123",
                                 "0123456789012345678901234567890123456789012345678901234567890123")
                             .build()}},
      {"5.0 PUBLISH with expiry 0 and empty strings", v5, "30 [ ('a') [ 02 00000000 03() 09() ] ]",
       Publish{.topic = text("a"),
               .properties = with()
                                 .add(property::message_expiry_interval, std::uint32_t{0})
                                 .add(property::content_type, "")
                                 .add(property::correlation_data, "")
                                 .build()}},
  };
}

std::vector<WireVector> acknowledgements() {
  const auto why = with().add(property::reason_string, "no").add_user_property("k", "v").build();
  return {
      {"5.0 PUBACK", v5, "40 02 12 34", Puback{.packet_id = 0x1234}},
      {"5.0 PUBACK with a reason code", v5, "40 03 12 34 10",
       Puback{.packet_id = 0x1234, .reason_code = no_matching_subscribers}},
      {"5.0 PUBACK with a needless reason code", v5, "40 03 12 34 00", Puback{.packet_id = 0x1234},
       kOtherForm},
      {"5.0 PUBACK with an empty property length", v5, "40 04 12 34 97 00",
       Puback{.packet_id = 0x1234, .reason_code = quota_exceeded}, kOtherForm},
      {"5.0 PUBACK with properties", v5, "40 [ 0001 87 [ 1F('no') 26('k')('v') ] ]",
       Puback{.packet_id = 1, .reason_code = not_authorized, .properties = why}},
      {"5.0 PUBACK of success with properties", v5, "40 [ 0001 00 [ 1F('no') 26('k')('v') ] ]",
       Puback{.packet_id = 1, .properties = why}},
      {"5.0 PUBREC", v5, "50 02 12 34", Pubrec{.packet_id = 0x1234}},
      {"5.0 PUBREC with a reason code", v5, "50 03 12 34 91",
       Pubrec{.packet_id = 0x1234, .reason_code = packet_identifier_in_use}},
      {"5.0 PUBREC with properties", v5, "50 [ 0001 99 [ 1F('no') 26('k')('v') ] ]",
       Pubrec{.packet_id = 1, .reason_code = payload_format_invalid, .properties = why}},
      {"5.0 PUBREL", v5, "62 02 12 34", Pubrel{.packet_id = 0x1234}},
      {"5.0 PUBREL with a reason code", v5, "62 03 12 34 92",
       Pubrel{.packet_id = 0x1234, .reason_code = packet_identifier_not_found}},
      {"5.0 PUBREL with properties", v5, "62 [ 0001 00 [ 1F('no') 26('k')('v') ] ]",
       Pubrel{.packet_id = 1, .properties = why}},
      {"5.0 PUBCOMP", v5, "70 02 12 34", Pubcomp{.packet_id = 0x1234}},
      {"5.0 PUBCOMP with a reason code", v5, "70 03 12 34 92",
       Pubcomp{.packet_id = 0x1234, .reason_code = packet_identifier_not_found}},
      {"5.0 PUBCOMP with properties", v5, "70 [ 0001 92 [ 1F('no') 26('k')('v') ] ]",
       Pubcomp{.packet_id = 1, .reason_code = packet_identifier_not_found, .properties = why}},
  };
}

std::vector<WireVector> subscriptions() {
  const auto why = with().add(property::reason_string, "no").add_user_property("k", "v").build();
  return {
      {"5.0 SUBSCRIBE", v5, "82 [ 000A [] ('a/b') 01 ]",
       Subscribe{.packet_id = 10, .requests = {{text("a/b"), {.qos = at_least_once}}}}},
      {"5.0 SUBSCRIBE with every option", v5,
       "82 [ 000A [ 0B 8001 26('k')('v') ] ('#') 2E ('+/b') 11 ('$share/g/+') 08 ]",
       Subscribe{
           .packet_id = 10,
           .requests = {{text("#"),
                         {.qos = exactly_once,
                          .no_local = true,
                          .retain_as_published = true,
                          .retain_handling = RetainHandling::do_not_send}},
                        {text("+/b"),
                         {.qos = at_least_once, .retain_handling = RetainHandling::send_if_new}},
                        {text("$share/g/+"), {.retain_as_published = true}}},
           .properties = with()
                             .add(property::subscription_identifier, std::uint32_t{128})
                             .add_user_property("k", "v")
                             .build()}},
      {"5.0 SUBSCRIBE to $share itself, which is an ordinary level", v5,
       "82 [ 0001 [] ('$share') 04 ]",
       Subscribe{.packet_id = 1, .requests = {{text("$share"), {.no_local = true}}}}},
      {"5.0 SUBACK", v5, "90 [ 000A [] 01 ]",
       Suback{.packet_id = 10, .reason_codes = {granted_qos_1}}},
      {"5.0 SUBACK with every code", v5,
       "90 [ 000A [ 1F('no') 26('k')('v') ] 00 01 02 80 83 87 8F 91 97 9E A1 A2 ]",
       Suback{.packet_id = 10,
              .reason_codes = {success, granted_qos_1, granted_qos_2, unspecified_error,
                               implementation_specific_error, not_authorized, topic_filter_invalid,
                               packet_identifier_in_use, quota_exceeded,
                               shared_subscriptions_not_supported,
                               subscription_identifiers_not_supported,
                               wildcard_subscriptions_not_supported},
              .properties = why}},
      {"5.0 UNSUBSCRIBE", v5, "A2 [ 000B [] ('a/b') ]",
       Unsubscribe{.packet_id = 11, .filters = {text("a/b")}}},
      {"5.0 UNSUBSCRIBE from two filters with a property", v5,
       "A2 [ 000B [ 26('k')('v') ] ('#') ('$share/g/a') ]",
       Unsubscribe{.packet_id = 11,
                   .filters = {text("#"), text("$share/g/a")},
                   .properties = with().add_user_property("k", "v").build()}},
      {"5.0 UNSUBACK", v5, "B0 [ 000B [] 00 ]",
       Unsuback{.packet_id = 11, .reason_codes = {success}}},
      {"5.0 UNSUBACK with every code", v5,
       "B0 [ 000B [ 1F('no') 26('k')('v') ] 00 11 80 83 87 8F 91 ]",
       Unsuback{.packet_id = 11,
                .reason_codes = {success, no_subscription_existed, unspecified_error,
                                 implementation_specific_error, not_authorized,
                                 topic_filter_invalid, packet_identifier_in_use},
                .properties = why}},
  };
}

std::vector<WireVector> others() {
  return {
      {"5.0 PINGREQ", v5, "C0 00", Pingreq{}},
      {"5.0 PINGRESP", v5, "D0 00", Pingresp{}},
      {"5.0 DISCONNECT", v5, "E0 00", Disconnect{}},
      {"5.0 DISCONNECT with a needless reason code", v5, "E0 01 00", Disconnect{}, kOtherForm},
      {"5.0 DISCONNECT with will", v5, "E0 01 04",
       Disconnect{.reason_code = disconnect_with_will_message}},
      {"5.0 DISCONNECT with an empty property length", v5, "E0 02 8E 00",
       Disconnect{.reason_code = session_taken_over}, kOtherForm},
      {"5.0 DISCONNECT that changes the session expiry", v5, "E0 [ 00 [ 11 00000000 ] ]",
       Disconnect{.properties =
                      with().add(property::session_expiry_interval, std::uint32_t{0}).build()}},
      {"5.0 DISCONNECT that sends elsewhere", v5,
       "E0 [ 9D [ 1C('b:1883') 1F('gone') 26('k')('v') ] ]",
       Disconnect{.reason_code = server_moved,
                  .properties = with()
                                    .add(property::server_reference, "b:1883")
                                    .add(property::reason_string, "gone")
                                    .add_user_property("k", "v")
                                    .build()}},
      {"AUTH", v5, "F0 00", Auth{}},
      {"AUTH that continues", v5, "F0 [ 18 [ 15('m') 16(00FF) 1F('why') 26('k')('v') ] ]",
       Auth{.reason_code = continue_authentication,
            .properties = with()
                              .add(property::authentication_method, "m")
                              .add(property::authentication_data, {"\0\xFF", 2})
                              .add(property::reason_string, "why")
                              .add_user_property("k", "v")
                              .build()}},
      {"AUTH again", v5, "F0 [ 19 [ 15('m') ] ]",
       Auth{.reason_code = re_authenticate,
            .properties = with().add(property::authentication_method, "m").build()}},
      {"AUTH of success", v5, "F0 [ 00 [ 15('m') ] ]",
       Auth{.properties = with().add(property::authentication_method, "m").build()}},
  };
}

}  // namespace

std::vector<WireVector> wire_vectors_5() {
  std::vector<WireVector> rows;
  for (auto group : {connects, connacks, publishes, acknowledgements, subscriptions, others}) {
    for (auto& row : group()) rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace mqtt::test
