// Number formats with many widths, such as "mlx-{bits}bit-g{group}", from a single row of data/dtypes.json.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "paramcount/base/value.hpp"

namespace paramcount {

/// Whether a row of data/dtypes.json has "values", and so describes several formats.
[[nodiscard]] bool is_dtype_pattern(const Value& row);

/// Whether a name without braces ("hqq") has found the row of several formats: it means the usual one.
[[nodiscard]] bool means_usual(std::string_view row_id, std::string_view name);

/// The row that a pattern makes of a name of one of its formats, with its own id; nothing when the name is none.
/// A row must be one that example_of takes.
[[nodiscard]] std::optional<Value> dtype_row_of(const Value& pattern, std::string_view name);

/// The row of its first values, under the pattern's own id: what a list shows. Throws Error with a JSON pointer when
/// the pattern makes no row.
[[nodiscard]] Value example_of(const Value& pattern);

}  // namespace paramcount
