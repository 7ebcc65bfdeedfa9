#pragma once

#include <array>
#include <string_view>

namespace mqtt::broker {

/// Which filter matches which topic, by the standard's text (5.0 and 3.1.1 §4.7): for the tree of
/// filters and for the store of retained topics, which both have to agree.
struct TopicRow {
  std::string_view filter;
  std::string_view topic;
  bool matches;
};

inline constexpr std::array kTopicTable = {
    // Exact ones, byte for byte [MQTT-4.7.3-4].
    TopicRow{"a", "a", true},
    TopicRow{"a", "A", false},
    TopicRow{"a/b", "a/b", true},
    TopicRow{"a/b", "a", false},
    TopicRow{"a", "a/b", false},
    TopicRow{"ACCOUNT", "Account", false},
    TopicRow{"Accounts payable", "Accounts payable", true},
    TopicRow{"caf\xC3\xA9", "caf\xC3\xA9", true},
    TopicRow{"caf\xC3\xA9", "cafe\xCC\x81", false},
    // Empty levels count (4.7.3).
    TopicRow{"/", "/", true},
    TopicRow{"//", "//", true},
    TopicRow{"/", "//", false},
    TopicRow{"a/", "a", false},
    TopicRow{"a", "a/", false},
    TopicRow{"/a", "a", false},
    TopicRow{"a//b", "a/b", false},
    TopicRow{"a//b", "a//b", true},
    // '+' fills exactly one level, also an empty one [MQTT-4.7.1-2].
    TopicRow{"+", "a", true},
    TopicRow{"+", "/a", false},
    TopicRow{"+", "a/", false},
    TopicRow{"/+", "/a", true},
    TopicRow{"/+", "/", true},
    TopicRow{"+/+", "/a", true},
    TopicRow{"+/+", "/", true},
    TopicRow{"+/+", "a", false},
    TopicRow{"+/+", "//", false},
    TopicRow{"+/+/+", "//", true},
    TopicRow{"a/+", "a/b", true},
    TopicRow{"a/+", "a/", true},
    TopicRow{"a/+", "a", false},
    TopicRow{"a/+", "a/b/c", false},
    TopicRow{"a/+/c", "a/b/c", true},
    TopicRow{"a/+/c", "a//c", true},
    TopicRow{"a/+/c", "a/b/d", false},
    TopicRow{"+/b", "a/b", true},
    TopicRow{"+/+/c", "a/b/c", true},
    TopicRow{"a/+/+/d", "a/b/c/d", true},
    // '#' matches any number of levels below, and the level above it [MQTT-4.7.1-1].
    TopicRow{"#", "a", true},
    TopicRow{"#", "a/b/c", true},
    TopicRow{"#", "/", true},
    TopicRow{"#", "//", true},
    TopicRow{"/#", "/", true},
    TopicRow{"/#", "/a", true},
    TopicRow{"/#", "//", true},
    TopicRow{"/#", "a", false},
    TopicRow{"a/#", "a", true},
    TopicRow{"a/#", "a/", true},
    TopicRow{"a/#", "a/b/c", true},
    TopicRow{"a/#", "ab", false},
    TopicRow{"a/#", "b/a", false},
    TopicRow{"a/b/#", "a", false},
    TopicRow{"+/#", "a", true},
    TopicRow{"+/#", "/", true},
    TopicRow{"+/a/#", "b/a", true},
    TopicRow{"+/a/#", "b/c", false},
    TopicRow{"a/+/#", "a", false},
    TopicRow{"a/+/#", "a/b", true},
    // A wildcard at the first level does not match a leading '$' [MQTT-4.7.2-1].
    TopicRow{"#", "$SYS", false},
    TopicRow{"#", "$SYS/broker", false},
    TopicRow{"+", "$SYS", false},
    TopicRow{"+/broker", "$SYS/broker", false},
    TopicRow{"+/#", "$SYS/broker", false},
    TopicRow{"+/+", "$/a", false},
    TopicRow{"$SYS/#", "$SYS", true},
    TopicRow{"$SYS/#", "$SYS/broker/load", true},
    TopicRow{"$SYS/+", "$SYS/broker", true},
    TopicRow{"$SYS/broker", "$SYS/broker", true},
    TopicRow{"a/+", "a/$b", true},
    TopicRow{"a/#", "a/$b", true},
    TopicRow{"/+", "/$b", true},
    TopicRow{"/#", "/$b", true},
    TopicRow{"+/$b", "a/$b", true},
};

}  // namespace mqtt::broker
