// What tensor and expert parallelism split: data/sharding.json, after the parallel layers of Megatron-Core and vLLM.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "paramcount/catalog/role.hpp"

namespace paramcount {

class Value;

/// How a layout's devices share a matrix: by its outputs (column), which splits its bias too; by its inputs (row),
/// where the bias, added to the sum, is on every device; by its rows, one per token of the vocabulary; as one of the
/// experts; or replicated.
enum class TensorAxis : std::uint8_t { replicated, column, row, vocabulary, expert };

/// A row of data/sharding.json. What is left empty holds for all.
struct ShardingRow {
  static constexpr std::string_view kTable = "sharding";
  [[nodiscard]] static ShardingRow read(const Value& row);

  std::string id;
  TensorAxis axis{};
  /// Without a suffix matrices and their biases, with one (mixer.conv) tensors of just that role.
  std::vector<Role> roles;
  /// Ends of names at a dot, without .weight and .bias; "indexer.*" is all that lies in a module of that name.
  std::vector<std::string> names;
  std::string rows;    ///< a dimension that the tensor's first size must be
  std::string family;  ///< of whose models alone
  std::string source;
};

/// The rows with an index over their names: the last that fits a tensor counts, so that a folder's do.
class Sharding {
 public:
  explicit Sharding(std::vector<ShardingRow> rows);

  /// The rows that a role and a name meet, the last first. They live as long as this.
  [[nodiscard]] std::vector<const ShardingRow*> candidates(Role role, std::string_view name) const;
  [[nodiscard]] const std::vector<ShardingRow>& rows() const { return rows_; }

 private:
  /// A name of a row: its place among the rows, and where in the row.
  struct Place {
    std::size_t row, name;
  };

  std::vector<ShardingRow> rows_;
  std::multimap<std::string, Place, std::less<>> ends_;       ///< by the last part of a name
  std::vector<std::pair<std::string, std::size_t>> modules_;  ///< ".indexer." and the row
  std::vector<std::size_t> nameless_;
};

/// Of the built-in catalog; read on first use.
[[nodiscard]] const Sharding& builtin_sharding();

}  // namespace paramcount
