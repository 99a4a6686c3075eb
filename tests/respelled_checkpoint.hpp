// A checkpoint's tensors as other writers spell, fuse, stack and split them.
#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "checkpoint_helper.hpp"

namespace paramcount {

using Tensors = std::vector<NewTensor>;

inline Tensors renamed(Tensors tensors, const std::function<std::string(std::string)>& rename) {
  for (auto& tensor : tensors) tensor.name = rename(tensor.name);
  return tensors;
}

/// Without the first piece, as files of bare models are.
inline Tensors without_prefix(const Tensors& tensors) {
  std::map<std::string, int> first;
  for (const auto& tensor : tensors) ++first[tensor.name.substr(0, tensor.name.find('.') + 1)];
  const auto most =
      std::max_element(first.begin(), first.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  return renamed(tensors, [&](const std::string& name) {
    const auto rest = name.substr(std::min(name.size(), most->first.size()));
    const bool numbered = !rest.empty() && rest.front() >= '0' && rest.front() <= '9';
    return name.starts_with(most->first) && !numbered ? rest : name;
  });
}

/// LayerNorm's old names.
inline Tensors with_gamma(const Tensors& tensors) {
  return renamed(tensors, [](std::string name) {
    for (const auto& [now, then] : {std::pair<std::string, std::string>{"norm.weight", "norm.gamma"},
                                    {"norm.bias", "norm.beta"},
                                    {"Norm.weight", "Norm.gamma"},
                                    {"Norm.bias", "Norm.beta"}}) {
      if (name.ends_with(now)) return name.substr(0, name.size() - now.size()) + then;
    }
    return name;
  });
}

inline bool replace(std::string& name, const std::string& from, const std::string& to) {
  const auto at = name.find(from);
  if (at == std::string::npos) return false;
  name.replace(at, from.size(), to);
  return true;
}

/// Query, key and value in one tensor, gate and up in another, where a layer has all of them.
inline Tensors fused(const Tensors& tensors) {
  const std::map<std::string, std::pair<std::string, std::uint64_t>> kinds{
      {"self_attn.q_proj", {"self_attn.qkv_proj", 3}},
      {"self_attn.k_proj", {"self_attn.qkv_proj", 3}},
      {"self_attn.v_proj", {"self_attn.qkv_proj", 3}},
      {"mlp.gate_proj", {"mlp.gate_up_proj", 2}},
      {"mlp.up_proj", {"mlp.gate_up_proj", 2}}};
  const auto whole = [&](const NewTensor& tensor) -> std::pair<std::string, std::uint64_t> {
    for (const auto& [part, merged] : kinds) {
      std::string name = tensor.name;
      if (tensor.name.find("experts.") == std::string::npos && replace(name, part, merged.first)) {
        return {name, merged.second};
      }
    }
    return {tensor.name, 1};
  };
  std::map<std::string, std::uint64_t> parts;
  for (const auto& tensor : tensors) ++parts[whole(tensor).first];
  std::map<std::string, std::size_t> at;
  Tensors result;
  for (const auto& tensor : tensors) {
    const auto [name, needed] = whole(tensor);
    const bool merges = needed > 1 && parts[name] == needed;
    if (merges && at.contains(name)) {
      result[at[name]].shape[0] += tensor.shape[0];
      continue;
    }
    if (merges) at[name] = result.size();
    result.push_back({merges ? name : tensor.name, tensor.dtype, tensor.shape});
  }
  return result;
}

/// The experts of a layer in one tensor, gate and up after each other in it.
inline Tensors with_stacked_experts(const Tensors& tensors) {
  std::map<std::string, std::uint64_t> experts;
  Tensors result;
  for (const auto& tensor : tensors) {
    const auto where = tensor.name.find(".mlp.experts.");
    if (where == std::string::npos || !tensor.name.ends_with("_proj.weight")) {
      result.push_back(tensor);
      continue;
    }
    const bool down = tensor.name.ends_with(".down_proj.weight");
    const std::string name = tensor.name.substr(0, where + 13) + (down ? "down_proj" : "gate_up_proj");
    if (++experts[name] == 1) {
      auto shape = tensor.shape;
      if (!down) shape[0] *= 2;
      shape.insert(shape.begin(), 0);
      result.push_back({name, tensor.dtype, shape});
    }
  }
  for (auto& tensor : result) {
    const auto count = experts.find(tensor.name);
    if (count == experts.end()) continue;
    tensor.shape[0] = tensor.name.ends_with("down_proj") ? count->second : count->second / 2;
  }
  return result;
}

/// Query, key and value of equal heads, and gate and up, each in its own tensor.
inline Tensors split(const Tensors& tensors) {
  Tensors result;
  for (const auto& tensor : tensors) {
    std::vector<std::string> parts{""};
    if (tensor.name.ends_with("qkv_proj.weight")) parts = {"q_proj", "k_proj", "v_proj"};
    if (tensor.name.ends_with("gate_up_proj.weight")) parts = {"gate_proj", "up_proj"};
    for (const auto& part : parts) {
      NewTensor own = tensor;
      if (!part.empty()) own.name = own.name.substr(0, own.name.rfind('.', own.name.size() - 8) + 1) + part + ".weight";
      own.shape[0] /= parts.size();
      result.push_back(own);
    }
  }
  return result;
}

/// Multimodal models before 2025.
inline Tensors in_old_layout(const Tensors& tensors) {
  return renamed(tensors, [](std::string name) {
    if (name.starts_with("model.language_model.")) return "language_model.model." + name.substr(21);
    if (name.starts_with("lm_head.")) return "language_model." + name;
    if (name.starts_with("model.vision_tower.") || name.starts_with("model.multi_modal_projector.") ||
        name.starts_with("model.image_newline")) {
      return name.substr(6);
    }
    return name;
  });
}

}  // namespace paramcount
