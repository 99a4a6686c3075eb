#include "count/model_parts.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "paramcount/base/checked.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/count/expand.hpp"
#include "paramcount/count/params.hpp"

namespace paramcount {
namespace {

void merge(std::vector<StoredSummary::Share>& into, const std::vector<StoredSummary::Share>& from) {
  for (const auto& share : from) {
    auto same = std::find_if(into.begin(), into.end(), [&](const auto& other) { return other.name == share.name; });
    if (same == into.end()) same = into.insert(into.end(), {share.name, 0, 0, {}});
    same->tensors = checked_add(same->tensors, share.tensors);
    same->elements = checked_add(same->elements, share.elements);
    same->bytes += share.bytes;
  }
  std::stable_sort(into.begin(), into.end(), [](const auto& a, const auto& b) { return a.bytes > b.bytes; });
}

void add(StoredSummary::Share& into, const StoredSummary::Share& from) {
  into.tensors = checked_add(into.tensors, from.tensors);
  into.elements = checked_add(into.elements, from.elements);
  into.bytes += from.bytes;
}

/// What the files of both hold. How far a family explains them stays that of the first.
StoredSummary merged(StoredSummary into, const StoredSummary& from) {
  into.files = checked_add(into.files, from.files);
  into.tensors = checked_add(into.tensors, from.tensors);
  into.header_bytes = checked_add(into.header_bytes, from.header_bytes);
  into.file_bytes = checked_add(into.file_bytes, from.file_bytes);
  into.scales = checked_add(into.scales, from.scales);
  into.unnamed = checked_add(into.unnamed, from.unnamed);
  merge(into.weights, from.weights);
  merge(into.beside, from.beside);
  add(into.together, from.together);
  add(into.all, from.all);
  return into;
}

/// Its tensors under its path; layers of its own are none of the whole's.
void take_tensors(const std::string& path, const Inventory& part, Inventory& whole) {
  for (Tensor tensor : part.tensors) {
    tensor.name.replace(0, 0, TensorName(path + "/"));
    tensor.layer_axis = -1;
    whole.tensors.push_back(std::move(tensor));
  }
  for (auto repeat : part.repeats) {
    repeat.prefix = path + "/" + repeat.prefix;
    whole.repeats.push_back(std::move(repeat));
  }
}

/// What a part's own answer would have a note for.
std::string doubt_of(const Inventory& part) {
  if (!part.stored) return {};
  if (part.stored->by_family > 0) return "unknown packed format, counted from its config";
  return part.stored->difference;
}

}  // namespace

std::string unknown_architecture(const Model& model) {
  if (!model.only_parts) return "its architecture is unknown; a config.json next to it would name it";
  std::string names;
  for (const auto& part : model.parts) names += (names.empty() ? "" : ", ") + printable(part.path);
  return "it consists of parts and has no architecture of its own; name one of them: " + names;
}

void add_parts(const Model& model, const std::function<Inventory(const Model& part)>& expand, Inventory& whole) {
  for (const auto& part : model.parts) {
    CountedPart row{part.path, part.kind, {}, part.apart, {}, {}, part.problem};
    if (part.model) {
      try {
        const Inventory counted = expand(*part.model);
        const ParamCounts counts = count_params(counted);
        row.family = counted.family;
        row.params = part.apart ? counts.total + counts.mtp : counts.total;
        row.doubt = doubt_of(counted);
        if (!part.apart) {
          take_tensors(part.path, counted, whole);
          if (counted.stored) {
            StoredSummary first = whole.stored ? *whole.stored : StoredSummary{};
            whole.stored = std::make_shared<const StoredSummary>(merged(std::move(first), *counted.stored));
          }
        }
      } catch (const Error& error) {
        row.problem = error.what();
      }
    } else if (part.problem.empty()) {
      row.family = whole.family;
      row.params = count_params(whole).total;
    }
    whole.parts.push_back(std::move(row));
  }
}

}  // namespace paramcount
