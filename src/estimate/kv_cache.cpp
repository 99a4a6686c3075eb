#include "paramcount/estimate/kv_cache.hpp"

#include <algorithm>

#include "paramcount/base/checked.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

Bytes cache_bytes(const CacheWidths& widths, std::uint64_t tokens, const CacheRequest& request) {
  return request.keys.bytes_of(checked_mul(widths.key, tokens)) +
         request.values.bytes_of(checked_mul(widths.value, tokens));
}

}  // namespace

KvCache kv_cache(const std::vector<State>& state, const Inventory& inventory, const CacheRequest& request) {
  for (const auto* dtype : {&request.keys, &request.values}) {
    if (!dtype->leaves.empty()) {
      throw usage_error("--kv-dtype " + dtype->id + ": a format for weights, not for a KV cache");
    }
  }
  const RuntimeProfile& runtime = *request.runtime.profile;
  if (runtime.check != nullptr) runtime.check(state, request);
  const CacheCells cells = runtime.cells(request);
  KvCache cache;
  for (const auto& entry : state) {
    if (!entry.is_cache()) {
      const auto elements = checked_mul(entry.elements(), entry.copies);
      cache.state_elements = checked_add(cache.state_elements, elements);
      cache.state += runtime.state_bytes(entry, checked_mul(elements, request.sequences), inventory, request);
      continue;
    }
    const CacheWidths widths = runtime.widths(entry, state, inventory, request);
    const bool windowed = entry.kind == StateKind::window;
    const auto cells_each = windowed ? runtime.window_cells(entry.window, cells, request) : cells.full / entry.every;
    const bool of_encoder = entry.kind == StateKind::cross && request.encoder > 0;
    const auto kept =
        of_encoder ? checked_mul(request.encoder, request.sequences) : checked_mul(cells_each, cells.streams);
    auto& elements = windowed ? cache.window_elements : cache.full_elements;
    auto& most_cells = windowed ? cache.window_cells : cache.full_cells;
    const auto of_all = checked_mul(checked_add(widths.key, widths.value), entry.copies);
    elements = checked_add(elements, of_all / entry.every);
    most_cells = std::max(most_cells, kept);
    (windowed ? cache.window : cache.full) += cache_bytes(widths, checked_mul(entry.copies, kept), request);
    cache.bytes_per_token += static_cast<double>(entry.copies) / static_cast<double>(8 * entry.every) *
                             (static_cast<double>(widths.key) * request.keys.bits_per_weight() +
                              static_cast<double>(widths.value) * request.values.bits_per_weight());
  }
  const auto half = checked_mul(request.encoder_elements / 2, request.sequences);
  cache.encoder = request.keys.bytes_of(half) + request.values.bytes_of(half);
  for (const auto& entry : inventory.draft_state) {
    const CacheWidths widths = runtime.widths(entry, inventory.draft_state, inventory, request);
    cache.draft += cache_bytes(widths, checked_mul(entry.copies, checked_mul(cells.full, cells.streams)), request);
  }
  return cache;
}

}  // namespace paramcount
