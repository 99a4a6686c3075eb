#include "paramcount/estimate/what_if.hpp"

#include <algorithm>

#include "base/spelling.hpp"
#include "base/text.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/count/expand.hpp"
#include "paramcount/estimate/flops.hpp"
#include "paramcount/estimate/step_weights.hpp"

namespace paramcount {
namespace {

constexpr std::ptrdiff_t kDeepestKey = 64;  ///< levels of objects, as in a config

/// Whether the family, or one it is made of, reads the key; "a.b" is b within a.
bool reads_key(const Family& family, std::string_view name) {
  const auto top = name.substr(0, name.find('.'));
  return std::any_of(family.keys.begin(), family.keys.end(), [&](const auto& key) { return key.first == top; });
}

void set_in_config(Value& config, std::string_view path, Value value) {
  const auto dot = path.find('.');
  if (dot == std::string_view::npos) {
    config.set(path, std::move(value));
    return;
  }
  const auto key = path.substr(0, dot);
  if (config.find(key) == nullptr) config.set(key, Value(Value::Object{}));
  Value* const inner = config.find(key);
  if (inner->as<Value::Object>() == nullptr) {
    throw usage_error("--set " + printable(path) + ": " + printable(key) + " is not an object of the config");
  }
  set_in_config(*inner, path.substr(dot + 1), std::move(value));
}

WhatIfSide side(Model model, const Scenario& scenario, const WeightFormat& format,
                const std::optional<Sparsity>& sparsity, const Catalog& catalog, Expander& expander) {
  Scenario own = scenario;
  own.formats = {format};
  WhatIfSide result;
  result.answer = answer(std::move(model), own, catalog, expander);
  const auto& inventory = result.answer.inventory;
  if (sparsity) result.pruned = prune(inventory, format, *sparsity);
  if (!format.file_type) result.decode_weights = step_weights(inventory, format, sparsity).of_step(1);
  TokenWork work;
  work.stack_share = inventory.flag("encoder_decoder") ? 0.5 : 1;
  result.flops_per_token =
      training_work(FlopsConvention::six_nd, Recompute::none, work, result.answer.params.active).model;
  return result;
}

bool same_figures(const WhatIfSide& a, const WhatIfSide& b) {
  return a.answer.params.total == b.answer.params.total && a.answer.params.active == b.answer.params.active &&
         a.weight_bytes() == b.weight_bytes() && a.answer.kv.total() == b.answer.kv.total() &&
         a.answer.context.value == b.answer.context.value;
}

std::string shown(const Inventory& inventory, const std::string& name) {
  const auto* value = inventory.dim(name);
  return value != nullptr ? brief(*value) + " → " : std::string{};
}

}  // namespace

void set_value(Model& model, const std::string& name, Value value, const Catalog& catalog) {
  if (model.checkpoint) throw Error("--set changes a config; a checkpoint's dimensions are fixed by its files");
  const Family& family = catalog.family(model.family);
  const bool is_dim =
      std::any_of(family.dims.begin(), family.dims.end(), [&](const auto& d) { return d.name == name; });
  if (is_dim) {
    const auto known =
        std::find_if(model.dims.begin(), model.dims.end(), [&](const auto& dim) { return dim.first == name; });
    if (known != model.dims.end()) {
      known->second = std::move(value);
    } else {
      model.dims.emplace_back(name, std::move(value));
    }
  } else if (reads_key(family, name)) {
    if (std::count(name.begin(), name.end(), '.') >= kDeepestKey) {
      throw usage_error("--set " + printable(name.substr(0, 40)) + "...: deeper than 64 levels");
    }
    set_in_config(model.config, name, std::move(value));
  } else {
    Suggestions suggestions(name);
    for (const auto& dim : family.dims) suggestions.consider(dim.name);
    for (const auto& [key, unused] : family.keys) suggestions.consider(key);
    throw usage_error("--set " + printable(name) + ": family " + family.id + " has no such dimension or key." +
                      suggestions.hint());
  }
  model.published = {};
  model.training.figures = {};
  model.note.clear();
}

WhatIf what_if(const Model& model, const WhatIfRequest& request, const Scenario& scenario, const Catalog& catalog,
               Expander& expander) {
  if (scenario.formats.size() > 2) throw usage_error("--dtype: one format, or two for before and after");
  const WeightFormat before =
      scenario.formats.empty() ? weight_format("bf16", false, catalog) : scenario.formats.front();
  const WeightFormat after = scenario.formats.empty() ? before : scenario.formats.back();
  WhatIf result;
  result.before = side(model, scenario, before, std::nullopt, catalog, expander);
  Model changed = request.sibling ? *request.sibling : model;
  for (const auto& [name, value] : request.set) set_value(changed, name, value, catalog);
  if (request.sibling) result.changes.push_back(printable(model.name) + " → " + printable(request.sibling->name));
  for (const auto& [name, value] : request.set) {
    result.changes.push_back(printable(name) + " " +
                             (request.sibling ? "" : shown(result.before.answer.inventory, name)) + brief(value));
  }
  if (request.sparsity) result.changes.push_back(request.sparsity->id + " sparse");
  if (before.id != after.id) result.changes.push_back(before.id + " → " + after.id);
  if (result.changes.empty()) {
    throw usage_error("--diff: nothing to compare; give --set, --sparsity, --to or two formats (--dtype bf16,int4)");
  }
  result.after = side(std::move(changed), scenario, after, request.sparsity, catalog, expander);
  if (result.changes.size() == 1 && !request.set.empty() && same_figures(result.before, result.after)) {
    result.changes.front() += ", which changes no figure";
  }
  return result;
}

}  // namespace paramcount
