// What an answer about a checkpoint says of the files: number formats, what lies beside the weights, what was read.
#pragma once

#include <vector>

#include "paramcount/estimate/answer.hpp"
#include "paramcount/report/report.hpp"

namespace paramcount {

[[nodiscard]] PageTable checkpoint_table(const StoredSummary& stored);
[[nodiscard]] Row checkpoint_tree(const Answer& answer);
/// What was read, and how far the architecture explains it.
[[nodiscard]] std::vector<Note> checkpoint_notes(const Answer& answer);

}  // namespace paramcount
