#include "count/stored_tensors.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include "count/ranges.hpp"

namespace paramcount {
namespace {

/// The role a GGUF name speaks of, where no family says it. Source: llama.cpp, src/llama-arch.cpp.
Role role_of_name(std::string_view name, std::size_t numbers) {
  const auto has = [&](std::string_view text) { return name.find(text) != std::string_view::npos; };
  Role role{RoleKind::ffn, RoleSuffix::none};
  if (has("rope_")) return {RoleKind::position, RoleSuffix::buffer};
  if (name.starts_with("v.")) {
    role.kind = RoleKind::vision;
  } else if (name.starts_with("a.")) {
    role.kind = RoleKind::audio;
  } else if (name.starts_with("mm.")) {
    role.kind = RoleKind::projector;
  } else if (has("norm")) {
    role.kind = RoleKind::norm;
  } else if (has("token_embd") || has("token_types")) {
    role.kind = RoleKind::embedding;
  } else if (has("position_embd") || has("attn_rel_b")) {
    role.kind = RoleKind::position;
  } else if (has("exp_probs_b")) {
    return {RoleKind::router, RoleSuffix::buffer};
  } else if (has("ffn_gate_inp")) {
    role.kind = RoleKind::router;
  } else if (has("shexp")) {
    role.kind = RoleKind::shared_expert;
  } else if (has("exps") || numbers > 1) {
    role.kind = RoleKind::expert;
  } else if (has("ssm_") || has("shortconv") || has("time_mix")) {
    role.kind = RoleKind::mixer;
    if (has("conv")) role.suffix = RoleSuffix::conv;
    if (has("ssm_a") || has("ssm_d.") || name.ends_with("ssm_d")) role.suffix = RoleSuffix::state;
  } else if (has("attn_")) {
    role.kind = RoleKind::attention;
    if (has("attn_sinks")) role.suffix = RoleSuffix::state;
  } else if (name.starts_with("output.") || has("cls")) {
    role.kind = RoleKind::head;
  }
  if (name.ends_with(".bias")) role.suffix = RoleSuffix::bias;
  return role;
}

/// "blk.#.x" with index names in place of the numbers.
std::string spelled(const std::string& pattern) {
  std::string name;
  int seen = 0;
  for (const char c : pattern) {
    if (c != '#') {
      name += c;
    } else {
      name += seen++ == 0 ? "{layer}" : seen == 2 ? "{expert}" : "{part}";
    }
  }
  return name;
}

std::vector<std::string> indices_in(const std::string& name) {
  std::vector<std::string> indices;
  for (auto open = name.find('{'); open != std::string::npos; open = name.find('{', open + 1)) {
    indices.push_back(name.substr(open + 1, name.find('}', open) - open - 1));
  }
  return indices;
}

/// The tensors of one pattern, equal ones folded.
void fold(const StoredPattern& pattern, const TargetRole& named, const Numbers& numbers, std::vector<Tensor>& out) {
  const auto indices = indices_in(named.target);
  // Numbers but the last, shape and whether it is multi-token prediction tell entries apart.
  std::map<std::tuple<std::vector<std::uint64_t>, std::vector<std::uint64_t>, bool>, std::vector<std::uint64_t>> groups;
  for (const auto& entry : pattern.entries) {
    auto outer = entry.numbers;
    const std::uint64_t inner = outer.empty() ? 0 : outer.back();
    if (!outer.empty()) outer.pop_back();
    const bool mtp = !entry.numbers.empty() && entry.numbers.front() >= numbers.mtp_from;
    groups[{std::move(outer), entry.tensor->shape, mtp}].push_back(inner);
  }
  for (auto& [key, inner] : groups) {
    const auto& [outer, shape, mtp] = key;
    Tensor tensor;
    tensor.role = named.role;
    tensor.name = named.target;
    tensor.shape = shape;
    tensor.mtp = mtp;
    for (std::size_t i = 0; i < indices.size() && i < outer.size(); ++i)
      tensor.axes.push_back({indices[i], {{outer[i], outer[i]}}});
    if (!indices.empty()) {
      std::sort(inner.begin(), inner.end());
      Axis axis{indices.back(), {}};
      for (const auto value : inner) append(axis.ranges, value);
      tensor.axes.push_back(std::move(axis));
      tensor.copies = inner.size();
      tensor.layer_axis = 0;
    }
    if (tensor.role.kind == RoleKind::expert && numbers.experts_per_token > 0 &&
        numbers.experts_per_token <= numbers.experts) {
      tensor.active_numerator = numbers.experts_per_token;
      tensor.active_denominator = numbers.experts;
    }
    out.push_back(std::move(tensor));
  }
}

}  // namespace

Roles roles_of(const Family& family) {
  std::unordered_map<std::string_view, std::string_view> targets;
  for (const auto& name : family.gguf->names) targets.emplace(name.tensor, name.target);
  for (const auto& row : family.gguf->tensors) targets[row.name] = row.name;
  Roles roles;
  for (const auto& row : family.tensors) {
    const auto target = targets.find(row.name);
    if (target == targets.end() || target->second.empty()) continue;
    roles.emplace(pattern_of_target(target->second), TargetRole{std::string(target->second), parse_role(row.role)});
  }
  return roles;
}

std::vector<Tensor> tensors_of(const std::vector<StoredPattern>& patterns, const Roles& roles, const Numbers& numbers) {
  std::vector<Tensor> tensors;
  for (const auto& pattern : patterns) {
    const auto known = roles.find(pattern.name);
    const auto count = static_cast<std::size_t>(std::count(pattern.name.begin(), pattern.name.end(), '#'));
    fold(pattern,
         known != roles.end() ? known->second : TargetRole{spelled(pattern.name), role_of_name(pattern.name, count)},
         numbers, tensors);
  }
  return tensors;
}

}  // namespace paramcount
