// The memory part of an answer: its tables, its notes, and its values; and the report of `paramcount kv`.
#pragma once

#include <string>
#include <vector>

#include "paramcount/estimate/answer.hpp"
#include "paramcount/report/report.hpp"
#include "report/tree.hpp"

namespace paramcount {

[[nodiscard]] PageTable memory_table(const Answer& answer);
/// What a llama.cpp process takes in all; only when the answer has it.
[[nodiscard]] PageTable process_table(const Answer& answer);
void memory_notes(const Answer& answer, std::vector<Note>& notes);
void tell_memory(const Answer& answer, Tree& tree);

/// "fp16", or "q8_0:q4_0" when keys and values differ.
[[nodiscard]] std::string cache_dtype(const CacheRequest& request);

/// What of a runtime's way concerns this model.
[[nodiscard]] std::string reasons(const RuntimeProfile& profile, const KvCache& cache, const Inventory& inventory);

/// One runtime's cache at one context; no cache where the runtime refuses or does not know the model.
struct CacheCell {
  CacheRequest request;
  std::optional<KvCache> cache;
  std::string refusal;
};

/// Rows of runtimes by columns of contexts, every row with the same contexts in the same order.
[[nodiscard]] Report kv_report(const Model& model, const Inventory& inventory,
                               const std::vector<std::vector<CacheCell>>& rows);

}  // namespace paramcount
