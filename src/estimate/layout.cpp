#include "paramcount/estimate/layout.hpp"

#include <algorithm>

#include "base/numbers.hpp"
#include "estimate/layout_dims.hpp"
#include "paramcount/base/checked.hpp"

namespace paramcount {
namespace {

/// Elements of a row that share a scale, or that a kernel takes at once; 1: any number will do.
std::uint64_t block_of(const Dtype& dtype) {
  std::uint64_t block = dtype.ggml_block > 1 ? dtype.ggml_block : 1;
  for (const auto& scale : dtype.scales) {
    if (scale.columns > 1) block = std::max(block, scale.columns);
  }
  return block;
}

std::string width_problem(const std::string& what, std::uint64_t width, std::uint64_t tp, const Dtype& dtype) {
  if (width == 0) return "";
  if (width % tp != 0) return "tp " + grouped(tp) + " does not divide " + what + ", " + grouped(width);
  const auto block = block_of(dtype);
  if (width / tp % block == 0) return "";
  return dtype.id + " has blocks of " + grouped(block) + ", and " + what + " " + grouped(width) + " / " + grouped(tp) +
         " = " + grouped(width / tp);
}

}  // namespace

std::uint64_t Layout::devices() const { return checked_mul(checked_mul(tensor, pipeline), data); }

std::uint64_t Layout::sequences(std::uint64_t of_all) const { return ceil_div(of_all, data); }

std::string layout_text(const Layout& layout) {
  std::string text;
  const auto add = [&](std::uint64_t size, const char* name, const char* before) {
    if (size > 1) text += (text.empty() ? "" : before) + std::string(name) + " " + grouped(size);
  };
  add(layout.tensor, "tp", " × ");
  add(layout.pipeline, "pp", " × ");
  add(layout.data, "dp", " × ");
  add(layout.expert, "ep", ", ");
  return text.empty() ? "one device" : text;
}

Layout LayoutChoice::layout() const {
  return {tensor.value_or(1), pipeline.value_or(1), expert.value_or(1), data.value_or(1)};
}

std::string not_buildable(const Inventory& inventory, const WeightFormat& format, const RuntimeProfile& runtime,
                          const Layout& layout) {
  const auto& serving = runtime.serving;
  if (layout.devices() == 1 && layout.expert == 1) return "";
  if (layout.pipeline > std::max<std::uint64_t>(1, inventory.layer_count)) {
    return "pp " + grouped(layout.pipeline) + " exceeds the " + several(inventory.layer_count, "layer");
  }
  if (serving.split == RuntimeProfile::Serving::Split::layers) {
    if (layout.tensor > 1 || layout.expert > 1)
      return std::string(runtime.name) + " splits a model by layers, not within matrices; use pp";
    return "";
  }
  const auto tp = layout.tensor;
  for (const auto heads : values_of(inventory, "n_heads")) {
    if (heads % tp != 0) return "tp " + grouped(tp) + " does not divide " + grouped(heads) + " heads";
  }
  for (const auto& state : inventory.state) {
    if (state.shape.empty() || is_latent(state)) continue;
    const auto heads = state.shape.front();
    if (state.is_cache() && heads % tp != 0 && tp % heads != 0) {
      return "tp " + grouped(tp) + " and " + grouped(heads) + " KV heads: neither divides the other";
    }
    if (!state.is_cache() && state.kind == StateKind::recurrent && heads % tp != 0) {
      return "tp " + grouped(tp) + " does not divide " + grouped(heads) + " recurrent-state heads";
    }
  }
  const auto n_experts = inventory.count("n_experts");
  if (layout.expert > 1) {
    if (n_experts == 0) return "ep " + grouped(layout.expert) + ": the model has no experts";
    if (layout.expert > n_experts)
      return "ep " + grouped(layout.expert) + " exceeds " + grouped(n_experts) + " experts";
    if (layout.expert != tp * layout.data) {
      return "ep " + grouped(layout.expert) + " is not tp × dp, " + grouped(tp * layout.data);
    }
  }
  const auto role = [&](RoleKind kind) -> const Dtype& { return format.of({kind, RoleSuffix::none}); };
  std::string problem;
  for (const auto width : values_of(inventory, "d_ff")) {
    const bool dense = std::ranges::any_of(
        inventory.tensors, [](const Tensor& tensor) { return tensor.role.kind == RoleKind::ffn && tensor.counts(); });
    if (problem.empty() && dense) problem = width_problem("the FFN width", width, tp, role(RoleKind::ffn));
  }
  for (const auto width : values_of(inventory, "d_ff_shared")) {
    if (problem.empty() && inventory.count("n_shared_experts") > 0) {
      problem = width_problem("the shared expert's width", width, tp, role(RoleKind::shared_expert));
    }
  }
  const Dtype& of_experts = role(RoleKind::expert);
  const bool padded = of_experts.id == "mxfp4" && serving.pads_mxfp4.width > 0;
  if (problem.empty() && n_experts > 0 && layout.expert == 1 && !padded) {
    problem = width_problem("the expert width", inventory.count("d_ff_expert"), tp, of_experts);
  }
  return problem;
}

std::vector<Layout> buildable_layouts(const Inventory& inventory, const WeightFormat& format,
                                      const RuntimeProfile& runtime, std::uint64_t devices, std::uint64_t node,
                                      std::string* why) {
  std::vector<Layout> layouts;
  const auto consider = [&](const Layout& layout) {
    std::string problem = not_buildable(inventory, format, runtime, layout);
    if (problem.empty()) {
      layouts.push_back(layout);
    } else if (why != nullptr && why->empty()) {
      *why = std::move(problem);
    }
  };
  if (devices == 1) {
    consider({});
  } else if (runtime.serving.split != RuntimeProfile::Serving::Split::tensors) {
    consider({.pipeline = devices});
  } else {
    for (auto tp = std::min(devices, std::max<std::uint64_t>(1, node)); tp >= 1; --tp) {
      if (devices % tp != 0) continue;
      const Layout layout{.tensor = tp, .pipeline = devices / tp};
      consider(layout);
      if (inventory.count("n_experts") > 0 && tp > 1) {
        Layout by_expert = layout;
        by_expert.expert = tp;
        consider(by_expert);
      }
    }
  }
  return layouts;
}

}  // namespace paramcount
