// Finds the family of a GGUF: of those with its architecture, the one that explains most of the file.
#include <algorithm>

#include "base/text.hpp"
#include "count/explanation.hpp"
#include "count/gguf_fit.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

/// One family tried on the file.
struct Candidate {
  const Family* family{nullptr};
  Explanation explanation;
  std::uint64_t differing{0};  ///< tensors
  int keys{0};                 ///< metadata keys of the family that the file has, minus those it lacks
  std::string error;           ///< why the metadata make no model of it; empty: they do
};

bool better(const Candidate& a, const Candidate& b) {
  if (a.error.empty() != b.error.empty()) return a.error.empty();
  return a.differing != b.differing ? a.differing < b.differing : a.keys > b.keys;
}

bool same_caches(const Candidate& a, const Candidate& b) {
  const auto& left = a.explanation.family.state;
  const auto& right = b.explanation.family.state;
  return std::equal(left.begin(), left.end(), right.begin(), right.end(), [](const State& x, const State& y) {
    return x.kind == y.kind && x.shape == y.shape && x.axes == y.axes && x.window == y.window;
  });
}

}  // namespace

Explanation best_family(const StoredWeights& stored, const FamilyLookup& gguf_families, const NameLookup& names,
                        const Spellings& spellings, const Explain& explain) {
  const Checkpoint& checkpoint = *stored.checkpoint;
  const std::string arch = checkpoint.metadata.text("general.architecture");
  if (arch.empty()) throw Error("its metadata has no general.architecture");
  std::vector<Candidate> candidates;
  for (const auto& id : names.families_of_arch ? names.families_of_arch(arch) : std::vector<std::string>{}) {
    Candidate candidate;
    candidate.family = &gguf_families(id);
    for (const auto& [dim, key] : candidate.family->gguf->keys) {
      candidate.keys += checkpoint.metadata.find(arch + "." + key) != nullptr ? 1 : -1;
    }
    try {
      Model model;
      model.family = id;
      model.config = Value(Value::Object{});
      model.dims = fit_dims(*candidate.family, stored, spellings);
      candidate.explanation = explain(model);
      candidate.differing =
          missing_tensors(candidate.explanation.verification) + unexpected_tensors(candidate.explanation.verification);
    } catch (const Error& error) {
      candidate.error = error.what();
    }
    candidates.push_back(std::move(candidate));
  }
  if (candidates.empty()) throw Error("no family describes the architecture " + printable(arch));
  // Of equals the family that is called as the architecture is.
  std::stable_sort(candidates.begin(), candidates.end(), [&](const Candidate& a, const Candidate& b) {
    if (better(a, b) || better(b, a)) return better(a, b);
    return a.family->id == arch && b.family->id != arch;
  });
  Candidate& best = candidates.front();
  if (!best.error.empty()) {
    throw Error("its metadata does not make a model of family " + best.family->id + " (" + best.error + ")");
  }
  for (std::size_t i = 1; i < candidates.size() && !better(best, candidates[i]); ++i) {
    if (checkpoint.tensors.empty() || same_caches(best, candidates[i])) continue;
    best.explanation.rivals += (best.explanation.rivals.empty() ? "" : ", ") + candidates[i].family->id;
  }
  return std::move(best.explanation);
}

}  // namespace paramcount
