#include "paramcount/count/layers.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "base/budgets.hpp"
#include "base/numbers.hpp"
#include "base/text.hpp"
#include "paramcount/base/checked.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

/// One layer's share of an entry whose copies spread evenly over its layers.
template <class Entry>
std::uint64_t per_layer(const Entry& entry) {
  const auto layers = entry.axes[static_cast<std::size_t>(entry.layer_axis)].size();
  return checked_mul(entry.elements(), entry.copies / layers);
}

/// Adds an entry, of which `share` elements are in each layer.
void add(LayerRun& run, const Tensor& tensor, std::uint64_t share) {
  if (tensor.role.is_buffer()) return;
  const Params params{share};
  run.mtp = run.mtp || tensor.mtp;
  run.params += params;
  run.active += Params{checked_fraction(params.value, tensor.active_numerator, tensor.active_denominator)};
  switch (tensor.role.kind) {
    case RoleKind::attention:
      run.attention += params;
      break;
    case RoleKind::mixer:
      run.mixer += params;
      break;
    case RoleKind::ffn:
      run.ffn += params;
      break;
    case RoleKind::expert:
    case RoleKind::shared_expert:
    case RoleKind::router:
      run.experts += params;
      break;
    default:
      break;
  }
}

void add(LayerRun& run, const State& state, std::uint64_t elements) {
  switch (state.kind) {
    case StateKind::window:
      run.window = state.window;
      [[fallthrough]];
    case StateKind::kv:
      run.kv_elements = checked_add(run.kv_elements, elements / state.every);
      if (state.every > 1) run.compression = state.every;
      break;
    case StateKind::cross:
      run.cross_elements = checked_add(run.cross_elements, elements);
      break;
    case StateKind::recurrent:
    case StateKind::conv:
      run.state_elements = checked_add(run.state_elements, elements);
      break;
  }
}

/// The runs between all places where some entry's ranges begin or end.
class Cuts {
 public:
  template <class Entry>
  void note(const Entry& entry) {
    auto& starts = starts_[entry.axes[static_cast<std::size_t>(entry.layer_axis)].index];
    for (const auto& range : entry.axes[static_cast<std::size_t>(entry.layer_axis)].ranges) {
      starts.insert(range.first);
      starts.insert(range.last + 1);
    }
  }

  std::map<std::string, std::vector<LayerRun>> runs() const {
    std::map<std::string, std::vector<LayerRun>> result;
    for (const auto& [index, starts] : starts_) {
      auto& runs = result[index];
      for (auto at = starts.begin(); std::next(at) != starts.end(); ++at) {
        LayerRun run;
        run.index = index;
        run.layers = {*at, *std::next(at) - 1};
        runs.push_back(std::move(run));
      }
    }
    return result;
  }

 private:
  std::map<std::string, std::set<std::uint64_t>> starts_;
};

template <class Entry>
void spread(const Entry& entry, std::map<std::string, std::vector<LayerRun>>& all) {
  const auto& axis = entry.axes[static_cast<std::size_t>(entry.layer_axis)];
  auto& runs = all[axis.index];
  const auto share = per_layer(entry);
  for (const auto& range : axis.ranges) {
    auto run = std::lower_bound(runs.begin(), runs.end(), range.first,
                                [](const LayerRun& r, std::uint64_t first) { return r.layers.first < first; });
    for (; run != runs.end() && run->layers.first <= range.last; ++run) add(*run, entry, share);
  }
}

}  // namespace

bool LayerRun::alike(const LayerRun& other) const {
  return index == other.index && mtp == other.mtp && params == other.params && active == other.active &&
         attention == other.attention && mixer == other.mixer && ffn == other.ffn && experts == other.experts &&
         kv_elements == other.kv_elements && window == other.window && compression == other.compression &&
         cross_elements == other.cross_elements && state_elements == other.state_elements;
}

std::string LayerRun::kind() const {
  std::vector<std::string> words;
  if (mtp) words.emplace_back("MTP");
  if (window > 0) {
    words.push_back("window " + grouped(window));
  } else if (kv_elements > 0 && compression == 0) {
    words.emplace_back("full");
  }
  if (compression > 0) words.push_back("one in " + grouped(compression));
  if (cross_elements > 0) words.emplace_back("cross");
  if (state_elements > 0) words.emplace_back("state");
  if (words.empty())
    words.emplace_back(!state_known          ? "cache not known"
                       : attention.value > 0 ? "attention, no cache"
                       : mixer.value > 0     ? "mixer"
                                             : "no attention");
  if (experts.value > 0) words.emplace_back("MoE");
  return joined(words, ", ");
}

LayerCounts count_layers(const Inventory& inventory) {
  LayerCounts counts;
  Cuts cuts;
  for (const auto& tensor : inventory.tensors) {
    if (tensor.layer_axis >= 0) {
      cuts.note(tensor);
    } else if (tensor.counts()) {
      (is_tower(tensor.role.kind) ? counts.towers : counts.outside) += tensor.params();
    }
  }
  for (const auto& state : inventory.state) {
    if (state.layer_axis >= 0) cuts.note(state);
  }
  auto all = cuts.runs();
  for (const auto& tensor : inventory.tensors) {
    if (tensor.layer_axis >= 0) spread(tensor, all);
  }
  for (const auto& state : inventory.state) {
    if (state.layer_axis >= 0) spread(state, all);
  }
  // Encoders come before decoders, as a token meets them: "dec" sorts before "enc", so the order is turned round.
  for (auto entry = all.rbegin(); entry != all.rend(); ++entry) {
    for (auto& run : entry->second) {
      run.state_known = inventory.state_known;
      auto& runs = counts.runs;
      if (!runs.empty() && runs.back().layers.last + 1 == run.layers.first && runs.back().alike(run)) {
        runs.back().layers.last = run.layers.last;
      } else {
        if (runs.size() == kMostRuns) throw Error("more than 100,000 runs of layers that differ");
        runs.push_back(std::move(run));
      }
    }
  }
  return counts;
}

}  // namespace paramcount
