// What pages and values say of the file a model was read from.
#pragma once

#include <vector>

#include "paramcount/count/stored_model.hpp"
#include "paramcount/report/report.hpp"

namespace paramcount {

[[nodiscard]] PageTable stored_table(const StoredModel& stored);
[[nodiscard]] Row stored_tree(const StoredModel& stored);
void stored_notes(const StoredModel& stored, std::vector<Note>& notes);

}  // namespace paramcount
