#include "paramcount/count/adapter.hpp"

#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "read/adapter_names.hpp"

namespace paramcount {
namespace {

/// Positions and counters, as SHiRA and AdaLoRA store them; GGUF types begin with small letters.
bool is_integer(std::string_view dtype) { return dtype.starts_with('I') || dtype.starts_with('U') || dtype == "BOOL"; }

/// The two matrices of one module.
struct Pair {
  const StoredTensor* down{nullptr};
  const StoredTensor* up{nullptr};
  Params beside;  ///< magnitudes and biases; of an adapter without factors all it has
};

std::uint64_t rank_of(const Pair& pair) {
  if (pair.up != nullptr && pair.up->shape.size() >= 2) return pair.up->shape.back();
  return pair.down != nullptr && pair.down->shape.size() >= 2 ? pair.down->shape[pair.down->shape.size() - 2] : 0;
}

/// What is wrong with a pair; empty: nothing.
std::string problem_of(const std::string& module, const Pair& pair) {
  const std::string name = printable(module);
  if (pair.up == nullptr && pair.down == nullptr) return {};
  if (pair.up == nullptr || pair.down == nullptr) {
    return name + " has " +
           (pair.up == nullptr ? "a first low-rank matrix without a second"
                               : "a second low-rank matrix without a first");
  }
  const auto& down = pair.down->shape;
  const auto rank = rank_of(pair);
  const bool agrees = down.size() >= 2 && rank > 0 && (down[down.size() - 2] == rank || down.back() == rank);
  return agrees ? "" : "the two low-rank matrices of " + name + " differ in rank";
}

void widen(std::uint64_t& low, std::uint64_t& high, std::uint64_t rank) {
  if (rank == 0) return;
  low = low == 0 ? rank : std::min(low, rank);
  high = std::max(high, rank);
}

}  // namespace

AdapterSummary count_adapter(const Checkpoint& checkpoint) {
  AdapterSummary summary;
  std::map<std::string, Pair> pairs;
  std::vector<std::string> modules;  // in the order of the files
  for (const auto& tensor : checkpoint.tensors) {
    summary.bytes += Bytes{tensor.bytes};
    if (is_frozen(tensor.name) || is_integer(tensor.dtype)) {
      summary.frozen += Params{tensor.elements};
      continue;
    }
    summary.parameters += Params{tensor.elements};
    const AdapterEnding* ending = adapter_ending(tensor.name);
    const auto place = adapter_part(tensor.name);
    if (place == std::string_view::npos) {
      std::string kind = printable(module_kind(tensor.name));
      auto& whole = summary.modules_to_save;
      if (std::find(whole.begin(), whole.end(), kind) == whole.end()) whole.push_back(std::move(kind));
      continue;
    }
    std::string module(tensor.name.substr(0, place));
    const auto [pair, added] = pairs.try_emplace(module);
    if (ending == nullptr || ending->side == AdapterSide::beside) {
      pair->second.beside += Params{tensor.elements};
    } else {
      (ending->side == AdapterSide::down ? pair->second.down : pair->second.up) = &tensor;
    }
    if (added) modules.push_back(std::move(module));
  }
  std::map<std::string, std::size_t> places;
  for (const auto& module : modules) {
    const Pair& pair = pairs.at(module);
    std::string kind = printable(module_kind(module));
    const auto [place, added] = places.try_emplace(kind, summary.targets.size());
    if (added) summary.targets.emplace_back().name = std::move(kind);
    auto& target = summary.targets[place->second];
    ++target.modules;
    for (const auto* tensor : {pair.down, pair.up}) {
      if (tensor != nullptr) target.parameters += Params{tensor->elements};
    }
    target.parameters += pair.beside;
    widen(target.rank_low, target.rank_high, rank_of(pair));
    widen(summary.rank_low, summary.rank_high, rank_of(pair));
    if (summary.problem.empty()) summary.problem = problem_of(module, pair);
  }
  return summary;
}

AdapterSummary read_gguf_adapter(const Checkpoint& checkpoint) {
  AdapterSummary summary = count_adapter(checkpoint);
  summary.type = checkpoint.metadata.text("adapter.type");
  const auto* alpha = checkpoint.metadata.find("adapter.lora.alpha");
  if (alpha != nullptr) {
    if (const auto* number = alpha->as<double>()) summary.alpha = *number;
    if (const auto* whole = alpha->as<std::int64_t>()) summary.alpha = static_cast<double>(*whole);
  }
  // The converter names the model that the adapter was trained on as the first base model.
  const std::string start = "general.base_model.0.";
  const std::string organization = checkpoint.metadata.text(start + "organization");
  const std::string name = checkpoint.metadata.text(start + "name");
  const std::string repository = checkpoint.metadata.text(start + "repo_url");
  constexpr std::string_view kHub = "https://huggingface.co/";
  if (repository.starts_with(kHub)) {
    summary.base = repository.substr(kHub.size());
  } else if (!name.empty()) {
    summary.base = (organization.empty() ? "" : organization + "/") + name;
  } else {
    summary.base = repository;
  }
  return summary;
}

}  // namespace paramcount
