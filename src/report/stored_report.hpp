// What pages and values say of the file a model was read from.
#pragma once

#include <vector>

#include "paramcount/report.hpp"
#include "paramcount/stored_model.hpp"

namespace paramcount {

[[nodiscard]] PageTable stored_table(const StoredModel& stored);
[[nodiscard]] Row stored_tree(const StoredModel& stored);
void stored_notes(const StoredModel& stored, std::vector<Note>& notes);

}  // namespace paramcount
