// An index of the positions of values in a long list, since a config's list is searched for every layer's number.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "count/value_view.hpp"
#include "paramcount/base/value.hpp"

namespace paramcount {

/// How many values there are in a value, itself included, a text counting by its length: what comparing or copying it
/// takes. Lists are not followed deeper than JSON may be nested.
[[nodiscard]] std::uint64_t weight(const Value& value);

class ListIndex {
 public:
  /// Shorter lists are walked through.
  static constexpr std::size_t kShort = 16;

  /// Keeps copies, not references.
  explicit ListIndex(const Value::List& list);

  /// The first place where the list holds an equal value (ValueView's ==).
  [[nodiscard]] std::optional<std::size_t> find(const ValueView& value) const;
  /// How many values find() has to look at: for a whole number or a text few.
  [[nodiscard]] std::uint64_t steps(const ValueView& value) const;

 private:
  using Place = std::size_t;
  std::vector<std::pair<std::int64_t, Place>> wholes_;  ///< sorted, like the next
  std::vector<std::pair<std::string, Place>> texts_;
  std::vector<std::pair<Value, Place>> others_;  ///< in the list's order
  std::uint64_t weight_of_others_{0};
};

}  // namespace paramcount
