#include "paramcount/count/params.hpp"

#include <algorithm>

#include "base/numbers.hpp"
#include "count/dims.hpp"
#include "paramcount/base/checked.hpp"

namespace paramcount {
namespace {

/// Scales of all copies.
Params scales_of(const Tensor& tensor, const Inventory& inventory) {
  if (inventory.scale_rows == 0 || !is_block_scaled(tensor)) return {};
  std::uint64_t scales = tensor.copies;
  for (std::size_t i = 0; i + 2 < tensor.shape.size(); ++i) scales = checked_mul(scales, tensor.shape[i]);
  scales = checked_mul(scales, ceil_div(tensor.shape[tensor.shape.size() - 2], inventory.scale_rows));
  return {checked_mul(scales, ceil_div(tensor.shape.back(), inventory.scale_columns))};
}

/// Those of fp8 weights; other quantisers' scales belong to their formats.
Params stored_scales(const StoredSummary& stored) {
  const bool fp8 = std::ranges::any_of(stored.weights, [](const auto& share) { return share.name.starts_with("fp8"); });
  return {fp8 ? stored.scales : 0};
}

std::string product_text(const std::vector<std::uint64_t>& shape) {
  std::string text;
  for (const auto size : shape) text += (text.empty() ? "" : " × ") + grouped(size);
  return text.empty() ? "1" : text;
}

}  // namespace

const Tensor* tied_head(const Inventory& inventory) {
  if (!inventory.flag("tied_embeddings")) return nullptr;
  return tied_table(inventory.tensors, inventory.count("vocab_size"));
}

const Tensor* tied_table(const std::vector<Tensor>& tensors, std::uint64_t vocab) {
  const Tensor* first = nullptr;
  const Tensor* table = nullptr;
  for (const auto& tensor : tensors) {
    if (!tensor.counts() || tensor.role.suffix != RoleSuffix::none) continue;
    const bool spans_vocab = std::ranges::find(tensor.shape, vocab) != tensor.shape.end();
    if (tensor.role.kind == RoleKind::head && (spans_vocab || vocab == 0)) return nullptr;
    if (tensor.role.kind != RoleKind::embedding) continue;
    if (first == nullptr) first = &tensor;
    if (table == nullptr && spans_vocab) table = &tensor;
  }
  return table != nullptr ? table : first;
}

ParamCounts count_params(const Inventory& inventory) {
  ParamCounts counts;
  Params positions{};
  for (const auto& tensor : inventory.tensors) {
    const Params all = tensor.params();
    if (tensor.mtp) counts.mtp += all;
    counts.scales += scales_of(tensor, inventory);
    if (tensor.role.is_buffer() && !tensor.mtp) counts.buffers += all;
    if (!tensor.counts()) continue;
    const Params active = tensor.active();
    counts.total += all;
    counts.active += active;
    auto& role = counts.by_role[static_cast<std::size_t>(tensor.role.kind)];
    role.total += all;
    role.active += active;
    if (tensor.role.kind == RoleKind::position) positions += all;
    if (tensor.role.suffix == RoleSuffix::bias) counts.biases += all;
    if (tensor.role.is_matmul()) {
      counts.matmul += all;
      counts.active_matmul += active;
    }
  }
  if (inventory.stored) counts.scales = stored_scales(*inventory.stored);
  counts.embedding = counts.of(RoleKind::embedding).total;
  counts.towers =
      counts.of(RoleKind::vision).total + counts.of(RoleKind::audio).total + counts.of(RoleKind::projector).total;
  const Tensor* const tied = tied_head(inventory);
  const Params table = tied != nullptr ? tied->params() : Params{};
  counts.active_without_embedding = counts.active - positions - (counts.embedding - table);
  counts.non_embedding = counts.total - positions - counts.embedding - counts.of(RoleKind::head).total;
  // A head that reuses the input table: a token is multiplied with it.
  counts.matmul += table;
  counts.active_matmul += table;
  return counts;
}

std::string derivation(const Inventory& inventory, RoleKind kind) {
  struct Term {
    std::vector<std::uint64_t> shape;
    std::uint64_t times;
  };
  struct Block {
    std::uint64_t copies;
    std::vector<Term> terms;
  };
  std::vector<Block> blocks;
  for (const auto& tensor : inventory.tensors) {
    if (!tensor.counts() || tensor.role.kind != kind) continue;
    auto block = std::ranges::find_if(blocks, [&](const Block& b) { return b.copies == tensor.copies; });
    if (block == blocks.end()) block = blocks.insert(blocks.end(), {tensor.copies, {}});
    auto term = std::ranges::find_if(block->terms, [&](const Term& t) { return t.shape == tensor.shape; });
    if (term == block->terms.end()) {
      block->terms.push_back({tensor.shape, 1});
    } else {
      ++term->times;
    }
  }
  std::string text;
  for (const auto& block : blocks) {
    std::string sum;
    for (const auto& term : block.terms) {
      if (!sum.empty()) sum += " + ";
      if (term.times > 1) sum += grouped(term.times) + " × ";
      sum += product_text(term.shape);
    }
    if (!text.empty()) text += " + ";
    if (block.copies == 1) {
      text += sum;
    } else {
      text += grouped(block.copies) + " × " + (block.terms.size() > 1 ? "(" + sum + ")" : sum);
    }
  }
  return text;
}

}  // namespace paramcount
