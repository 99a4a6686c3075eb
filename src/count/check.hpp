// Validates a family file independently of any config.
#pragma once

#include "count/program.hpp"

namespace paramcount {

/// Throws Error "family <id>: <row or dimension>: <what is wrong>".
void check_family(Program& program);

}  // namespace paramcount
