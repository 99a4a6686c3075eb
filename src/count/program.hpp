// A family with its expressions parsed and its names resolved: each piece on first use, since most models touch few.
// Values are not here (count/scope.hpp).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "count/expression.hpp"
#include "paramcount/family.hpp"

namespace paramcount {

/// A set of indices of one family, a bit each.
using IndexSet = std::uint32_t;
inline constexpr std::size_t kMostIndices = 32;

/// What a name stands for.
struct Target {
  enum class Kind : std::uint8_t { dim, index, part } kind{};
  std::size_t at{};
};

class Program {
 public:
  /// A tensor or state row, ready to expand.
  struct Row {
    const Expression* condition{nullptr};  ///< no nodes: always
    std::vector<const Expression*> shape;
    std::vector<std::size_t> indices;  ///< those of the name, in order
    IndexSet name_set{};
    IndexSet needs{};        ///< what condition and shape depend on
    IndexSet shape_needs{};  ///< what the shape alone depends on
  };
  struct Part {
    const Expression* family{nullptr};
    const Expression* config{nullptr};
    const Expression* condition{nullptr};
    std::vector<std::pair<std::string_view, const Expression*>> dims;
  };

  /// Keeps a reference to the family. Throws Error when two things have one name or there are too many indices.
  explicit Program(const Family& family);

  [[nodiscard]] const Family& family() const { return family_; }
  [[nodiscard]] std::optional<Target> find(std::string_view name) const;

  [[nodiscard]] const Expression& dim(std::size_t i) { return parsed(dims_[i], family_.dims[i]); }
  [[nodiscard]] const Expression& index(std::size_t i) { return parsed(indices_[i], family_.indices[i]); }
  [[nodiscard]] const Expression& mtp() { return parse(family_.mtp); }
  [[nodiscard]] const Row& tensor_row(std::size_t i) { return row(tensor_rows_, family_.tensors, i); }
  [[nodiscard]] const Row& state_row(std::size_t i) { return row(state_rows_, family_.state, i); }
  [[nodiscard]] Part part(std::size_t i);
  /// A text of the family's, parsed, with its names resolved; an empty text gives no nodes. Equal texts are one
  /// expression. The text must live as long as the family.
  [[nodiscard]] const Expression& parse(std::string_view text);

  /// The indices the value depends on, through all dimensions it mentions. Throws Error on a cycle.
  [[nodiscard]] IndexSet needs(const Expression& expression);
  [[nodiscard]] IndexSet dim_needs(std::size_t i);
  [[nodiscard]] IndexSet index_needs(std::size_t i);

 private:
  struct Lazy {
    const Expression* expression{nullptr};  ///< once parsed
    std::optional<IndexSet> needs;
    bool visiting{false};
  };
  const Row& row(std::vector<std::optional<Row>>& rows, const std::vector<Family::Row>& sources, std::size_t i);
  [[nodiscard]] Row make_row(const Family::Row& source);
  const Expression& parsed(Lazy& lazy, const Family::Definition& definition) {
    if (lazy.expression == nullptr) lazy.expression = &parse(definition.expression);
    return *lazy.expression;
  }
  IndexSet needs(Lazy& lazy, const Family::Definition& definition);

  const Family& family_;
  std::vector<std::pair<std::string_view, Target>> names_;  ///< sorted
  std::vector<Lazy> dims_;
  std::vector<Lazy> indices_;
  std::unordered_map<std::string_view, Expression> expressions_;  ///< by their text
  std::vector<std::optional<Row>> tensor_rows_;
  std::vector<std::optional<Row>> state_rows_;
  int depth_{0};
};

}  // namespace paramcount
