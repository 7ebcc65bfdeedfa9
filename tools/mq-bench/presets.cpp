#include "tools/mq-bench/presets.hpp"

#include <algorithm>
#include <array>

namespace mq_bench {
namespace {

// The names with numbers in them are those of the scenarios of emqx/mqttbs and of EMQX's published
// figures; their loads are the same, the time they are held is shorter (--duration).
constexpr std::array kPresets{
    Preset{"ci-smoke", R"(scenario = "pair"
description = "does the broker work, and how fast: 50 pairs, for CI"
clients = 50
rate = "1000/s"
qos = 1
warmup = "2s"
duration = "10s"
)"},
    Preset{"p2p-1k", R"(scenario = "pair"
description = "1,000 publishers to 1,000 subscribers, each with a topic of its own"
clients = 1000
rate = "1000/s"
qos = 1
size = 16
keepalive = 300
duration = "5m"
)"},
    Preset{"fanout-1-1k", R"(scenario = "fanout"
description = "1 publisher to 1,000 subscribers"
pub = 1
sub = 1000
rate = "1/s"
qos = 1
size = 16
keepalive = 300
duration = "5m"
)"},
    Preset{"sharedsub-1k-5", R"(scenario = "fanin"
description = "1,000 publishers to 5 subscribers that share a subscription"
pub = 1000
sub = 5
share = "benchmark"
rate = "1000/s"
qos = 1
size = 16
keepalive = 300
duration = "5m"
)"},
    Preset{"conn-10k", R"(scenario = "conn"
description = "10,000 connections, 100 new ones a second"
clients = 10000
rate = "100/s"
keepalive = 300
hold = "5m"
)"},
    Preset{"p2p-50k", R"(scenario = "pair"
description = "50,000 publishers to 50,000 subscribers, each with a topic of its own"
clients = 50000
rate = "50000/s"
qos = 1
size = 16
keepalive = 300
duration = "5m"
)"},
    Preset{"fanout-5-1000-250k", R"(scenario = "fanout"
description = "5 publishers to 1,000 subscribers: 250,000 deliveries a second"
pub = 5
sub = 1000
rate = "250/s"
qos = 1
size = 16
keepalive = 300
duration = "5m"
)"},
    Preset{"sharedsub-50k-500", R"(scenario = "fanin"
description = "50,000 publishers to 500 subscribers that share a subscription"
pub = 50000
sub = 500
share = "benchmark"
rate = "50000/s"
qos = 1
size = 16
keepalive = 300
duration = "5m"
)"},
    Preset{"conn-1m", R"(scenario = "conn"
description = "1,000,000 connections, 5,000 new ones a second; wants many source addresses"
clients = 1000000
rate = "5000/s"
keepalive = 300
hold = "5m"
)"},
    Preset{"emqx-symmetric-q0", R"(scenario = "pair"
description = "1,000 publishers to 1,000 subscribers at QoS 0, 128 bytes"
clients = 1000
rate = "1000/s"
qos = 0
size = 128
keepalive = 300
duration = "5m"
)"},
    Preset{"emqx-symmetric-q1", R"(scenario = "pair"
description = "1,000 publishers to 1,000 subscribers at QoS 1, 128 bytes"
clients = 1000
rate = "1000/s"
qos = 1
size = 128
keepalive = 300
duration = "5m"
)"},
    Preset{"emqx-symmetric-q2", R"(scenario = "pair"
description = "1,000 publishers to 1,000 subscribers at QoS 2, 128 bytes"
clients = 1000
rate = "1000/s"
qos = 2
size = 128
keepalive = 300
duration = "5m"
)"},
    Preset{"emqx-fanin", R"(scenario = "fanin"
description = "2,000 publishers to 100 subscribers in groups of 5"
pub = 2000
sub = 100
share = "benchmark"
members = 5
rate = "2000/s"
qos = 1
size = 128
keepalive = 300
duration = "5m"
)"},
    Preset{"emqx-fanout", R"(scenario = "fanout"
description = "10 publishers to 2,000 subscribers"
pub = 10
sub = 2000
rate = "10/s"
qos = 1
size = 128
keepalive = 300
duration = "5m"
)"},
    Preset{"lwt-mass", R"(scenario = "wills"
description = "1,000 clients die at once; every will has to reach a subscriber, once"
clients = 1000
sub = 1
qos = 1
warmup = "1s"
duration = "5s"
drain = "30s"
)"},
    Preset{"qos2-exactly-once", R"(scenario = "pair"
description = "QoS 2 keeps its word: none lost, none twice"
clients = 100
rate = "2000/s"
qos = 2
size = 64
duration = "1m"
assert = ["loss==0", "dup==0", "connected==clients"]
)"},
    Preset{"big-256k", R"(scenario = "pair"
description = "payloads of 256 KiB"
clients = 20
rate = "100/s"
qos = 1
size = 262144
duration = "1m"
)"},
    Preset{"storm", R"(scenario = "storm"
description = "5,000 clients are cut off at once and come back within 2 s"
clients = 5000
kill = "100%"
back = "2s"
session = "1h"
protocol-version = "5"
qos = 1
duration = "20s"
)"},
    Preset{"session-resume", R"(scenario = "storm"
description = "half of 1,000 subscribers are away for up to 10 s; what was sent meanwhile is owed to them"
clients = 1000
rate = "1000/s"
kill = "50%"
back = "10s"
session = "1h"
protocol-version = "5"
qos = 1
duration = "20s"
drain = "20s"
)"},
    Preset{"retained-10k", R"(scenario = "retained"
description = "10,000 retained messages, and 10 subscribers that come and get all of them"
topics = 10000
sub = 10
rate = "2000/s"
qos = 1
warmup = "1s"
duration = "5s"
drain = "30s"
)"},
    Preset{"wildcard-deep", R"(scenario = "pair"
description = "topics of ten levels, wildcards in filters, and 32 more filters a subscriber to look through"
clients = 200
topic = "mq-bench/deep/site/%i/building/3/floor/2/room/7"
filter = "mq-bench/deep/+/%i/+/3/+/2/#"
decoys = 32
rate = "2000/s"
qos = 1
duration = "1m"
)"},
    Preset{"tls-handshake", R"(scenario = "conn"
description = "2,000 TLS connections, 200 new ones a second; --cafile for one's own authority"
clients = 2000
rate = "200/s"
tls-use-os-certs = true
hold = "10s"
)"},
    Preset{"soak-8h", R"(scenario = "pair"
description = "100 pairs for eight hours; fails when the end is slower or takes more memory than the beginning"
clients = 100
rate = "500/s"
qos = 1
duration = "8h"
assert = ["loss==0", "connected==clients", "drift.p50<1ms", "drift.p99<10ms", "drift.sent<=0.01*rate.sent", "mem.growth<16MiB"]
)"},
};

}  // namespace

std::span<const Preset> all_presets() { return kPresets; }

const Preset* find_preset(std::string_view name) {
  const auto preset = std::ranges::find(kPresets, name, &Preset::name);
  return preset == kPresets.end() ? nullptr : &*preset;
}

std::vector<std::string_view> preset_names() {
  std::vector<std::string_view> names;
  for (const Preset& preset : kPresets) names.push_back(preset.name);
  return names;
}

}  // namespace mq_bench
