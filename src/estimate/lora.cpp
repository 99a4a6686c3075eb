#include "paramcount/estimate/lora.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "paramcount/base/checked.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

constexpr std::uint64_t kHighestRank = 1'000'000;
constexpr std::array<std::string_view, 4> kProjections{"q", "k", "v", "o"};

/// A matrix inside a layer that an adapter can stand beside.
bool adaptable(const Tensor& tensor) {
  return !tensor.mtp && tensor.layer_axis >= 0 && tensor.shape.size() >= 2 && tensor.role.is_matmul() &&
         tensor.role.kind != RoleKind::router && !is_tower(tensor.role.kind);
}

/// "q_proj" of "model.layers.{layer}.self_attn.q_proj.weight"; a name without ".weight" ends in the matrix's own.
bool has_component(std::string_view name, std::string_view wanted) {
  for (const auto part : split(name, '.')) {
    if (part == wanted) return true;
  }
  return false;
}

LoraTarget beside(const Tensor& tensor, std::uint64_t rank) {
  LoraTarget target;
  target.name = tensor.name;
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
                      " is no projection of its own here. Name tensors: paramcount tensors MODEL lists them");
  }
  const auto d_model = inventory.count("d_model");
  const auto head_dim = inventory.count("head_dim");
  const auto v_head_dim = inventory.count("v_head_dim") > 0 ? inventory.count("v_head_dim") : head_dim;
  LoraTarget target;
  target.name = which;
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

}  // namespace

LoraRequest parse_lora(const std::string& text) {
  const auto colon = text.find(':');
  LoraRequest request;
  request.rank = parse_count(text.substr(0, colon), "--lora", false, kHighestRank);
  if (colon == std::string::npos) return request;
  for (const auto target : split(std::string_view(text).substr(colon + 1), ',')) {
    if (trim(target).empty()) throw usage_error("--lora " + printable(text) + ": expected RANK:TARGET,TARGET...");
    request.targets.emplace_back(trim(target));
  }
  return request;
}

Lora count_lora(const Inventory& inventory, const LoraRequest& request) {
  Lora lora;
  lora.rank = request.rank;
  const auto add = [&](LoraTarget target) {
    lora.trained += target.trained;
    lora.targets.push_back(std::move(target));
  };
  if (request.targets.empty()) {
    for (const auto& tensor : inventory.tensors) {
      if (adaptable(tensor)) add(beside(tensor, request.rank));
    }
    if (lora.targets.empty()) throw Error("--lora: the model has no matrices in layers");
    return lora;
  }
  for (const auto& wanted : request.targets) {
    if (std::find(kProjections.begin(), kProjections.end(), wanted) != kProjections.end()) {
      add(projection(inventory, wanted, request.rank));
      continue;
    }
    bool found = false;
    for (const auto& tensor : inventory.tensors) {
      if (!adaptable(tensor)) continue;
      if (name_of(tensor.role.kind) != wanted && !has_component(tensor.name, wanted)) continue;
      add(beside(tensor, request.rank));
      found = true;
    }
    if (!found) {
      throw usage_error("--lora " + printable(wanted) +
                        ": no matrix in the layers has that role or name. paramcount tensors MODEL lists them");
    }
  }
  return lora;
}

}  // namespace paramcount
