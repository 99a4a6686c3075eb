// A family with its expressions parsed and its names resolved, lazily, since most models use few of them. Evaluation is
// in count/scope.hpp.
#pragma once

#include <bit>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/budgets.hpp"
#include "count/expression.hpp"
#include "paramcount/catalog/family.hpp"
#include "paramcount/catalog/role.hpp"
#include "paramcount/count/expand.hpp"
#include "paramcount/count/inventory.hpp"

namespace paramcount {

/// A set of indices of one family, a bit each.
using IndexSet = std::uint32_t;

/// The position of the only member of a set, if it has just one.
inline std::optional<std::size_t> only_member(IndexSet set) {
  if (set == 0 || (set & (set - 1)) != 0) return std::nullopt;
  return static_cast<std::size_t>(std::countr_zero(set));
}

/// What a name stands for.
struct Target {
  enum class Kind : std::uint8_t { dim, index, part } kind{};
  std::size_t at{};
};

/// Of a node that is a name, once a program has resolved it.
inline Target target_of(const Expression::Node& node) {
  const auto code = static_cast<unsigned>(node.target);
  return {static_cast<Target::Kind>(code & 3U), code >> 2U};
}

[[nodiscard]] inline bool is_part(const Expression::Node& node) {
  return node.op == Op::name && target_of(node).kind == Target::Kind::part;
}

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
  /// What expanding a row needs in addition to the row, the same for every config.
  struct Plan {
    const Row* row{nullptr};
    Role role;         ///< of a tensor
    StateKind kind{};  ///< of a state
    bool borrowed{false};
    std::vector<std::size_t> evaluated;    ///< the indices of the row's name that are in `all`
    std::vector<std::uint32_t> fixed;      ///< nodes of the condition that all have to hold and need no index
    std::vector<std::uint32_t> varying;    ///< the others
    IndexSet all{};                        ///< indices that matter to condition, facts and counts of other indices
    IndexSet facts{};                      ///< to facts other than whether the copy is of multi-token prediction
    const Expression* mtp{nullptr};        ///< says whether a copy is of multi-token prediction; nullptr: none is
    bool splits_mtp{false};                ///< whether that depends on an index
    std::optional<std::size_t> n_experts;  ///< dimensions; of a routed expert's tensor
    std::size_t experts_per_token{};
    std::optional<std::size_t> window;  ///< dimension; of a window's state
    std::optional<std::size_t> every;   ///< dimension; of a compressed cache
  };
  struct Requirement {
    const Expression* condition{nullptr};
    std::vector<std::size_t> indices;  ///< over all of which it has to hold
  };
  /// A config key that expressions read.
  struct Key {
    std::string_view name;
    std::vector<std::string_view> aliases;  ///< looked for when the name is absent, in this order
    const Value* fallback{nullptr};         ///< when all are absent; nullptr: null
  };
  /// A standard dimension that the family defines.
  struct Standard {
    std::size_t dim{};
    DimKind kind{};
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
  /// Of a node that is a key.
  [[nodiscard]] const Key& key(const Expression::Node& node) const {
    return keys_[static_cast<std::size_t>(node.target)];
  }
  [[nodiscard]] const Row& tensor_row(std::size_t i) { return row(tensor_rows_, family_.tensors, i); }
  [[nodiscard]] const Row& state_row(std::size_t i) { return row(state_rows_, family_.state, i); }
  /// Throws Error when the family lacks a dimension that the row's role needs.
  [[nodiscard]] const Plan& tensor_plan(std::size_t i);
  [[nodiscard]] const Plan& state_plan(std::size_t i);
  [[nodiscard]] const std::vector<Requirement>& requirements();
  /// The standard dimensions that the family defines, in their order.
  [[nodiscard]] const std::vector<Standard>& standard_dims();
  [[nodiscard]] Part part(std::size_t i);
  /// A text of the family's, parsed, with its names resolved; an empty text gives no nodes. Equal texts are one
  /// expression. The text must live as long as the family.
  [[nodiscard]] const Expression& parse(std::string_view text);

  /// The indices the value depends on, through all dimensions it mentions. Throws Error on a cycle.
  [[nodiscard]] IndexSet needs(const Expression& expression);
  [[nodiscard]] IndexSet needs(const Expression& expression, std::uint32_t node) {
    return needs_of_nodes(expression)[node];
  }
  [[nodiscard]] IndexSet dim_needs(std::size_t i) {
    const auto& known = dims_[i].needs;
    return known ? *known : needs(dims_[i], family_.dims[i]);
  }
  [[nodiscard]] IndexSet index_needs(std::size_t i) { return needs(indices_[i], family_.indices[i]); }

 private:
  struct Lazy {
    const Expression* expression{nullptr};  ///< once parsed
    std::optional<IndexSet> needs;
    bool visiting{false};
  };
  const Row& row(std::vector<std::optional<Row>>& rows, const std::vector<Family::Row>& sources, std::size_t i);
  [[nodiscard]] Row make_row(const Family::Row& source);
  [[nodiscard]] Plan make_tensor_plan(std::size_t i);
  [[nodiscard]] Plan make_state_plan(std::size_t i);
  void complete(Plan& plan);
  void split_condition(Plan& plan, std::uint32_t node, const std::vector<IndexSet>& needs);
  [[nodiscard]] std::int32_t key_called(std::string_view name);
  [[nodiscard]] std::size_t dim_called(std::string_view name) const;
  const Expression& parsed(Lazy& lazy, const Family::Definition& definition) {
    if (lazy.expression == nullptr) lazy.expression = &parse(definition.expression);
    return *lazy.expression;
  }
  IndexSet own_needs(const Expression::Node& node);
  /// Of every node, with what is below it.
  [[nodiscard]] std::vector<IndexSet> needs_of_nodes(const Expression& expression);
  IndexSet needs(Lazy& lazy, const Family::Definition& definition);

  const Family& family_;
  std::vector<const Value::Member*> declared_;  ///< the family's keys, sorted by their names
  std::vector<const std::pair<std::string, std::vector<std::string>>*> aliased_;  ///< and those with other spellings
  std::vector<std::pair<std::string_view, Target>> names_;                        ///< sorted
  std::vector<Key> keys_;                                 ///< those that expressions parsed so far read
  std::map<std::string_view, std::int32_t> key_numbers_;  ///< and where each is
  std::deque<std::string> undeclared_;                    ///< names of keys that the family does not declare
  std::vector<Lazy> dims_;
  std::vector<Lazy> indices_;
  std::unordered_map<std::string_view, Expression> expressions_;  ///< by their text
  std::vector<std::optional<Row>> tensor_rows_;
  std::vector<std::optional<Row>> state_rows_;
  std::vector<std::optional<Plan>> tensor_plans_;
  std::vector<std::optional<Plan>> state_plans_;
  std::optional<std::vector<Requirement>> requirements_;
  std::optional<std::vector<Standard>> standard_dims_;
  int depth_{0};
};

}  // namespace paramcount
