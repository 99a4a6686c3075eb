#include "paramcount/estimate/lora.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <set>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "count/module_names.hpp"
#include "paramcount/base/checked.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

constexpr std::uint64_t kHighestRank = 1'000'000;
constexpr std::array<std::string_view, 4> kProjections{"q", "k", "v", "o"};

/// A matrix inside a layer that can have an adapter.
bool adaptable(const Tensor& tensor) {
  return !tensor.mtp && tensor.layer_axis >= 0 && tensor.shape.size() >= 2 && tensor.role.is_matmul() &&
         tensor.role.kind != RoleKind::router && !is_tower(tensor.role.kind);
}

LoraTarget beside(const Tensor& tensor, std::uint64_t rank) {
  LoraTarget target;
  target.name = tensor.name;
  target.rank = rank;
  target.copies = tensor.copies;
  // Matrices stacked in one tensor, as fused experts are, get one adapter each.
  for (std::size_t i = 0; i + 2 < tensor.shape.size(); ++i) target.copies = checked_mul(target.copies, tensor.shape[i]);
  target.outputs = tensor.shape[tensor.shape.size() - 2];
  target.inputs = tensor.shape.back();
  target.trained = {checked_mul(checked_mul(target.copies, rank), checked_add(target.inputs, target.outputs))};
  return target;
}

/// A projection of attention, by the dimensions: whether it is stored alone or fused with others.
LoraTarget projection(const Inventory& inventory, std::string_view which, std::uint64_t rank) {
  const auto* heads = inventory.dim("n_heads");
  const auto* width = inventory.dim("head_dim");
  const bool uniform = heads != nullptr && width != nullptr && heads->as<Value::List>() == nullptr &&
                       width->as<Value::List>() == nullptr && inventory.count("kv_lora_rank") == 0;
  std::set<std::pair<std::string, std::uint64_t>> layers;
  for (const auto& tensor : inventory.tensors) {
    if (!adaptable(tensor) || tensor.role.kind != RoleKind::attention) continue;
    const auto& axis = tensor.axes[static_cast<std::size_t>(tensor.layer_axis)];
    for (const auto& range : axis.ranges) {
      for (auto i = range.first; i <= range.last; ++i) layers.emplace(axis.index, i);
    }
  }
  if (!uniform || layers.empty()) {
    throw usage_error("--lora: " + std::string(which) +
                      " is not a separate projection here. Name tensors: paramcount tensors MODEL lists them");
  }
  const auto d_model = inventory.count("d_model");
  const auto head_dim = inventory.count("head_dim");
  const auto v_head_dim = inventory.count("v_head_dim") > 0 ? inventory.count("v_head_dim") : head_dim;
  LoraTarget target;
  target.name = TensorName(std::string(which));
  target.rank = rank;
  target.copies = layers.size();
  target.inputs = d_model;
  if (which == "q") {
    target.outputs = checked_mul(inventory.count("n_heads"), head_dim);
  } else if (which == "k") {
    target.outputs = checked_mul(inventory.count("n_kv_heads"), head_dim);
  } else if (which == "v") {
    target.outputs = checked_mul(inventory.count("n_kv_heads"), v_head_dim);
  } else {
    target.inputs = checked_mul(inventory.count("n_heads"), v_head_dim);
    target.outputs = d_model;
  }
  target.trained = {checked_mul(checked_mul(target.copies, rank), checked_add(target.inputs, target.outputs))};
  return target;
}

/// Last components of modules that can have adapters, each once, in the model's order.
std::string names_of(const std::vector<ClassParameter>& parameters, bool bare) {
  std::vector<std::string> names;
  for (const auto& parameter : parameters) {
    const bool stacked = parameter.tensor.role.kind == RoleKind::expert && parameter.holder == Holder::parameter;
    if (bare ? !stacked || parameter.tensor.role.suffix != RoleSuffix::none : parameter.holder == Holder::parameter) {
      continue;
    }
    const TensorName path = parameter.path();
    const auto parts = split(path.text(), '.');
    std::string name(parts.back());
    if (bare && parts.size() > 1) name = std::string(parts[parts.size() - 2]) + "." + name;
    if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
  }
  return printable(joined(names, ", "));
}

bool is_leaf_name(const std::vector<ClassParameter>& parameters, const std::string& name) {
  return std::ranges::any_of(parameters, [&](const auto& parameter) {
    return parameter.holder != Holder::parameter && named_by(name, std::string_view(parameter.path().text()));
  });
}

void refuse_unmatched(const Lora& lora, const std::vector<ClassParameter>& parameters) {
  if (lora.unmatched.empty()) return;
  const auto& name = lora.unmatched.front();
  const std::string where = "--lora " + printable(name);
  if (std::ranges::find(lora.refused, name) != lora.refused.end()) {
    throw usage_error(where + ": not a linear layer, embedding or convolution; PEFT has no adapter for it");
  }
  std::string text =
      where + ": neither a role nor the end of a module name; the model has " + names_of(parameters, false);
  if (const auto stacked = names_of(parameters, true); !stacked.empty()) {
    text += ". Experts are parameters, which module names never match: target_parameters=" + stacked;
  }
  throw usage_error(text);
}

constexpr std::string_view kLoraForm =
    ": expected RANK:TARGET,TARGET...,modules_to_save=NAME...,target_parameters=NAME...";

}  // namespace

LoraRequest parse_lora(const std::string& text) {
  const auto colon = text.find(':');
  LoraRequest request;
  request.rank = parse_count(text.substr(0, colon), "--lora", false, kHighestRank);
  if (colon == std::string::npos) return request;
  auto* list = &request.targets;
  for (auto target : split(std::string_view(text).substr(colon + 1), ',')) {
    target = trim(target);
    if (const auto equals = target.find('='); equals != std::string_view::npos) {
      const auto key = trim(target.substr(0, equals));
      if (key == "modules_to_save") {
        list = &request.saved;
      } else if (key == "target_parameters") {
        list = &request.parameters;
      } else if (key == "target_modules") {
        list = &request.targets;
      } else {
        throw usage_error("--lora " + printable(text) + std::string(kLoraForm));
      }
      target = trim(target.substr(equals + 1));
    }
    if (target.empty()) throw usage_error("--lora " + printable(text) + std::string(kLoraForm));
    if (std::ranges::find(*list, target) == list->end()) list->emplace_back(target);
  }
  if (request.targets.empty() && request.parameters.empty()) {
    throw usage_error("--lora " + printable(text) + ": also name what gets adapters, such as all-linear");
  }
  return request;
}

Lora count_lora(const Inventory& inventory, const std::vector<ClassParameter>& parameters, const LoraRequest& request) {
  Lora lora;
  lora.rank = request.rank;
  const auto add = [&](LoraTarget target) {
    lora.trained += target.trained;
    lora.targets.push_back(std::move(target));
  };
  const auto add_low_rank = [&](LoraTarget target) {
    if (request.dora) {
      target.extra = target.outputs;
      target.trained += Params{checked_mul(target.copies, target.extra)};
    }
    add(std::move(target));
  };
  if (request.targets.empty() && request.parameters.empty()) {
    for (const auto& tensor : inventory.tensors) {
      if (adaptable(tensor)) add_low_rank(beside(tensor, request.rank));
    }
    if (lora.targets.empty()) throw Error("--lora: the model has no matrices in layers");
    return lora;
  }
  LoraConfig named;
  named.rank = request.rank;
  named.dora = request.dora;
  named.parameters = request.parameters;
  named.saved = request.saved;
  for (const auto& wanted : request.targets) {
    if (wanted == "all-linear") {
      named.all_linear = true;
      continue;
    }
    const auto before = lora.targets.size();
    for (const auto& tensor : inventory.tensors) {
      if (adaptable(tensor) && name_of(tensor.role.kind) == wanted) add_low_rank(beside(tensor, request.rank));
    }
    if (lora.targets.size() > before) continue;
    if (std::ranges::find(kProjections, wanted) != kProjections.end() && !is_leaf_name(parameters, wanted)) {
      add_low_rank(projection(inventory, wanted, request.rank));
    } else {
      named.modules.push_back(wanted);
    }
  }
  // What a role has taken gets no second adapter.
  std::vector<ClassParameter> open;
  std::ranges::copy_if(parameters, std::back_inserter(open), [&](const ClassParameter& parameter) {
    const auto role = name_of(parameter.tensor.role.kind);
    return !adaptable(parameter.tensor) || std::ranges::find(request.targets, role) == request.targets.end();
  });
  Lora rest = count_lora(open, named);
  refuse_unmatched(rest, open);
  for (auto& target : rest.targets) add(std::move(target));
  lora.refused = std::move(rest.refused);
  return lora;
}

}  // namespace paramcount
