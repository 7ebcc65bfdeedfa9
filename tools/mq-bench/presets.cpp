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
    Preset{"qos2-exactly-once", R"(scenario = "pair"
description = "QoS 2 keeps its word: none lost, none twice"
clients = 100
rate = "2000/s"
qos = 2
size = 64
duration = "1m"
assert = ["loss==0", "dup==0", "connected==200"]
)"},
    Preset{"big-256k", R"(scenario = "pair"
description = "payloads of 256 KiB"
clients = 20
rate = "100/s"
qos = 1
size = 262144
duration = "1m"
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
