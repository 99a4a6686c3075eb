#include "count/program.hpp"

#include <algorithm>
#include <map>

#include "base/budgets.hpp"
#include "base/text.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/count/expand.hpp"

namespace paramcount {
namespace {

/// The entries of a list of pairs, by name.
template <class Entry>
std::vector<const Entry*> by_name(const std::vector<Entry>& entries) {
  std::vector<const Entry*> result;
  result.reserve(entries.size());
  for (const auto& entry : entries) result.push_back(&entry);
  std::stable_sort(result.begin(), result.end(), [](const auto* a, const auto* b) { return a->first < b->first; });
  return result;
}

/// The first of that name, or the end.
template <class Entry>
auto named(const std::vector<const Entry*>& sorted, std::string_view name) {
  const auto at = std::lower_bound(sorted.begin(), sorted.end(), name,
                                   [](const Entry* entry, std::string_view key) { return entry->first < key; });
  return at != sorted.end() && (*at)->first == name ? at : sorted.end();
}

}  // namespace

Program::Program(const Family& family)
    : family_(family),
      declared_(by_name(family.keys)),
      aliased_(by_name(family.aliases)),
      dims_(family.dims.size()),
      indices_(family.indices.size()),
      tensor_rows_(family.tensors.size()),
      state_rows_(family.state.size()),
      tensor_plans_(family.tensors.size()),
      state_plans_(family.state.size()) {
  if (family.indices.size() > kMostIndices) throw Error("more than 32 indices");
  names_.reserve(family.dims.size() + family.indices.size() + family.parts.size());
  for (std::size_t i = 0; i < family.dims.size(); ++i) names_.push_back({family.dims[i].name, {Target::Kind::dim, i}});
  for (std::size_t i = 0; i < family.indices.size(); ++i) {
    names_.push_back({family.indices[i].name, {Target::Kind::index, i}});
  }
  for (std::size_t i = 0; i < family.parts.size(); ++i) {
    names_.push_back({family.parts[i].name, {Target::Kind::part, i}});
  }
  std::sort(names_.begin(), names_.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  const auto twin =
      std::adjacent_find(names_.begin(), names_.end(), [](const auto& a, const auto& b) { return a.first == b.first; });
  if (twin != names_.end()) throw Error("two things are named " + printable(twin->first));
}

std::optional<Target> Program::find(std::string_view name) const {
  const auto at = std::lower_bound(names_.begin(), names_.end(), name,
                                   [](const auto& entry, std::string_view key) { return entry.first < key; });
  if (at == names_.end() || at->first != name) return std::nullopt;
  return at->second;
}

const Expression& Program::parse(std::string_view text) {
  const auto [at, added] = expressions_.try_emplace(text);
  Expression& result = at->second;
  if (!added || text.empty()) return result;
  try {
    result = parse_expression(text);
    for (auto& node : result.nodes) {
      if (node.op == Op::key) node.target = key_called(result.word(node));
      if (node.op != Op::name) continue;
      const auto target = find(result.word(node));
      if (!target) {
        throw Error("expression `" + printable(text) + "`: no dimension is named " + printable(result.word(node)));
      }
      node.target = static_cast<std::int32_t>(target->at << 2U) + static_cast<std::int32_t>(target->kind);
    }
  } catch (...) {
    expressions_.erase(at);
    throw;
  }
  return result;
}

const Program::Row& Program::row(std::vector<std::optional<Row>>& rows, const std::vector<Family::Row>& sources,
                                 std::size_t i) {
  if (!rows[i]) rows[i] = make_row(sources[i]);
  return *rows[i];
}

Program::Row Program::make_row(const Family::Row& source) {
  Row result;
  result.condition = &parse(source.condition);
  result.needs = needs(*result.condition);
  result.shape.reserve(source.shape.size());
  for (const auto& text : source.shape) {
    result.shape.push_back(&parse(text));
    result.shape_needs |= needs(*result.shape.back());
  }
  result.needs |= result.shape_needs;
  const std::string_view name = source.name;
  for (auto open = name.find('{'); open != std::string_view::npos; open = name.find('{', open + 1)) {
    const auto close = name.find('}', open);
    const auto target = close == std::string_view::npos ? std::nullopt : find(name.substr(open + 1, close - open - 1));
    if (!target || target->kind != Target::Kind::index) {
      throw Error("no index of that name at column " + std::to_string(open + 1));
    }
    result.indices.push_back(target->at);
    result.name_set |= IndexSet{1} << target->at;
  }
  if ((result.needs & ~result.name_set) != 0) {
    throw Error("its shape or condition depends on an index that its name lacks");
  }
  return result;
}

const Program::Plan& Program::tensor_plan(std::size_t i) {
  if (!tensor_plans_[i]) tensor_plans_[i] = make_tensor_plan(i);
  return *tensor_plans_[i];
}

const Program::Plan& Program::state_plan(std::size_t i) {
  if (!state_plans_[i]) state_plans_[i] = make_state_plan(i);
  return *state_plans_[i];
}

std::int32_t Program::key_called(std::string_view name) {
  const auto known = key_numbers_.find(name);
  if (known != key_numbers_.end()) return known->second;
  // The family's own texts outlive the program; the name may not.
  Key key;
  if (const auto own = named(declared_, name); own != declared_.end()) {
    key.name = (*own)->first;
    key.fallback = &(*own)->second;
  }
  for (auto own = named(aliased_, name); own != aliased_.end() && (*own)->first == name; ++own) {
    key.name = (*own)->first;
    key.aliases.insert(key.aliases.end(), (*own)->second.begin(), (*own)->second.end());
  }
  if (key.name.empty()) key.name = undeclared_.emplace_back(name);
  const auto number = static_cast<std::int32_t>(keys_.size());
  key_numbers_.emplace(key.name, number);
  keys_.push_back(std::move(key));
  return number;
}

std::size_t Program::dim_called(std::string_view name) const {
  const auto target = find(name);
  if (!target || target->kind != Target::Kind::dim) {
    throw Error("family " + family_.id + " does not define " + std::string(name));
  }
  return target->at;
}

void Program::split_condition(Plan& plan, std::uint32_t node, const std::vector<IndexSet>& needs) {
  const Expression& condition = *plan.row->condition;
  const auto& n = condition.nodes[node];
  if (n.op == Op::and_) {
    split_condition(plan, n.a, needs);
    split_condition(plan, n.b, needs);
  } else {
    (needs[node] == 0 ? plan.fixed : plan.varying).push_back(node);
  }
}

/// Adds the indices that the counts of others depend on; then all are known.
void Program::complete(Plan& plan) {
  for (const auto index : plan.row->indices) plan.facts |= index_needs(index);
  plan.facts &= plan.row->name_set;
  plan.all = (plan.all | plan.facts) & plan.row->name_set;
  const Expression& condition = *plan.row->condition;
  if (!condition.nodes.empty()) split_condition(plan, condition.root, needs_of_nodes(condition));
  for (const auto index : plan.row->indices) {
    if (((plan.all >> index) & 1U) != 0) plan.evaluated.push_back(index);
  }
}

Program::Plan Program::make_tensor_plan(std::size_t i) {
  Plan plan;
  plan.row = &tensor_row(i);
  plan.role = parse_role(family_.tensors[i].role);
  plan.all = plan.row->needs;
  plan.facts = plan.row->shape_needs;
  if (!family_.mtp.empty()) {
    const IndexSet of_mtp = needs(mtp());
    if ((of_mtp & ~plan.row->name_set) == 0) {
      plan.mtp = &mtp();
      plan.all |= of_mtp;
      plan.splits_mtp = of_mtp != 0;
    }
  }
  if (plan.role.kind == RoleKind::expert) {
    plan.n_experts = dim_called("n_experts");
    plan.experts_per_token = dim_called("experts_per_token");
    plan.facts |= dim_needs(*plan.n_experts) | dim_needs(plan.experts_per_token);
  }
  complete(plan);
  return plan;
}

Program::Plan Program::make_state_plan(std::size_t i) {
  static const std::map<std::string_view, StateKind> kKinds{
      {"kv", StateKind::kv},       {"compressed", StateKind::kv},         {"window", StateKind::window},
      {"cross", StateKind::cross}, {"recurrent", StateKind::recurrent},   {"conv", StateKind::conv},
      {"borrowed", StateKind::kv}, {"borrowed_window", StateKind::window}};
  const std::string_view role = family_.state[i].role;
  Plan plan;
  plan.row = &state_row(i);
  plan.kind = kKinds.at(role);
  plan.borrowed = role.starts_with("borrowed");
  plan.all = plan.row->needs;
  plan.facts = plan.row->shape_needs;
  if (plan.kind == StateKind::window) {
    plan.window = dim_called("window");
    plan.facts |= dim_needs(*plan.window);
  }
  if (role == "compressed") {
    plan.every = dim_called("compression");
    plan.facts |= dim_needs(*plan.every);
  }
  complete(plan);
  return plan;
}

const std::vector<Program::Requirement>& Program::requirements() {
  if (requirements_) return *requirements_;
  std::vector<Requirement> made;
  for (const auto& source : family_.requirements) {
    Requirement requirement{&parse(source.condition), {}};
    const IndexSet set = needs(*requirement.condition);
    for (std::size_t i = 0; i < kMostIndices; ++i) {
      if (((set >> i) & 1U) != 0) requirement.indices.push_back(i);
    }
    made.push_back(std::move(requirement));
  }
  return requirements_.emplace(std::move(made));
}

const std::vector<Program::Standard>& Program::standard_dims() {
  if (standard_dims_) return *standard_dims_;
  auto& dims = standard_dims_.emplace();
  for (const auto& [name, kind] : kStandardDims) {
    if (const auto target = find(name); target && target->kind == Target::Kind::dim) dims.push_back({target->at, kind});
  }
  return dims;
}

Program::Part Program::part(std::size_t i) {
  const auto& source = family_.parts[i];
  Part result{&parse(source.family), &parse(source.config), &parse(source.condition), {}};
  for (const auto& dim : source.dims) result.dims.emplace_back(dim.name, &parse(dim.expression));
  return result;
}

IndexSet Program::needs(const Expression& expression) {
  IndexSet result = 0;
  for (const auto& node : expression.nodes) result |= own_needs(node);
  return result;
}

std::vector<IndexSet> Program::needs_of_nodes(const Expression& expression) {
  std::vector<IndexSet> result;
  result.reserve(expression.nodes.size());
  for (const auto& node : expression.nodes) {
    IndexSet needs = own_needs(node);
    each_operand(expression, node, [&](std::uint32_t operand) { needs |= result[operand]; });
    result.push_back(needs);
  }
  return result;
}

IndexSet Program::own_needs(const Expression::Node& node) {
  if (node.op != Op::name) return 0;
  const Target target = target_of(node);
  switch (target.kind) {
    case Target::Kind::dim:
      return dim_needs(target.at);
    case Target::Kind::index:
      return IndexSet{1} << target.at;
    case Target::Kind::part:
      break;
  }
  return 0;
}

IndexSet Program::needs(Lazy& lazy, const Family::Definition& definition) {
  if (lazy.needs) return *lazy.needs;
  if (lazy.visiting) throw Error(printable(definition.name) + " is defined by itself");
  if (depth_ > kLongestChain) throw Error(printable(definition.name) + ": too long a chain of dimensions");
  lazy.visiting = true;
  ++depth_;
  const IndexSet result = needs(parsed(lazy, definition));
  --depth_;
  lazy.visiting = false;
  lazy.needs = result;
  return result;
}

}  // namespace paramcount
