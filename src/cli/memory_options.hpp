// Shared by commands about memory: parsing number formats, KV cache formats and amounts from the command line.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "cli/option_set.hpp"
#include "paramcount/base/units.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "paramcount/estimate/layout.hpp"
#include "paramcount/estimate/weights.hpp"

namespace paramcount {

inline constexpr std::uint64_t kMostContext = std::uint64_t{1} << 40U;
inline constexpr std::uint64_t kMostSequences = 1'000'000'000;

/// The formats of all --dtype options: lists at commas, except a text with "=", which is one format by role. Throws
/// Error "--dtype ...".
[[nodiscard]] std::vector<WeightFormat> read_formats(const std::vector<std::string>& texts, bool imatrix,
                                                     const Catalog& catalog);

/// "q8_0" or "q8_0:q4_0": of keys and of values. Throws Error "--kv-dtype ...".
[[nodiscard]] std::pair<Dtype, Dtype> read_cache_dtypes(const std::string& text, const Catalog& catalog);

/// A number of tokens, k being 1,024. Throws Error "--context ...".
[[nodiscard]] std::uint64_t read_context(const std::string& text);
[[nodiscard]] std::uint64_t read_sequences(const std::string& text);
/// How a model is laid over devices: --tp, --pp, --ep, --dp.
struct LayoutOptions {
  std::string tp, pp, ep, dp;
};
void add_layout_options(OptionSet& set, LayoutOptions& options, const char* group);
/// Throws Error "--tp ...".
[[nodiscard]] LayoutChoice read_layout(const LayoutOptions& options);

/// An amount of memory with its unit: 64GiB, 24 GB. Throws Error "<option> ...".
[[nodiscard]] Bytes read_bytes(const std::string& text, const std::string& option);

}  // namespace paramcount
