// Turns an expanded family into tensors under GGUF names: renaming, stacking, concatenating.
#include "paramcount/count/gguf.hpp"

#include <algorithm>
#include <map>

#include "base/budgets.hpp"
#include "base/text.hpp"
#include "count/gguf.hpp"
#include "paramcount/base/checked.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

/// The tensor under its GGUF name; indices the name lacks become leading dimensions.
Tensor renamed(const Tensor& tensor, const std::string& name) {
  Tensor made = tensor;
  made.name = TensorName::of_pattern(name);
  made.axes.clear();
  made.layer_axis = -1;
  std::vector<std::uint64_t> stacked;
  for (std::size_t i = 0; i < tensor.axes.size(); ++i) {
    const auto& axis = tensor.axes[i];
    if (made.name.has_index(axis.index)) {
      if (static_cast<int>(i) == tensor.layer_axis) made.layer_axis = static_cast<int>(made.axes.size());
      made.axes.push_back(axis);
    } else {
      stacked.push_back(axis.size());
      made.copies /= axis.size();
    }
  }
  made.shape.insert(made.shape.begin(), stacked.begin(), stacked.end());
  return made;
}

/// A dimension's value in layer 0.
std::uint64_t first_of(const Inventory& inventory, std::string_view name) {
  const auto* value = inventory.dim(name);
  if (value == nullptr) return 0;
  if (const auto* list = value->as<Value::List>()) value = list->empty() ? nullptr : &list->front();
  return value != nullptr ? value->count() : 0;
}

bool attends_first(const Inventory& inventory) {
  return std::any_of(inventory.tensors.begin(), inventory.tensors.end(), [](const Tensor& tensor) {
    return tensor.role.kind == RoleKind::attention && tensor.layer_axis >= 0 &&
           tensor.axes[static_cast<std::size_t>(tensor.layer_axis)].contains(0);
  });
}

}  // namespace

bool is_half(const Value& config) {
  for (const std::string_view key : {"torch_dtype", "dtype"}) {
    if (const auto* text = config.find<std::string>(key)) return *text == "float16";
  }
  return false;
}

GgufInventory to_gguf(const Inventory& inventory, const Family::Gguf& gguf) {
  GgufInventory out;
  out.family = inventory.family;
  out.arch = gguf.arch;
  std::map<std::string_view, const Family::Gguf::Name*> names;
  for (const auto& name : gguf.names) names.emplace(name.tensor, &name);
  std::map<std::string_view, bool> own;
  for (const auto& row : gguf.tensors) own.emplace(row.name, true);
  std::map<std::string, std::vector<std::pair<std::size_t, std::string_view>>> made;  // by target: where, and from what
  for (const auto& tensor : inventory.tensors) {
    if (tensor.mtp && !gguf.mtp) continue;
    if (own.contains(tensor.name.text())) {
      out.tensors.push_back(tensor);
      continue;
    }
    const auto name = names.find(tensor.name.text());
    if (name == names.end() || !name->second->known) {
      throw Error("no GGUF name is known for " + tensor.name.text() + " (family " + inventory.family + ")");
    }
    if (name->second->target.empty()) continue;
    Tensor now = renamed(tensor, name->second->target);
    auto& same = made[now.name.text()];
    if (same.size() == kMostOfOneGgufName) {
      throw Error(printable(now.name.text()) + ": more than 2,000 kinds of tensors of that GGUF name");
    }
    // Several rows of one target are concatenated in it; several entries of one row are different layers.
    const auto other = std::find_if(same.begin(), same.end(), [&](const auto& entry) {
      return entry.second != tensor.name.text() && out.tensors[entry.first].axes == now.axes &&
             out.tensors[entry.first].shape.size() == now.shape.size() && !now.shape.empty();
    });
    if (other != same.end()) {
      auto& shape = out.tensors[other->first].shape;
      shape.front() = checked_add(shape.front(), now.shape.front());
    } else {
      same.emplace_back(out.tensors.size(), tensor.name.text());
      out.tensors.push_back(std::move(now));
    }
  }
  for (const auto& [dim, key] : gguf.keys) {
    if (key == "block_count") out.blocks = inventory.count(dim);
  }
  if (gguf.mtp) out.blocks += inventory.count("n_mtp");
  const bool routed = std::any_of(out.tensors.begin(), out.tensors.end(),
                                  [](const Tensor& tensor) { return tensor.role.kind == RoleKind::expert; });
  if (routed) out.n_experts = first_of(inventory, "n_experts");
  out.router_in_half = gguf.router_in_half;
  out.head_twice = gguf.head_twice;
  if (gguf.heads_everywhere || attends_first(inventory)) {
    out.n_heads = first_of(inventory, "n_heads");
    out.n_kv_heads = first_of(inventory, "n_kv_heads");
  }
  out.large = gguf.large_blocks > 0 && out.blocks == gguf.large_blocks &&
              (!gguf.large_grouped || out.n_heads != out.n_kv_heads);
  out.vocab_size = inventory.count("vocab_size");
  out.d_model = inventory.count("d_model");
  out.state = inventory.state;
  if (gguf.ignores_windows) {
    for (auto& state : out.state) {
      if (state.kind == StateKind::window) state.kind = StateKind::kv;
    }
  }
  return out;
}

std::uint64_t GgufInventory::elements() const {
  std::uint64_t sum = 0;
  for (const auto& tensor : tensors) sum = checked_add(sum, tensor.params().value);
  return sum;
}

std::uint64_t GgufInventory::tensor_count() const {
  std::uint64_t sum = 0;
  for (const auto& tensor : tensors) sum = checked_add(sum, tensor.copies);
  return sum;
}

}  // namespace paramcount
