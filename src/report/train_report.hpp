// The report of `paramcount train`: its page and its values.
#pragma once

#include "paramcount/estimate/training.hpp"
#include "paramcount/report/report.hpp"

namespace paramcount {

[[nodiscard]] Page train_page(const TrainingAnswer& answer);
[[nodiscard]] Row train_tree(const TrainingAnswer& answer);

/// The notes of the page: conventions, assumptions, sources.
[[nodiscard]] std::vector<Note> train_notes(const TrainingAnswer& answer);

/// "on demand, RunPod, 2025-03-03; median of 5 from $1.99 to $3.29": where a price comes from.
[[nodiscard]] std::string price_text(const TrainingPlan& plan);

}  // namespace paramcount
