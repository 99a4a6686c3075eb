#include "count/graph_weights.hpp"

#include <algorithm>
#include <unordered_map>

#include "paramcount/base/checked.hpp"

namespace paramcount {
namespace {

/// Names that onnxruntime's quantiser gives where a graph multiplies by a scale itself: "X_quantized", "X_scale".
constexpr std::string_view kScaleEnding = "_scale";

class Graph {
 public:
  explicit Graph(const Checkpoint& checkpoint) : tensors_(checkpoint.tensors) {
    out_.checkpoint = &checkpoint;
    for (const auto& use : checkpoint.graph_uses) uses_.emplace(use.tensor, &use);
  }

  StoredWeights run() {
    for (auto& names : group_names(tensors_)) {
      // Names that differ only in numbers may be for different things.
      std::vector<StoredPart> parts;
      for (const auto member : names.members) parts.push_back(part_of(member));
      const bool agree = std::all_of(parts.begin(), parts.end(), [&](auto part) { return part == parts.front(); });
      StoredWeights::Group group{.names = std::move(names), .part = agree ? parts.front() : StoredPart::unknown};
      if (!agree) group.why = "the graph uses one as weights and another as something else";
      out_.groups.push_back(std::move(group));
    }
    for (auto& group : out_.groups) {
      if (group.part != StoredPart::weight) continue;
      for (const auto member : group.names.members) unpack(group, member);
    }
    return std::move(out_);
  }

 private:
  [[nodiscard]] const GraphUse* use_of(std::uint32_t tensor) const {
    const auto found = uses_.find(tensor);
    return found != uses_.end() ? found->second : nullptr;
  }

  [[nodiscard]] StoredPart part_of(std::uint32_t tensor) const {
    const auto& stored = tensors_[tensor];
    if (const auto* use = use_of(tensor)) {
      return use->kind == GraphUse::Kind::packed  ? StoredPart::weight
             : use->kind == GraphUse::Kind::scale ? StoredPart::scale
                                                  : StoredPart::zero;
    }
    if (stored.dtype.front() == 'F' && stored.name.ends_with(kScaleEnding)) return StoredPart::scale;
    const bool narrow = stored.dtype == "U8" || stored.dtype == "I8" || stored.dtype == "U4" || stored.dtype == "I4" ||
                        stored.dtype == "U2" || stored.dtype == "I2";
    if (narrow) return StoredPart::weight;
    const bool whole = stored.dtype.front() == 'U' || stored.dtype.front() == 'I' || stored.dtype == "BOOL";
    return whole ? StoredPart::integer : StoredPart::weight;
  }

  void unpack(StoredWeights::Group& group, std::uint32_t tensor) {
    const auto* use = use_of(tensor);
    if (use == nullptr || use->kind != GraphUse::Kind::packed) return;
    out_.set_logical(tensor, {use->shape, checked_product(use->shape)});
    group.format = "int" + std::to_string(use->bits);
  }

  const std::vector<StoredTensor>& tensors_;
  std::unordered_map<std::uint32_t, const GraphUse*> uses_;
  StoredWeights out_;
};

}  // namespace

StoredWeights graph_weights(const Checkpoint& checkpoint) { return Graph(checkpoint).run(); }

}  // namespace paramcount
