// The report on a checkpoint's files: number formats, tensors other than weights, what was read, how far the
// architecture explains it.
#pragma once

#include <string_view>
#include <vector>

#include "paramcount/estimate/answer.hpp"
#include "paramcount/report/report.hpp"
#include "report/figures.hpp"

namespace paramcount {

/// As people write it: "GGUF". In JSON with small letters.
[[nodiscard]] std::string_view name_of(CheckpointFormat format);

[[nodiscard]] PageTable checkpoint_table(const StoredSummary& stored, const Figures& figures);
[[nodiscard]] Row checkpoint_tree(const Answer& answer);
/// The group `file` that a GGUF had before `checkpoint`: deprecated, kept for one version.
[[nodiscard]] Row file_tree(const Answer& answer);

[[nodiscard]] std::vector<Note> checkpoint_notes(const Answer& answer);
/// Those of them that say why the answer is unverified.
[[nodiscard]] std::vector<Note> unverified_notes(const Answer& answer);

}  // namespace paramcount
