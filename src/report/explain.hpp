// --explain: formulas and sources of a report's values, as pages and next to the values.
#pragma once

#include "paramcount/report/report.hpp"

namespace paramcount {

/// Pages that name every number with its formula and source, in place of the report's own.
void explain_in_pages(Report& report);

/// A list "explain" in every object: of each number its key, value, formula and source, as far as they are known.
void explain_in_tree(Report& report);

}  // namespace paramcount
