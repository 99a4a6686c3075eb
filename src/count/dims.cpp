#include "count/dims.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include "base/budgets.hpp"
#include "base/text.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/count/expand.hpp"

namespace paramcount {
namespace {

/// One dimension: its value, or the list of its values per layer where they differ.
std::optional<Value> dim_value(Scope& scope, std::size_t dim) {
  const IndexSet needs = scope.program().dim_needs(dim);
  if (needs == 0) return scope.dim(dim).value();
  const auto index = only_member(needs);
  if (!index) return std::nullopt;
  const auto count = scope.index_count(*index);
  if (count == 0 || count > kMostLayers) return std::nullopt;
  Value first;
  Value::List list;  // empty as long as all are like the first
  for (std::uint64_t i = 0; i < count; ++i) {
    scope.at(*index, i);
    scope.forget_asked();
    const ValueView here = scope.dim(dim);
    const bool is_same = i > 0 && list.empty() && here == ValueView(first);
    if (i == 0) {
      first = scope.copy(here);
    } else if (!is_same) {
      if (list.empty()) list.assign(i, first);
      list.push_back(scope.copy(here));
    }
    if (!scope.asked(*index)) break;
  }
  scope.leave(*index);
  return list.empty() ? std::move(first) : Value(std::move(list));
}

bool is_of_kind(const Value& value, DimKind kind) {
  const auto* whole = value.as<std::int64_t>();
  switch (kind) {
    case DimKind::count:
    case DimKind::size:
      return value.is_null() || (whole != nullptr && *whole >= (kind == DimKind::size ? 1 : 0) && *whole <= kMostOfDim);
    case DimKind::flag:
      return value.is_null() || value.as<bool>() != nullptr;
    case DimKind::text:
      return value.is_null() || value.as<std::string>() != nullptr;
    case DimKind::any:
      break;
  }
  return true;
}

/// Throws Error naming the key to blame unless the dimension's value, or each of its values per layer, may be one.
void check_kind(Scope& scope, std::size_t dim, DimKind kind, const Value& value) {
  const auto index = only_member(scope.program().dim_needs(dim));
  const auto* layers = index ? value.as<Value::List>() : nullptr;
  std::size_t first_wrong = 0;
  if (layers != nullptr) {
    const auto wrong = std::ranges::find_if(*layers, [&](const Value& one) { return !is_of_kind(one, kind); });
    if (wrong == layers->end()) return;
    first_wrong = static_cast<std::size_t>(wrong - layers->begin());
  } else if (is_of_kind(value, kind)) {
    return;
  }
  if (index) scope.at(*index, first_wrong);
  const std::string least = kind == DimKind::size ? "1" : "0";
  scope.blame_dim(dim, kind == DimKind::flag   ? "true or false"
                       : kind == DimKind::text ? "a text"
                                               : "a whole number from " + least + " to 2^40");
}

/// The parts of tensors' names between dots, and whether a block-scaled tensor has the part.
std::map<std::string_view, bool> name_parts(const std::vector<Tensor>& tensors) {
  std::map<std::string_view, bool> parts{{"lm_head", false}};  // a tied head is not a separate tensor
  for (const auto& tensor : tensors) {
    const bool scaled = is_block_scaled(tensor);
    for (const auto part : split(tensor.name.text(), '.')) {
      auto& known = parts[part];
      known = known || scaled;
    }
  }
  return parts;
}

/// Whether a module's name may mean a block-scaled tensor: by its last part, which is the same however a checkpoint
/// nests the model. A pattern, a number, or a name that no tensor has may mean any.
bool may_be_scaled(std::string_view module, const std::map<std::string_view, bool>& parts) {
  const auto known = parts.find(module.substr(module.rfind('.') + 1));
  return known == parts.end() || known->second;
}

}  // namespace

Scope* layer_scope(Scope& scope) {
  const Family& family = scope.program().family();
  if (scope.program().find("n_layers")) return &scope;
  for (std::size_t i = 0; i < family.parts.size(); ++i) {
    if (!family.parts[i].role.empty()) continue;
    if (Scope* inner = scope.part(i)) return layer_scope(*inner);
  }
  return &scope;
}

bool is_block_scaled(const Tensor& tensor) {
  if (tensor.role.suffix != RoleSuffix::none || tensor.shape.size() < 2) return false;
  switch (tensor.role.kind) {
    case RoleKind::attention:
    case RoleKind::ffn:
    case RoleKind::expert:
    case RoleKind::shared_expert:
      return true;
    default:
      return false;
  }
}

void collect_dims(Scope& model, Inventory& out) {
  Scope& scope = *layer_scope(model);
  for (const auto& [dim, kind] : scope.program().standard_dims()) {
    std::optional<Value> value;
    try {
      value = dim_value(scope, dim);
    } catch (const Error&) {
      continue;  // a dimension nothing needed may have no value for this config
    }
    if (!value || value->is_null()) continue;
    check_kind(scope, dim, kind, *value);
    out.dims.emplace_back(scope.program().family().dims[dim].name, std::move(*value));
  }
}

void collect_repeats(Scope& scope, Inventory& out) {
  Program& program = scope.program();
  for (const auto& repeat : program.family().repeats) {
    const auto times = scope.size(program.parse(repeat.times));
    const auto of = scope.size(program.parse(repeat.of));
    if (of == 0) throw Error("/repeats: " + repeat.prefix + ": of none");
    out.repeats.push_back({repeat.prefix, times, of});
  }
}

void read_scales(const Value& config, Inventory& out) {
  const auto* quantization = config.find("quantization_config");
  const auto* sizes = quantization != nullptr ? quantization->find<Value::List>("weight_block_size") : nullptr;
  if (sizes == nullptr || sizes->size() != 2) return;
  const auto* rows = (*sizes)[0].as<std::int64_t>();
  const auto* columns = (*sizes)[1].as<std::int64_t>();
  if (rows == nullptr || columns == nullptr || *rows <= 0 || *columns <= 0) return;
  const auto parts = name_parts(out.tensors);
  for (const std::string_view key : {"modules_to_not_convert", "ignored_layers"}) {
    const auto* names = quantization->find<Value::List>(key);
    if (names == nullptr) continue;
    for (const auto& item : *names) {
      const auto* name = item.as<std::string>();
      if (name == nullptr || may_be_scaled(*name, parts)) return;
    }
  }
  out.scale_rows = static_cast<std::uint64_t>(*rows);
  out.scale_columns = static_cast<std::uint64_t>(*columns);
}

}  // namespace paramcount
