// Keys of a report's values: the path of a value through the tree, parts joined by dots, members of lists by number.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "paramcount/report/report.hpp"

namespace paramcount {

/// Calls back with every value below the row, in order: "params.total", "memory.weights.0.bytes". A value that is
/// itself a list comes as its members.
void each_value(const Row& row, const std::function<void(const std::string& key, const Row& row, const Value&)>& visit);

struct Found {
  const Row* row{nullptr};      ///< nullptr: there is no such key
  const Value* value{nullptr};  ///< nullptr: a group or a list
};

/// The value under a key. A member of a list is named by its number, or by its id, number format, name or law:
/// "memory.weights.0.bytes", "memory.weights.fp32.bytes".
[[nodiscard]] Found find_value(const Row& row, std::string_view key);

/// The value as programs read it: exact, no grouping; nothing for null.
[[nodiscard]] std::string bare(const Value& value);

}  // namespace paramcount
