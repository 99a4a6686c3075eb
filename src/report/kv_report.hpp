// The report of `paramcount kv`: KV cache and recurrent state by runtime and context length.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "paramcount/catalog/model.hpp"
#include "paramcount/count/inventory.hpp"
#include "paramcount/estimate/kv_cache.hpp"
#include "paramcount/estimate/layout.hpp"
#include "paramcount/report/report.hpp"

namespace paramcount {

/// One runtime's cache at one context; no cache where the runtime refuses or does not know the model.
struct CacheCell {
  CacheRequest request;
  std::optional<KvCache> cache;
  std::string refusal;
};

/// Of the whole model, or of one device of a layout that was given. Rows of runtimes by columns of contexts, every row with the same contexts in the same order.
[[nodiscard]] Report kv_report(const Model& model, const Inventory& inventory,
                               const std::vector<std::vector<CacheCell>>& rows, const LayoutChoice& layout,
                               const ReportOptions& wanted);

}  // namespace paramcount
