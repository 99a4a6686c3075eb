// data/families/*.json: merging a file with its parent and reading the result. data/README.md documents the file.
#pragma once

#include "paramcount/base/value.hpp"
#include "paramcount/catalog/family.hpp"

namespace paramcount {

/// The file with groups unfolded and, when there is a parent (resolved itself), everything inherited written out: a
/// file of the same schema without `extends`, `rename` and `drop`. Throws Error with a JSON pointer.
[[nodiscard]] Value resolve_family(const Value& file, const Value* parent);

/// Reads a resolved file, taking it apart. Throws Error with a JSON pointer; expressions are not looked into.
[[nodiscard]] Family read_family(Value resolved);

/// The `gguf` section of a resolved file. Throws Error.
[[nodiscard]] Family::Gguf read_gguf(Value section);

/// The `gguf` section's rows join the family's, and its states take the place of theirs.
void add_gguf_rows(Family& family);

}  // namespace paramcount
