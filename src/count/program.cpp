#include "count/program.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "paramcount/error.hpp"

namespace paramcount {
namespace {
constexpr int kLongestChain = 200;  ///< dimensions that need dimensions that need ...
}

Program::Program(const Family& family)
    : family_(family),
      dims_(family.dims.size()),
      indices_(family.indices.size()),
      tensor_rows_(family.tensors.size()),
      state_rows_(family.state.size()) {
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
  if (twin != names_.end()) throw Error("two things are called " + printable(twin->first));
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
      if (node.op != Op::name) continue;
      const auto target = find(result.word(node));
      if (!target) {
        throw Error("expression `" + printable(text) + "`: no dimension is called " + printable(result.word(node)));
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
      throw Error(printable(name) + ": no index of that name at column " + std::to_string(open + 1));
    }
    result.indices.push_back(target->at);
    result.name_set |= IndexSet{1} << target->at;
  }
  if ((result.needs & ~result.name_set) != 0) {
    throw Error(printable(name) + ": its shape or condition depends on an index its name lacks");
  }
  return result;
}

Program::Part Program::part(std::size_t i) {
  const auto& source = family_.parts[i];
  Part result{&parse(source.family), &parse(source.config), &parse(source.condition), {}};
  for (const auto& dim : source.dims) result.dims.emplace_back(dim.name, &parse(dim.expression));
  return result;
}

IndexSet Program::needs(const Expression& expression) {
  IndexSet result = 0;
  for (const auto& node : expression.nodes) {
    if (node.target < 0) continue;
    const auto at = static_cast<std::size_t>(node.target) >> 2U;
    switch (static_cast<Target::Kind>(static_cast<unsigned>(node.target) & 3U)) {
      case Target::Kind::dim:
        result |= dim_needs(at);
        break;
      case Target::Kind::index:
        result |= IndexSet{1} << at;
        break;
      case Target::Kind::part:
        break;
    }
  }
  return result;
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

IndexSet Program::dim_needs(std::size_t i) { return needs(dims_[i], family_.dims[i]); }
IndexSet Program::index_needs(std::size_t i) { return needs(indices_[i], family_.indices[i]); }

}  // namespace paramcount
