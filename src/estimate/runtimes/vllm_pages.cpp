#include "estimate/runtimes/vllm_pages.hpp"

#include <algorithm>

#include "estimate/runtimes/runtimes.hpp"
#include "paramcount/base/checked.hpp"

namespace paramcount {
namespace {

/// A recurrent layer keeps a state to compute from and one to go back to when prefixes are shared.
constexpr std::uint64_t kStatesOfSequence = 2;

}  // namespace

VllmPages::VllmPages(const std::vector<State>& state, const Inventory& inventory, const CacheRequest& request)
    : batched_(request.runtime.knob("batched")), page_tokens_(request.runtime.knob("block")) {
  Kind recurrent{StateKind::recurrent};
  std::uint64_t convolutions = 0;
  for (const auto& entry : state) {
    if (!entry.is_cache()) {
      const Bytes one = request.runtime.profile->state_bytes(entry, entry.elements(), inventory, request);
      recurrent.bytes = checked_add(recurrent.bytes, one.value);
      if (entry.kind == StateKind::recurrent) recurrent.layers = checked_add(recurrent.layers, entry.copies);
      if (entry.kind == StateKind::conv) convolutions = checked_add(convolutions, entry.copies);
      continue;
    }
    const CacheWidths widths = request.runtime.profile->widths(entry, state, inventory, request);
    const auto bytes = (request.keys.bytes_of(widths.key) + request.values.bytes_of(widths.value)).value;
    if (bytes == 0 || entry.copies == 0) continue;
    const auto kind = entry.kind == StateKind::window ? StateKind::window : StateKind::kv;
    const auto same = std::find_if(kinds_.begin(), kinds_.end(), [&](const Kind& one) {
      return one.kind == kind && one.window == entry.window && one.every == entry.every && one.bytes == bytes;
    });
    if (same != kinds_.end()) {
      same->layers = checked_add(same->layers, entry.copies);
    } else {
      kinds_.push_back({kind, entry.window, entry.every, bytes, entry.copies});
    }
  }
  if (recurrent.layers == 0) recurrent.layers = convolutions;
  if (recurrent.layers > 0) kinds_.push_back(recurrent);
  if (kinds_.empty()) return;
  std::uint64_t widest = 0;
  for (const auto& kind : kinds_) {
    if (kind.kind != StateKind::recurrent) widest = std::max(widest, kind.bytes);
  }
  // An attention block is raised until it is at least as large as a recurrent state.
  if (recurrent.layers > 0 && widest > 0) {
    page_tokens_ = std::max(page_tokens_, checked_mul(page_tokens_, ceil_div(recurrent.bytes, widest * page_tokens_)));
  }
  page_bytes_ = widest > 0 ? checked_mul(widest, page_tokens_) : recurrent.bytes;
  std::uint64_t least = UINT64_MAX;
  std::uint64_t most = 0;
  for (auto& kind : kinds_) {
    if (kind.kind != StateKind::recurrent) kind.tokens = checked_mul(page_bytes_ / kind.bytes, kind.every);
    if (kind.kind == StateKind::kv) kind.tokens = checked_mul(kind.tokens, request.runtime.knob("dcp"));
    least = std::min(least, kind.layers);
    most = std::max(most, kind.layers);
  }
  group_ = static_cast<double>(most) < static_cast<double>(least) * 1.25 ? most : least;
  for (auto& kind : kinds_) kind.groups = ceil_div(kind.layers, group_);
}

Bytes VllmPages::block() const { return {checked_mul(page_bytes_, group_)}; }

std::uint64_t VllmPages::blocks_of(std::uint64_t context) const {
  std::uint64_t blocks = 0;
  for (const auto& kind : kinds_) {
    std::uint64_t each = kStatesOfSequence;
    if (kind.kind == StateKind::kv) {
      each = ceil_div(context, kind.tokens);
    } else if (kind.kind == StateKind::window) {
      const auto reach = checked_add(kind.window > 0 ? kind.window - 1 : 0, batched_);
      each = ceil_div(std::min(reach, context), kind.tokens) + 1;
    }
    blocks = checked_add(blocks, checked_mul(each, kind.groups));
  }
  return blocks;
}

std::uint64_t VllmPages::tokens_before(std::uint64_t blocks) const {
  std::uint64_t groups = 0;
  std::uint64_t tokens = 0;
  for (const auto& kind : kinds_) {
    groups += kind.groups;
    if (kind.tokens > 0) tokens = tokens == 0 ? kind.tokens : std::min(tokens, kind.tokens);
  }
  return groups == 0 ? 0 : checked_mul(blocks / groups, tokens);
}

}  // namespace paramcount
