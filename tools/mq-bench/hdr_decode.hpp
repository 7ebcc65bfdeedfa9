#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace mq_bench {

/// The counters in a histogram of HdrHistogram's compressed V2 form, as hdr_bytes() writes it; only
/// the range and precision of our own histograms. The input may be anything: never more memory than
/// the counters take, and an error is one line about what is wrong.
std::expected<std::vector<std::uint64_t>, std::string> decode_hdr(std::string_view bytes);

}  // namespace mq_bench
