// Reads the `spellings` section of a family, and data/spellings.json, which applies to all families.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "paramcount/base/value.hpp"
#include "paramcount/catalog/spellings.hpp"

namespace paramcount {

/// The one row of data/spellings.json.
inline constexpr std::string_view kCommonSpellings = "common";

/// Throws Error with a JSON pointer below `where` when something is of the wrong form or says nothing.
[[nodiscard]] Spellings read_spellings(const Value& section, const std::string& where);

/// The same of the row of data/spellings.json.
[[nodiscard]] Spellings read_common_spellings(Value row);
[[nodiscard]] std::vector<std::string> read_common_names(const Value& row);

/// A child's section before its parent's; either may be null.
[[nodiscard]] Value merge_spellings(const Value* inherited, const Value* own);

}  // namespace paramcount
