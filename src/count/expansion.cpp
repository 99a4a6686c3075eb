#include "count/expansion.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <tuple>

#include "base/text.hpp"
#include "count/combinations.hpp"
#include "paramcount/checked.hpp"
#include "paramcount/error.hpp"

namespace paramcount {
namespace {

/// Where the tensors of a scope go: how its names become those of the whole model.
struct Placement {
  const Placement* outer{nullptr};
  const Family::Part* part{nullptr};
  std::optional<RoleKind> role;  ///< of a tower
  bool counts_layers{true};

  [[nodiscard]] std::string name(const std::string& own) const {
    if (part == nullptr) return own;
    for (const auto& [from, to] : part->rename) {
      if (own.starts_with(from)) return outer->name(part->prefix + to + own.substr(from.size()));
    }
    return outer->name(part->prefix + own);
  }
};

void append(std::vector<Range>& ranges, std::uint64_t value) {
  if (!ranges.empty() && ranges.back().last + 1 == value) {
    ranges.back().last = value;
  } else {
    ranges.push_back({value, value});
  }
}

/// What distinguishes the copies of one row. Copies that agree in all of it are one entry.
struct Facts {
  std::vector<std::uint64_t> shape;
  std::vector<std::uint64_t> free_counts;  ///< of the indices nothing depends on
  std::uint64_t numerator{1}, denominator{1};
  std::uint64_t window{0};
  bool mtp{false};
  bool operator==(const Facts&) const = default;
};

struct Group {
  Facts facts;
  std::vector<std::uint64_t> outer;  ///< values of all evaluated indices but the last
  std::vector<Range> inner;          ///< values of the last
  std::vector<Range> first;          ///< of two: values of the first, when several have the same inner values
};

class Expansion {
 public:
  Expansion(Inventory& out) : out_(out) {}

  /// The rows of the scope itself, without its parts.
  void rows(Scope& scope, const Placement& placement) {
    const Family& family = scope.program().family();
    require(scope);
    for (std::size_t i = 0; i < family.tensors.size(); ++i) tensor_row(scope, placement, i);
    for (std::size_t i = 0; i < family.state.size(); ++i) state_row(scope, placement, i);
  }

  void scope(Scope& scope, const Placement& placement) {
    const Family& family = scope.program().family();
    rows(scope, placement);
    for (std::size_t i = 0; i < family.parts.size(); ++i) {
      Scope* inner = scope.part(i);
      if (inner == nullptr) continue;
      const auto& part = family.parts[i];
      Placement within{&placement, &part, placement.role, placement.counts_layers};
      if (!part.role.empty()) {
        within.role = parse_role(part.role).kind;
        within.counts_layers = false;
      }
      if (++parts_ > kMostParts) throw Error(printable(family.id) + ": more than 64 parts");
      this->scope(*inner, within);
    }
  }

 private:
  static constexpr int kMostParts = 64;

  /// The indices of a row's name that matter.
  struct Needs {
    IndexSet all{};          ///< to condition, facts and counts of other indices
    IndexSet facts{};        ///< to facts other than whether the copy is of multi-token prediction
    bool splits_mtp{false};  ///< whether that depends on an index too
  };

  static void require(Scope& scope) {
    for (const auto& requirement : scope.program().family().requirements) {
      const Expression& condition = scope.program().parse(requirement.condition);
      const auto indices = members(scope.program().needs(condition));
      Combinations combinations(scope, indices, requirement.message);
      combinations.each([&] {
        if (scope.holds(condition)) return;
        std::string where;
        for (std::size_t i = 0; i < indices.size(); ++i) {
          where += (i == 0 ? " (" : ", ") + scope.program().family().indices[indices[i]].name + " " +
                   std::to_string(combinations.values()[i]);
        }
        throw Error(requirement.message + where + (where.empty() ? "" : ")"));
      });
    }
  }

  static std::vector<std::size_t> members(IndexSet set) {
    std::vector<std::size_t> result;
    for (std::size_t i = 0; i < kMostIndices; ++i) {
      if (((set >> i) & 1U) != 0) result.push_back(i);
    }
    return result;
  }

  /// Groups of equal copies of one row, in the order of their first member. `facts` is asked with the indices set.
  template <class FactsOf>
  std::vector<Group> groups(Scope& scope, const Program::Row& row, const Needs& needs, std::string_view name,
                            const FactsOf& facts) {
    std::vector<std::size_t> evaluated;
    for (const auto index : row.indices) {
      if (((needs.all >> index) & 1U) != 0) evaluated.push_back(index);
    }
    std::vector<Group> result;
    if (evaluated.size() == 1 && needs.facts == 0) {
      for (const auto& where : split(scope, *row.condition, needs.splits_mtp, evaluated[0], name)) {
        scope.at(evaluated[0], where.front().first);
        result.push_back({facts(), {}, where, {}});
      }
      scope.leave(evaluated[0]);
      return result;
    }
    Combinations combinations(scope, evaluated, name);
    std::vector<std::uint64_t> outer;
    std::size_t first_of_outer = 0;
    combinations.each([&] {
      if (!scope.holds(*row.condition)) return;
      Facts now = facts();
      const auto& values = combinations.values();
      if (!evaluated.empty()) {
        std::vector<std::uint64_t> here(values.begin(), values.end() - 1);
        if (here != outer) {
          outer = std::move(here);
          first_of_outer = result.size();
        }
      }
      // The same facts were usually seen last.
      for (std::size_t i = result.size(); i > first_of_outer; --i) {
        if (result[i - 1].facts == now) {
          if (!evaluated.empty()) append(result[i - 1].inner, values.back());
          return;
        }
      }
      Group group{std::move(now), outer, {}, {}};
      if (!evaluated.empty()) append(group.inner, values.back());
      result.push_back(std::move(group));
    });
    if (evaluated.size() == 2) merge_first(result);
    return result;
  }

  /// Where along one index a condition holds: in the model itself and, when asked for, in its modules of multi-token
  /// prediction, whichever is first. Rows share their conditions, so this is remembered.
  const std::vector<std::vector<Range>>& split(Scope& scope, const Expression& condition, bool by_mtp,
                                               std::size_t index, std::string_view name) {
    const auto [at, added] = splits_.try_emplace({&scope, &condition, index, by_mtp});
    if (!added) return at->second;
    std::vector<std::vector<Range>> result;
    std::optional<bool> first;
    const std::vector<std::size_t> along{index};
    Combinations combinations(scope, along, name);
    combinations.each([&] {
      if (!scope.holds(condition)) return;
      const bool mtp = by_mtp && scope.holds(scope.program().mtp());
      if (!first) first = mtp;
      const std::size_t part = mtp == *first ? 0 : 1;
      if (result.size() <= part) result.resize(part + 1);
      append(result[part], combinations.values()[0]);
    });
    return splits_[{&scope, &condition, index, by_mtp}] = std::move(result);
  }

  static void merge_first(std::vector<Group>& groups) {
    std::vector<Group> merged;
    for (auto& group : groups) {
      const auto same = std::find_if(merged.begin(), merged.end(), [&](const Group& other) {
        return other.inner == group.inner && other.facts == group.facts;
      });
      if (same != merged.end()) {
        append(same->first, group.outer[0]);
      } else {
        append(group.first, group.outer[0]);
        merged.push_back(std::move(group));
      }
    }
    groups = std::move(merged);
  }

  /// The axes of a group, the number of copies they make, and which of them counts layers.
  template <class Entry>
  static void place(Entry& entry, const Scope& scope, const Program::Row& row, IndexSet needs, const Group& group,
                    const Placement& placement) {
    const Family& family = const_cast<Scope&>(scope).program().family();
    std::size_t evaluated = 0;
    std::size_t free = 0;
    const auto last_evaluated = [&] {
      std::size_t n = 0;
      for (const auto index : row.indices) n += (needs >> index) & 1U;
      return n;
    }();
    for (const auto index : row.indices) {
      Axis axis{family.indices[index].name, {}};
      if (((needs >> index) & 1U) != 0) {
        ++evaluated;
        if (evaluated == last_evaluated) {
          axis.ranges = group.inner;
        } else if (!group.first.empty()) {
          axis.ranges = group.first;
        } else {
          append(axis.ranges, group.outer[evaluated - 1]);
        }
      } else {
        axis.ranges = {{0, group.facts.free_counts[free++] - 1}};
      }
      const bool is_layer = std::find(family.layers.begin(), family.layers.end(), axis.index) != family.layers.end();
      if (is_layer && placement.counts_layers && entry.layer_axis < 0) {
        entry.layer_axis = static_cast<int>(entry.axes.size());
      }
      entry.copies = checked_mul(entry.copies, axis.size());
      entry.axes.push_back(std::move(axis));
    }
  }

  /// Adds the counts of the indices that nothing depends on.
  static void free_counts(Scope& scope, const Program::Row& row, IndexSet needs, Facts& facts) {
    for (const auto index : row.indices) {
      if (((needs >> index) & 1U) == 0) facts.free_counts.push_back(scope.index_count(index));
    }
  }

  /// Adds the indices that the counts of others depend on.
  static void complete(Program& program, const Program::Row& row, Needs& needs) {
    for (const auto index : row.indices) needs.facts |= program.index_needs(index);
    needs.facts &= row.name_set;
    needs.all = (needs.all | needs.facts) & row.name_set;
  }

  void tensor_row(Scope& scope, const Placement& placement, std::size_t i) {
    Program& program = scope.program();
    const Family::Row& source = program.family().tensors[i];
    Role role = parse_role(source.role);
    const Program::Row& row = program.tensor_row(i);
    Needs needs{row.needs, row.shape_needs};
    const bool may_be_mtp = !program.family().mtp.empty() && (program.needs(program.mtp()) & ~row.name_set) == 0;
    if (may_be_mtp) {
      needs.all |= program.needs(program.mtp());
      needs.splits_mtp = program.needs(program.mtp()) != 0;
    }
    std::size_t n_experts = 0;
    std::size_t experts_per_token = 0;
    const bool routed = role.kind == RoleKind::expert;
    if (routed) {
      n_experts = dim_at(program, "n_experts");
      experts_per_token = dim_at(program, "experts_per_token");
      needs.facts |= (program.dim_needs(n_experts) | program.dim_needs(experts_per_token)) & row.name_set;
    }
    complete(program, row, needs);
    if (placement.role) role.kind = *placement.role;
    for (auto& group : groups(scope, row, needs, source.name, [&] {
           Facts facts;
           facts.shape.reserve(row.shape.size());
           for (const auto* size : row.shape) facts.shape.push_back(scope.size(*size));
           free_counts(scope, row, needs.all, facts);
           if (may_be_mtp) facts.mtp = scope.holds(program.mtp());
           if (routed) {
             facts.numerator = dim_size(scope, experts_per_token);
             facts.denominator = dim_size(scope, n_experts);
             if (facts.denominator == 0 || facts.numerator > facts.denominator) {
               throw Error("experts_per_token is " + std::to_string(facts.numerator) + ", of " +
                           std::to_string(facts.denominator) + " experts");
             }
           }
           return facts;
         })) {
      if (is_empty(group)) continue;
      Tensor tensor;
      tensor.role = role;
      tensor.name = placement.name(source.name);
      place(tensor, scope, row, needs.all, group, placement);
      tensor.shape = std::move(group.facts.shape);
      tensor.mtp = group.facts.mtp;
      tensor.active_numerator = group.facts.numerator;
      tensor.active_denominator = group.facts.denominator;
      static_cast<void>(tensor.params());  // an overflow is noticed here, with the tensor's name
      out_.tensors.push_back(std::move(tensor));
    }
  }

  /// Whether an index of the row has no values: then there are no copies.
  static bool is_empty(const Group& group) {
    const auto& counts = group.facts.free_counts;
    return std::find(counts.begin(), counts.end(), 0U) != counts.end();
  }

  void state_row(Scope& scope, const Placement& placement, std::size_t i) {
    if (!placement.counts_layers) return;
    const Family::Row& source = scope.program().family().state[i];
    static const std::map<std::string_view, StateKind> kKinds{
        {"kv", StateKind::kv},       {"window", StateKind::window},
        {"cross", StateKind::cross}, {"recurrent", StateKind::recurrent},
        {"borrowed", StateKind::kv}, {"borrowed_window", StateKind::window}};
    const StateKind kind = kKinds.at(source.role);
    Program& program = scope.program();
    const Program::Row& row = program.state_row(i);
    Needs needs{row.needs, row.shape_needs};
    std::size_t window = 0;
    if (kind == StateKind::window) {
      window = dim_at(program, "window");
      needs.facts |= program.dim_needs(window) & row.name_set;
    }
    complete(program, row, needs);
    for (auto& group : groups(scope, row, needs, source.name, [&] {
           Facts facts;
           facts.shape.reserve(row.shape.size());
           for (const auto* size : row.shape) facts.shape.push_back(scope.size(*size));
           free_counts(scope, row, needs.all, facts);
           if (kind == StateKind::window) facts.window = dim_size(scope, window);
           return facts;
         })) {
      if (is_empty(group)) continue;
      State state;
      state.kind = kind;
      state.name = placement.name(source.name);
      place(state, scope, row, needs.all, group, placement);
      state.shape = std::move(group.facts.shape);
      state.window = group.facts.window;
      (source.role.starts_with("borrowed") ? out_.borrowed : out_.state).push_back(std::move(state));
    }
  }

  static std::size_t dim_at(Program& program, std::string_view name) {
    const auto target = program.find(name);
    if (!target || target->kind != Target::Kind::dim) {
      throw Error("family " + program.family().id + " does not define " + std::string(name));
    }
    return target->at;
  }

  static std::uint64_t dim_size(Scope& scope, std::size_t dim) {
    const Operand operand = scope.dim(dim);
    const auto* whole = operand.value().as<std::int64_t>();
    if (whole == nullptr) throw_expected(operand, "an integer", scope.program().dim(dim));
    if (*whole < 0) throw Error(scope.program().family().dims[dim].name + ": must not be negative");
    return static_cast<std::uint64_t>(*whole);
  }

  Inventory& out_;
  std::map<std::tuple<const Scope*, const Expression*, std::size_t, bool>, std::vector<std::vector<Range>>> splits_;
  int parts_{0};
};

}  // namespace

void expand_scope(Scope& scope, Inventory& out) { Expansion(out).scope(scope, Placement{}); }

void expand_rows(Scope& scope, Inventory& out) { Expansion(out).rows(scope, Placement{}); }

}  // namespace paramcount
