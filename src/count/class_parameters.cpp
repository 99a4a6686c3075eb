#include "paramcount/count/class_parameters.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "count/name_groups.hpp"
#include "paramcount/base/checked.hpp"

namespace paramcount {
namespace {

constexpr std::string_view kWeight = ".weight";

bool ends_so(std::string_view name, const std::vector<std::string>& ends) {
  return std::any_of(ends.begin(), ends.end(), [&](const auto& end) { return name.ends_with(end); });
}

void rename(TensorName& name, const ClassFacts& facts) {
  for (const auto& [from, to] : facts.rename) {
    const auto at = name.text().find(from);
    if (at != std::string::npos) return name.replace(at, from.size(), TensorName::of_pattern(to));
  }
}

/// Ends of the last component of what widens, narrows or projects, whatever its role.
constexpr std::array<std::string_view, 6> kNoTables{"proj",   "project",    "projection",
                                                    "linear", "mapping_in", "project_in"};

bool is_table(const Tensor& tensor, std::string_view path) {
  if (tensor.role.kind == RoleKind::head) return false;
  if (std::any_of(kNoTables.begin(), kNoTables.end(), [&](auto end) { return path.ends_with(end); })) return false;
  if (tensor.role.kind == RoleKind::embedding || tensor.role.kind == RoleKind::position) return true;
  return path.substr(path.rfind('.') + 1).find("embed") != std::string_view::npos;
}

Holder holder_of(const Tensor& tensor, const ClassFacts& facts) {
  const auto dimensions = tensor.shape.size();
  const std::string_view name = tensor.name.text();
  const bool weight = name.ends_with(kWeight) && tensor.role.suffix != RoleSuffix::state;
  if (!weight || dimensions < 2 || tensor.role.kind == RoleKind::norm || ends_so(name, facts.parameters)) {
    return Holder::parameter;
  }
  if (dimensions > 2) return tensor.role.kind == RoleKind::expert ? Holder::parameter : Holder::convolution;
  return is_table(tensor, name.substr(0, name.size() - kWeight.size())) ? Holder::embedding : Holder::linear;
}

/// The part whose end the folded name has, and of which fusion.
const ClassFacts::Fusion* fusion_of(const std::string& key, const ClassFacts& facts, std::string_view& part) {
  for (const auto& fusion : facts.fused) {
    for (const auto& end : fusion.parts) {
      if (!key.ends_with(end)) continue;
      part = end;
      return &fusion;
    }
  }
  return nullptr;
}

class Builder {
 public:
  explicit Builder(const ClassFacts& facts) : facts_(facts) {}

  void add(Tensor tensor, bool tied) {
    rename(tensor.name, facts_);
    std::string_view part;
    const auto key = fold_pattern(tensor.name, tensor.axes).key;
    if (const auto* fusion = fusion_of(key, facts_, part); fusion != nullptr && tensor.shape.size() == 2) {
      fuse(std::move(tensor), *fusion, part);
      return;
    }
    ClassParameter made;
    made.holder = holder_of(tensor, facts_);
    made.transposed = ends_so(tensor.name.text(), facts_.transposed);
    made.tied = tied;
    made.tensor = std::move(tensor);
    out_.push_back(std::move(made));
  }

  std::vector<ClassParameter> take() { return std::move(out_); }

 private:
  /// Adds the rows of one part to the parameter that holds all of them.
  void fuse(Tensor tensor, const ClassFacts::Fusion& fusion, std::string_view part) {
    std::size_t cut = tensor.name.text().size();
    for (auto dots = std::count(part.begin(), part.end(), '.') + 1; dots > 0; --dots) {
      cut = tensor.name.text().rfind('.', cut - 1);
    }
    // The indices of what is cut off are the last ones; the experts are one of them.
    TensorName kept = tensor.name.cut(cut + 1);
    std::uint64_t experts = 1;
    for (auto i = tensor.name.indices().size() - kept.indices().size(); i > 0; --i) {
      experts = checked_mul(experts, tensor.axes.back().size());
      tensor.axes.pop_back();
    }
    kept.add(fusion.whole);
    tensor.name = std::move(kept);
    tensor.copies /= experts;
    if (tensor.layer_axis >= static_cast<int>(tensor.axes.size())) tensor.layer_axis = -1;
    std::string place = tensor.name.text();
    for (const auto& axis : tensor.axes) {
      for (const auto& range : axis.ranges) {
        place += ' ' + std::to_string(range.first) + '-' + std::to_string(range.last);
      }
    }
    const auto [slot, fresh] = fused_.emplace(place, out_.size());
    if (fresh) {
      tensor.shape.insert(tensor.shape.begin(), experts);
      out_.push_back({std::move(tensor), Holder::parameter, false, false});
      return;
    }
    auto& rows = out_[slot->second].tensor.shape[1];
    rows = checked_add(rows, tensor.shape[0]);
  }

  const ClassFacts& facts_;
  std::vector<ClassParameter> out_;
  std::map<std::string, std::size_t> fused_;  ///< by name and indices
};

}  // namespace

TensorName ClassParameter::path() const {
  return holder == Holder::parameter ? tensor.name : tensor.name.cut(tensor.name.text().size() - kWeight.size());
}

std::vector<ClassParameter> class_parameters(const Inventory& inventory, const ClassFacts& facts,
                                             const std::vector<Tensor>& head) {
  Builder builder(facts);
  for (const auto& tensor : inventory.tensors) {
    if (tensor.counts()) builder.add(tensor, false);
  }
  for (const auto& tensor : head) builder.add(tensor, true);
  return builder.take();
}

}  // namespace paramcount
