#include "count/stored_inventory.hpp"

#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "paramcount/base/checked.hpp"

namespace paramcount {
namespace {

class Shares {
 public:
  void add(const std::string& name, std::uint64_t elements, std::uint64_t bytes) {
    // The next tensor usually has the format of the one before.
    if (last_ == nullptr || last_->name != name) {
      last_ = &shares_[name];
      last_->name = name;
    }
    ++last_->tensors;
    last_->elements = checked_add(last_->elements, elements);
    last_->bytes += Bytes{bytes};
  }

  [[nodiscard]] std::vector<StoredSummary::Share> take() const {
    std::vector<StoredSummary::Share> result;
    for (const auto& [name, share] : shares_) result.push_back(share);
    std::stable_sort(result.begin(), result.end(), [](const auto& a, const auto& b) { return a.bytes > b.bytes; });
    return result;
  }

 private:
  std::map<std::string, StoredSummary::Share> shares_;
  StoredSummary::Share* last_{nullptr};
};

/// What members of a group are, whoever said so.
struct Meaning {
  Role role{RoleKind::other, RoleSuffix::none};
  std::vector<std::string> indices;  ///< names of the numbers, as far as known
  std::string layer;                 ///< the index that counts layers; empty: none
  bool mtp{false};
  std::uint64_t active_numerator{1}, active_denominator{1};
};

class Builder {
 public:
  Builder(const StoredWeights& stored, Inventory& out) : stored_(stored), out_(out) {
    const auto& checkpoint = *stored.checkpoint;
    summary_.format = checkpoint.format;
    summary_.files = checkpoint.files.size();
    summary_.tensors = checkpoint.tensors.size();
    summary_.header_bytes = checkpoint.header_bytes;
    summary_.file_bytes = checkpoint.file_bytes;
    out_.tensors.clear();
    // What is scaled stands in the file; the config need not say.
    out_.scale_rows = out_.scale_columns = 0;
  }

  /// The members as tensors of the inventory, equal ones folded.
  void add(std::size_t g, const std::vector<std::uint32_t>& members, const Meaning& meaning) {
    const auto& group = stored_.groups[g];
    std::map<std::vector<std::uint64_t>, std::vector<std::uint32_t>> by_shape;
    auto last = by_shape.end();
    std::vector<std::uint64_t> number;
    for (const auto m : members) {
      const auto tensor = group.names.members[m];
      const auto& shape = shape_of(tensor, number);
      if (last == by_shape.end() || last->first != shape) last = by_shape.try_emplace(shape).first;
      last->second.push_back(m);
      if (meaning.role.is_buffer()) {
        beside_.add("buffers", stored_.elements(tensor), stored_.stored(tensor).bytes);
      } else {
        count_weight(group, tensor);
      }
    }
    for (const auto& [shape, same] : by_shape) {
      std::vector<std::uint32_t> numbers;
      numbers.reserve(same.size() * group.names.arity);
      for (const auto m : same) {
        numbers.insert(numbers.end(), group.names.numbers_of(m), group.names.numbers_of(m) + group.names.arity);
      }
      std::vector<std::string> indices = meaning.indices;
      while (indices.size() < group.names.arity) indices.push_back("n" + std::to_string(indices.size() + 1));
      indices.resize(group.names.arity);
      for (auto& axes : axes_of(std::move(numbers), same.size(), indices)) {
        out_.tensors.push_back(tensor_of(group.names, std::move(axes), shape, meaning));
      }
    }
  }

  void add_all(std::size_t g, const Meaning& meaning) {
    std::vector<std::uint32_t> members(stored_.groups[g].names.members.size());
    for (std::size_t m = 0; m < members.size(); ++m) members[m] = static_cast<std::uint32_t>(m);
    add(g, members, meaning);
  }

  /// Stored, but no parameters of anything.
  void beside(std::size_t g, const std::vector<std::uint32_t>& members, const std::string& what) {
    for (const auto m : members) {
      const auto& tensor = stored_.stored(stored_.groups[g].names.members[m]);
      beside_.add(what, tensor.elements, tensor.bytes);
    }
  }

  void quantisers(std::size_t g) {
    const auto& group = stored_.groups[g];
    const std::string what = group.part == StoredPart::scale   ? "scales"
                             : group.part == StoredPart::zero  ? "zero points"
                             : group.part == StoredPart::order ? "group indices"
                                                               : "code tables";
    for (const auto member : group.names.members) {
      const auto& tensor = stored_.stored(member);
      beside_.add(what, tensor.elements, tensor.bytes);
      summary_.bytes += Bytes{tensor.bytes};
      if (group.part == StoredPart::scale) summary_.scales = checked_add(summary_.scales, tensor.elements);
    }
  }

  StoredSummary finish() {
    summary_.weights = weights_.take();
    summary_.beside = beside_.take();
    std::uint64_t elements = 0;
    for (const auto& share : summary_.weights) {
      elements = checked_add(elements, share.elements);
      summary_.bytes += share.bytes;
    }
    if (elements > 0) {
      summary_.bits_per_weight = 8.0 * static_cast<double>(summary_.bytes.value) / static_cast<double>(elements);
    }
    for (const auto& tensor : out_.tensors) {
      if (tensor.role.kind == RoleKind::other) {
        summary_.unnamed = checked_add(summary_.unnamed, tensor.params().value);
      }
    }
    return std::move(summary_);
  }

  StoredSummary& summary() { return summary_; }

 private:
  /// Of weights whose shape is not stored, their number, in the room given for it.
  const std::vector<std::uint64_t>& shape_of(std::uint32_t tensor, std::vector<std::uint64_t>& number) const {
    const auto& shape = stored_.shape(tensor);
    if (!stored_.is_packed(tensor) || !shape.empty()) return shape;
    number = {stored_.elements(tensor)};
    return number;
  }

  void count_weight(const StoredWeights::Group& group, std::uint32_t tensor) {
    const auto& stored = stored_.stored(tensor);
    weights_.add(group.format.empty() ? format_name(stored.dtype) : group.format, stored_.elements(tensor),
                 stored.bytes);
  }

  static Tensor tensor_of(const NameGroup& names, std::vector<Axis> axes, const std::vector<std::uint64_t>& shape,
                          const Meaning& meaning) {
    Tensor tensor;
    tensor.role = meaning.role;
    tensor.shape = shape;
    tensor.mtp = meaning.mtp;
    tensor.active_numerator = meaning.active_numerator;
    tensor.active_denominator = meaning.active_denominator;
    std::size_t axis = 0;
    for (const char c : names.key) {
      if (c != '*' || axis == axes.size()) {
        tensor.name += c;
        continue;
      }
      // A number of the pattern itself stays one.
      Axis& own = axes[axis++];
      if (own.index.empty() && own.size() == 1) {
        tensor.name += std::to_string(own.ranges.front().first);
        continue;
      }
      if (own.index.empty()) own.index = "n" + std::to_string(axis);
      tensor.name += "{" + own.index + "}";
      if (!meaning.layer.empty() && own.index == meaning.layer) {
        tensor.layer_axis = static_cast<int>(tensor.axes.size());
      }
      tensor.copies = checked_mul(tensor.copies, own.size());
      tensor.axes.push_back(std::move(own));
    }
    static_cast<void>(tensor.params());
    return tensor;
  }

  const StoredWeights& stored_;
  Inventory& out_;
  StoredSummary summary_;
  Shares weights_, beside_;
};

Meaning meaning_of(const Tensor& expected, const FoldedPattern& pattern) {
  Meaning meaning;
  meaning.role = expected.role;
  meaning.mtp = expected.mtp;
  meaning.active_numerator = expected.active_numerator;
  meaning.active_denominator = expected.active_denominator;
  for (const auto& axis : pattern.axes) meaning.indices.push_back(axis.index);
  if (expected.layer_axis >= 0) meaning.layer = expected.axes[static_cast<std::size_t>(expected.layer_axis)].index;
  return meaning;
}

/// The names of the indices in a family's pattern, matched from the end: a file may lack or have a prefix.
Meaning meaning_of(const NamedRole& named, std::size_t arity) {
  Meaning meaning;
  meaning.role = named.role;
  std::vector<std::string> indices;
  for (std::size_t open = named.pattern.find('{'); open != std::string::npos;
       open = named.pattern.find('{', open + 1)) {
    indices.push_back(named.pattern.substr(open + 1, named.pattern.find('}', open) - open - 1));
  }
  if (indices.size() == arity) meaning.indices = std::move(indices);
  if (std::find(meaning.indices.begin(), meaning.indices.end(), "layer") != meaning.indices.end()) {
    meaning.layer = "layer";
  }
  return meaning;
}

bool is_quantiser(StoredPart part) { return part != StoredPart::weight && part != StoredPart::integer; }

}  // namespace

Inventory stored_inventory(const Checkpoint& checkpoint, Inventory family, const Spellings& spellings) {
  const StoredWeights stored = unpack_checkpoint(checkpoint);
  const Matching matching = match(stored, family, spellings);
  Inventory out = family;
  Builder builder(stored, out);
  auto& summary = builder.summary();
  for (const auto& found : matching.matches) {
    const Tensor& expected = family.tensors[found.expected];
    builder.add(found.group, found.members, meaning_of(expected, matching.patterns[found.expected]));
    if (!found.fits) summary.unexpected += found.members.size();
  }
  for (const auto& left : matching.unmatched) {
    if (left.mtp) {
      Meaning meaning;
      meaning.mtp = true;
      builder.add(left.group, left.members, meaning);
    } else if (!left.known.empty()) {
      builder.beside(left.group, left.members, left.known);
    } else {
      builder.add(left.group, left.members, Meaning{});
      summary.unexpected += left.members.size();
    }
  }
  for (std::size_t e = 0; e < family.tensors.size(); ++e) {
    const auto& tensor = family.tensors[e];
    if (matching.complete[e] || !tensor.counts()) continue;
    const auto arity = matching.patterns[e].axes.size();
    summary.missing += tensor.copies - (arity == 0 ? 0 : matching.found[e].size() / arity);
  }
  for (const auto& parts : matching.missing_parts) {
    const auto& tensor = family.tensors[parts.expected];
    if (tensor.counts()) summary.missing += parts.count();
  }
  for (std::size_t g = 0; g < stored.groups.size(); ++g) {
    if (is_quantiser(stored.groups[g].part)) builder.quantisers(g);
  }
  summary.explained = true;
  out.stored = std::make_shared<StoredSummary>(builder.finish());
  return out;
}

Inventory stored_inventory(const Checkpoint& checkpoint, const NameLookup& names) {
  const StoredWeights stored = unpack_checkpoint(checkpoint);
  const Spellings spellings = names.spellings ? names.spellings() : Spellings{};
  Inventory out;
  Builder builder(stored, out);
  for (std::size_t g = 0; g < stored.groups.size(); ++g) {
    const auto& group = stored.groups[g];
    if (is_quantiser(group.part)) {
      builder.quantisers(g);
      continue;
    }
    const std::string known = known_buffer(stored, g, spellings);
    if (!known.empty()) {
      std::vector<std::uint32_t> all(group.names.members.size());
      for (std::size_t m = 0; m < all.size(); ++m) all[m] = static_cast<std::uint32_t>(m);
      builder.beside(g, all, known);
      continue;
    }
    const auto named = names.role_of ? names.role_of(group.names.key) : std::nullopt;
    builder.add_all(g, named ? meaning_of(*named, group.names.arity) : Meaning{});
  }
  for (const auto& tensor : out.tensors) {
    if (tensor.layer_axis < 0 || tensor.axes[static_cast<std::size_t>(tensor.layer_axis)].index != "layer") continue;
    const auto& ranges = tensor.axes[static_cast<std::size_t>(tensor.layer_axis)].ranges;
    out.layer_count = std::max(out.layer_count, ranges.back().last + 1);
  }
  out.stored = std::make_shared<StoredSummary>(builder.finish());
  return out;
}

}  // namespace paramcount
