// The report of `paramcount kv`: KV cache and recurrent state by runtime and context length.
#pragma once

#include <optional>
#include <vector>

#include "estimate/cache_table.hpp"
#include "paramcount/catalog/model.hpp"
#include "paramcount/count/inventory.hpp"
#include "paramcount/estimate/layout.hpp"
#include "paramcount/estimate/media.hpp"
#include "paramcount/report/report.hpp"

namespace paramcount {

/// Of the whole model, or of one device of a layout that was given. Rows of runtimes by columns of contexts, every row
/// with the same contexts in the same order. `media`: images and audio whose tokens are in the contexts.
[[nodiscard]] Report kv_report(const Model& model, const Inventory& inventory,
                               const std::vector<std::vector<CacheCell>>& rows, const LayoutChoice& layout,
                               const ReportOptions& wanted, const std::optional<MediaInput>& media = {});

}  // namespace paramcount
