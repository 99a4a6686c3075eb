// The memory part of an answer: its tables, its notes, and its values.
#pragma once

#include <string>
#include <vector>

#include "paramcount/estimate/answer.hpp"
#include "paramcount/report/report.hpp"
#include "report/figures.hpp"
#include "report/tree.hpp"

namespace paramcount {

[[nodiscard]] PageTable memory_table(const Answer& answer, const Figures& figures);
/// What the fullest of several devices holds; only when the answer has it.
[[nodiscard]] PageTable device_table(const Answer& answer, const Figures& figures);
/// What a llama.cpp process takes in all; only when the answer has it.
[[nodiscard]] PageTable process_table(const Answer& answer, const Figures& figures);
void memory_notes(const Answer& answer, std::vector<Note>& notes);
void tell_memory(const Answer& answer, Tree& tree);
/// The group kv_cache.
void tell_cache(const CacheRequest& request, const KvCache& kv, const Inventory& inventory, bool explained, Tree& tree);

/// "fp16", or "q8_0:q4_0" when keys and values differ.
[[nodiscard]] std::string cache_dtype(const CacheRequest& request);

/// What of a runtime's way concerns this model.
[[nodiscard]] std::string reasons(const RuntimeProfile& profile, const KvCache& cache, const Inventory& inventory);

/// Says so where a context is longer than the positions the model was made for.
void note_long_context(const Inventory& inventory, std::uint64_t context, std::vector<Note>& notes);

}  // namespace paramcount
