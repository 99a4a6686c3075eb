// The KV cache of a model in several runtimes and at several context lengths.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "paramcount/catalog/model.hpp"
#include "paramcount/count/expand.hpp"
#include "paramcount/count/inventory.hpp"
#include "paramcount/estimate/kv_cache.hpp"
#include "paramcount/estimate/layout.hpp"
#include "paramcount/estimate/media.hpp"

namespace paramcount {

/// Tokens that are asked for where nothing is said.
inline constexpr std::array<std::uint64_t, 4> kUsualContexts{2048, 8192, 32768, 131072};

struct CacheQuestion {
  std::vector<std::uint64_t> contexts;
  std::vector<RuntimeChoice> runtimes;
  std::uint64_t sequences{1};
  Dtype keys;
  Dtype values;
  LayoutChoice layout{};             ///< where one was given, of one of its devices
  const MediaInput* media{nullptr};  ///< images and sound, whose tokens are in the contexts
};

/// One runtime's cache at one context; no cache where the runtime refuses or does not know the model.
struct CacheCell {
  CacheRequest request;
  std::optional<KvCache> cache;
  std::string refusal;
};

/// Rows of runtimes by columns of contexts, in the order asked for. Throws Error where the only runtime asked for
/// refuses, and where the state of the model is not known.
[[nodiscard]] std::vector<std::vector<CacheCell>> cache_table(const Model& model, const Inventory& inventory,
                                                              const CacheQuestion& question, Expander& expander);

}  // namespace paramcount
