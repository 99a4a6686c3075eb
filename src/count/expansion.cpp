#include "count/expansion.hpp"

#include <algorithm>
#include <optional>
#include <string>

#include "base/budgets.hpp"
#include "base/text.hpp"
#include "count/combinations.hpp"
#include "count/ranges.hpp"
#include "count/splits.hpp"
#include "paramcount/base/checked.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

/// Where the tensors of a scope go: how its names become those of the whole model.
struct Placement {
  const Placement* outer{nullptr};
  const Family::Part* part{nullptr};
  std::optional<RoleKind> role;  ///< of a tower
  bool counts_layers{true};

  void name(const std::string& own, std::string& whole) const {
    if (part == nullptr) {
      whole = own;
      return;
    }
    for (const auto& [from, to] : part->rename) {
      if (own.starts_with(from)) return outer->name(part->prefix + to + own.substr(from.size()), whole);
    }
    outer->name(part->prefix + own, whole);
  }
};

/// What distinguishes the copies of one row. Copies that agree in all of it are one entry.
struct Facts {
  std::vector<std::uint64_t> shape;
  std::vector<std::uint64_t> free_counts;  ///< of the indices nothing depends on
  std::uint64_t numerator{1}, denominator{1};
  std::uint64_t window{0};
  std::uint64_t every{1};
  bool mtp{false};
  bool operator==(const Facts&) const = default;

  /// Keeps the memory.
  void clear() {
    shape.clear();
    free_counts.clear();
    numerator = denominator = 1;
    window = 0;
    every = 1;
    mtp = false;
  }
};

struct Group {
  Facts facts;
  std::vector<std::uint64_t> outer;  ///< values of all evaluated indices but the last
  std::vector<Range> inner;          ///< values of the last
  std::vector<Range> first;          ///< of two: values of the first, when several have the same inner values
};

class Expansion {
 public:
  explicit Expansion(Inventory& out) : out_(out) {}

  /// The rows of the scope itself, without its parts.
  void rows(Scope& scope, const Placement& placement) {
    const Family& family = scope.program().family();
    require(scope);
    if (placement.counts_layers) require_layers(scope);
    out_.unverified = out_.unverified || family.unverified;
    out_.tensors.reserve(out_.tensors.size() + family.tensors.size());
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
      if (++parts_ > kMostFamilyParts) throw Error(printable(family.id) + ": more than 64 parts");
      this->scope(*inner, within);
    }
  }

 private:
  static constexpr std::uint64_t kStepsOfRange = 4;  ///< of one that the inventory keeps: it takes memory as well

  static void require(Scope& scope) {
    const auto& requirements = scope.program().requirements();
    for (std::size_t r = 0; r < requirements.size(); ++r) {
      const auto& [condition, indices] = requirements[r];
      if (indices.empty() && scope.holds(*condition)) continue;
      const std::string& message = scope.program().family().requirements[r].message;
      Combinations combinations(scope, indices, message);
      combinations.each([&, over = &indices, holds = condition] {
        if (scope.holds(*holds)) {
          if (!over->empty()) static_cast<void>(combinations.alike());
          return;
        }
        std::string where;
        for (std::size_t i = 0; i < over->size(); ++i) {
          where += (i == 0 ? " (" : ", ") + scope.program().family().indices[(*over)[i]].name + " " +
                   std::to_string(combinations.values()[i]);
        }
        throw Error(message + where + (where.empty() ? "" : ")"));
      });
    }
  }

  /// Whether there is any layer at all.
  static void require_layers(Scope& scope) {
    Program& program = scope.program();
    const auto& layers = program.family().layers;
    const auto counted = [&](const std::string& name) {
      const auto at = program.find(name);
      return !at || at->kind != Target::Kind::index || program.index_needs(at->at) != 0 ||
             scope.index_count(at->at) > 0;
    };
    if (layers.empty() || std::ranges::any_of(layers, counted)) return;
    static_cast<void>(scope.size(program.index(program.find(layers.front())->at), 1));
  }

  /// Calls back with groups of equal copies of one row, in the order of their first member. `facts` is asked with the
  /// indices set, to fill in an empty one.
  template <class FactsOf, class Take>
  void groups(Scope& scope, const Program::Plan& plan, std::string_view name, const FactsOf& facts, const Take& take) {
    const Program::Row& row = *plan.row;
    const auto& evaluated = plan.evaluated;
    if (evaluated.empty()) {
      if (!scope.holds(*row.condition)) return;
      only_.facts.clear();
      facts(only_.facts);
      take(only_);
      return;
    }
    const std::optional<bool> fixed = fixed_part(scope, plan);
    if (fixed == false) return;
    if (evaluated.size() == 1 && plan.facts == 0) {
      for (const auto& where : splits_.of(scope, plan, fixed.has_value(), name)) {
        scope.at(evaluated[0], where.front().first);
        only_.facts.clear();
        facts(only_.facts);
        only_.inner = where;
        take(only_);
        only_.inner.clear();
      }
      scope.leave(evaluated[0]);
      return;
    }
    std::vector<Group> result;
    Combinations combinations(scope, evaluated, name);
    std::vector<std::uint64_t> outer;
    std::size_t first_of_outer = 0;
    combinations.each([&] {
      Facts now;
      const bool holds = holds_here(scope, plan, fixed.has_value());
      if (holds) facts(now);
      const Range alike = combinations.alike();
      if (!holds) return;
      const auto& values = combinations.values();
      std::vector<std::uint64_t> here(values.begin(), values.end() - 1);
      if (here != outer) {
        outer = std::move(here);
        first_of_outer = result.size();
      }
      // The same facts were usually seen last.
      for (std::size_t i = result.size(); i > first_of_outer; --i) {
        scope.work().spend(1 + now.shape.size() / 4);
        if (result[i - 1].facts == now) {
          append(result[i - 1].inner, alike);
          return;
        }
      }
      if (result.size() == kMostGroups) throw Error(printable(name) + ": more than 10,000 kinds of copies");
      Group group{std::move(now), outer, {}, {}};
      append(group.inner, alike);
      result.push_back(std::move(group));
    });
    if (evaluated.size() == 2) merge_first(scope, result);
    for (auto& group : result) take(group);
  }

  /// Whether the parts of the condition that no index changes hold. Nothing when one has no value: the copies may never
  /// ask for it.
  static std::optional<bool> fixed_part(Scope& scope, const Program::Plan& plan) {
    try {
      return scope.hold(*plan.row->condition, plan.fixed);
    } catch (const Error&) {
      return std::nullopt;
    }
  }

  /// Whether the condition holds for the current indices.
  static bool holds_here(Scope& scope, const Program::Plan& plan, bool fixed_part_holds) {
    const Expression& condition = *plan.row->condition;
    return fixed_part_holds ? scope.hold(condition, plan.varying) : scope.holds(condition);
  }

  static void merge_first(Scope& scope, std::vector<Group>& groups) {
    std::vector<Group> merged;
    for (auto& group : groups) {
      scope.work().spend(merged.size());
      const auto same = std::ranges::find_if(
          merged, [&](const Group& other) { return other.inner == group.inner && other.facts == group.facts; });
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
  static void place(Entry& entry, Scope& scope, const Program::Plan& plan, Group& group, const Placement& placement) {
    const Family& family = scope.program().family();
    std::size_t evaluated = 0;
    std::size_t free = 0;
    const auto last_evaluated = plan.evaluated.size();
    entry.axes.resize(plan.row->indices.size());
    entry.copies = 1;
    entry.layer_axis = -1;
    for (std::size_t at = 0; at < entry.axes.size(); ++at) {
      const auto index = plan.row->indices[at];
      Axis& axis = entry.axes[at];
      axis.index = family.indices[index].name;
      axis.ranges.clear();
      if (((plan.all >> index) & 1U) != 0) {
        ++evaluated;
        if (evaluated == last_evaluated) {
          axis.ranges.swap(group.inner);
        } else if (!group.first.empty()) {
          axis.ranges.swap(group.first);
        } else {
          append(axis.ranges, group.outer[evaluated - 1]);
        }
      } else {
        axis.ranges.push_back({0, group.facts.free_counts[free++] - 1});
      }
      scope.work().spend(kStepsOfRange * axis.ranges.size());
      const bool is_layer = std::ranges::find(family.layers, axis.index) != family.layers.end();
      if (is_layer && placement.counts_layers && entry.layer_axis < 0) {
        entry.layer_axis = static_cast<int>(at);
      }
      entry.copies = checked_mul(entry.copies, axis.size());
    }
  }

  /// Adds the counts of the indices that nothing depends on.
  static void free_counts(Scope& scope, const Program::Row& row, IndexSet needs, Facts& facts) {
    for (const auto index : row.indices) {
      if (((needs >> index) & 1U) == 0) facts.free_counts.push_back(scope.index_count(index));
    }
  }

  /// The properties of the current copies that tensors and states have in common.
  static void fill(Facts& facts, Scope& scope, const Program::Plan& plan) {
    facts.shape.reserve(plan.row->shape.size());
    for (const auto* size : plan.row->shape) facts.shape.push_back(scope.size(*size, 1));
    free_counts(scope, *plan.row, plan.all, facts);
  }

  void tensor_row(Scope& scope, const Placement& placement, std::size_t i) {
    Program& program = scope.program();
    const Family::Row& source = program.family().tensors[i];
    const Program::Plan& plan = program.tensor_plan(i);
    Role role = plan.role;
    if (placement.role) role.kind = *placement.role;
    const auto facts_here = [&](Facts& facts) {
      fill(facts, scope, plan);
      if (plan.mtp != nullptr) facts.mtp = scope.holds(*plan.mtp);
      if (plan.n_experts) {
        facts.denominator = scope.dim_size(*plan.n_experts);
        if (facts.denominator == 0) scope.blame_dim(*plan.n_experts, "at least 1, as there are experts");
        facts.numerator = std::min(scope.dim_size(plan.experts_per_token), facts.denominator);
      }
    };
    groups(scope, plan, source.name, facts_here, [&](Group& group) {
      if (is_empty(group)) return;
      Tensor& tensor = out_.tensors.emplace_back();
      tensor.role = role;
      std::string name;
      placement.name(source.name, name);
      tensor.name = TensorName::of_pattern(std::move(name));
      place(tensor, scope, plan, group, placement);
      tensor.shape.swap(group.facts.shape);
      tensor.mtp = group.facts.mtp;
      tensor.active_numerator = group.facts.numerator;
      tensor.active_denominator = group.facts.denominator;
      static_cast<void>(tensor.params());  // an overflow is noticed here, with the tensor's name
    });
  }

  /// Whether an index of the row has no values: then there are no copies.
  static bool is_empty(const Group& group) {
    const auto& counts = group.facts.free_counts;
    return std::ranges::find(counts, 0U) != counts.end();
  }

  void state_row(Scope& scope, const Placement& placement, std::size_t i) {
    if (!placement.counts_layers) return;
    const Family::Row& source = scope.program().family().state[i];
    const Program::Plan& plan = scope.program().state_plan(i);
    const auto facts_here = [&](Facts& facts) {
      fill(facts, scope, plan);
      if (plan.window) facts.window = scope.dim_size(*plan.window);
      if (plan.every) facts.every = scope.dim_size(*plan.every);
      if (facts.every == 0) throw Error("compression must not be 0");
    };
    groups(scope, plan, source.name, facts_here, [&](Group& group) {
      if (is_empty(group)) return;
      State state;
      state.kind = plan.kind;
      placement.name(source.name, state.name);
      place(state, scope, plan, group, placement);
      state.shape = std::move(group.facts.shape);
      state.window = group.facts.window;
      state.every = group.facts.every;
      (plan.borrowed ? out_.borrowed : out_.state).push_back(std::move(state));
    });
  }

  Inventory& out_;
  Group only_;  ///< of a row whose copies are alike
  Splits splits_;
  int parts_{0};
};

}  // namespace

void expand_scope(Scope& scope, Inventory& out) {
  Expansion expansion(out);
  expansion.scope(scope, Placement{});
}

void expand_rows(Scope& scope, Inventory& out) {
  Expansion expansion(out);
  expansion.rows(scope, Placement{});
}

}  // namespace paramcount
