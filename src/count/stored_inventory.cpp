#include "count/stored_inventory.hpp"

#include <algorithm>
#include <map>

#include "base/folded_name.hpp"
#include "count/gguf_metadata.hpp"
#include "count/gguf_mtp.hpp"
#include "count/gguf_roles.hpp"
#include "count/stored_shares.hpp"
#include "paramcount/base/checked.hpp"
#include "read/shards.hpp"

namespace paramcount {
namespace {

/// What members of a group are, whoever said so.
struct Meaning {
  Role role{RoleKind::other, RoleSuffix::none};
  std::vector<std::string> indices;  ///< names of the numbers, as far as known
  std::string layer;                 ///< the index that counts layers; empty: none
  bool mtp{false};
  std::uint64_t active_numerator{1}, active_denominator{1};
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

/// Under the names that the catalog has for the numbers, where it has one for each.
Meaning meaning_of(const NamedRole& named, std::size_t arity) {
  Meaning meaning;
  meaning.role = named.role;
  if (named.indices.size() == arity) meaning.indices = named.indices;
  if (std::find(meaning.indices.begin(), meaning.indices.end(), "layer") != meaning.indices.end()) {
    meaning.layer = "layer";
  }
  return meaning;
}

class Builder {
 public:
  Builder(const StoredWeights& stored, const NameLookup& names, Inventory& out)
      : stored_(stored), names_(names), out_(out) {
    const auto& checkpoint = *stored.checkpoint;
    summary_.format = checkpoint.format;
    summary_.files = checkpoint.files.size();
    summary_.tensors = checkpoint.tensors.size();
    summary_.by_family = stored.by_family;
    summary_.by_family_first = stored.by_family_first;
    summary_.header_bytes = checkpoint.header_bytes;
    summary_.file_bytes = checkpoint.file_bytes;
    if (const auto shard = shard_of(checkpoint.path); shard && shard->count > summary_.files) {
      summary_.shard = shard->number;
      summary_.shards = shard->count;
    }
    if (is_gguf()) read_metadata();
    out_.tensors.clear();
    // The file shows what is scaled; the config need not say.
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
      std::vector<std::string> indices = meaning.indices;
      while (indices.size() < group.names.arity) indices.push_back("n" + std::to_string(indices.size() + 1));
      indices.resize(group.names.arity);
      for (auto& axes : axes_of(group.names.numbers_of(same), same.size(), indices)) {
        out_.tensors.push_back(tensor_of(group.names, std::move(axes), shape, meaning));
      }
    }
  }

  /// Under the role that their name speaks of.
  void add_by_name(std::size_t g, const std::vector<std::uint32_t>& members) {
    const NameGroup& group = stored_.groups[g].names;
    if (!is_gguf()) {
      const auto named = names_.role_of ? names_.role_of(group.key) : std::nullopt;
      add(g, members, named ? meaning_of(*named, group.arity) : Meaning{});
      return;
    }
    Meaning meaning = meaning_of(role_of_gguf_name(group.key), group.arity);
    if (meaning.role.kind == RoleKind::expert && used_experts_ > 0 && used_experts_ <= experts_) {
      meaning.active_numerator = used_experts_;
      meaning.active_denominator = experts_;
    }
    std::vector<std::uint32_t> mtp;
    std::vector<std::uint32_t> rest;
    for (const auto m : members) {
      (group.arity > 0 && group.numbers_of(m)[0] >= mtp_from_ ? mtp : rest).push_back(m);
    }
    add(g, rest, meaning);
    meaning.mtp = true;
    add(g, mtp, meaning);
  }

  /// Stored, but no parameters of anything.
  void beside(std::size_t g, const std::vector<std::uint32_t>& members, const std::string& what) {
    for (const auto m : members) {
      const auto& tensor = stored_.stored(stored_.groups[g].names.members[m]);
      beside_.add(what, tensor.elements, tensor.bytes);
    }
  }

  /// Biases that may be a quantiser's zeros.
  void doubt(std::size_t g) {
    for (const auto member : stored_.groups[g].names.members) {
      summary_.doubtful_biases = checked_add(summary_.doubtful_biases, stored_.elements(member));
    }
  }

  void quantisers(std::size_t g) {
    const auto& group = stored_.groups[g];
    const std::string what = group.part == StoredPart::scale   ? "scales"
                             : group.part == StoredPart::zero  ? "zero points"
                             : group.part == StoredPart::order ? "group indices"
                             : group.part == StoredPart::rest  ? "rest of packed weights"
                                                               : "code tables";
    for (const auto member : group.names.members) {
      const auto& tensor = stored_.stored(member);
      beside_.add(what, tensor.elements, tensor.bytes);
      summary_.together.bytes += Bytes{tensor.bytes};
      if (group.part == StoredPart::scale) summary_.scales = checked_add(summary_.scales, tensor.elements);
    }
  }

  StoredSummary finish() {
    summary_.weights = weights_.take();
    summary_.beside = beside_.take();
    auto& together = summary_.together;
    for (const auto& share : summary_.weights) {
      together.elements = checked_add(together.elements, share.elements);
      together.bytes += share.bytes;
    }
    for (const auto* shares : {&summary_.weights, &summary_.beside}) {
      for (const auto& share : *shares) {
        summary_.all.tensors += share.tensors;
        summary_.all.elements = checked_add(summary_.all.elements, share.elements);
        summary_.all.bytes += share.bytes;
      }
    }
    for (const auto& tensor : out_.tensors) {
      if (tensor.role.kind == RoleKind::other) {
        summary_.unnamed = checked_add(summary_.unnamed, tensor.params().value);
      }
    }
    return std::move(summary_);
  }

  StoredSummary& summary() { return summary_; }
  [[nodiscard]] bool is_gguf() const { return summary_.format == CheckpointFormat::gguf; }

 private:
  void read_metadata() {
    const auto& checkpoint = *stored_.checkpoint;
    summary_.architecture = checkpoint.metadata.text("general.architecture");
    summary_.tokenizer = checkpoint.metadata.text("tokenizer.ggml.model");
    const auto* number = checkpoint.metadata.find<std::int64_t>("general.file_type");
    if (number != nullptr && *number >= 0 && names_.file_type) {
      summary_.file_type = names_.file_type(static_cast<std::uint64_t>(*number));
    }
    summary_.vocabulary = metadata_length(checkpoint, "tokenizer.ggml.tokens");
    const auto count = [&](std::string_view key) { return metadata_count(checkpoint, summary_.architecture, key); };
    experts_ = count("expert_count");
    used_experts_ = count("expert_used_count");
    mtp_from_ = mtp_blocks(checkpoint).first;
  }

  /// Of weights whose shape is not stored, their number, in the room given for it.
  const std::vector<std::uint64_t>& shape_of(std::uint32_t tensor, std::vector<std::uint64_t>& number) const {
    const auto& shape = stored_.shape(tensor);
    if (!stored_.is_packed(tensor) || !shape.empty()) return shape;
    number = {stored_.elements(tensor)};
    return number;
  }

  void count_weight(const StoredWeights::Group& group, std::uint32_t tensor) {
    const auto& stored = stored_.stored(tensor);
    std::string format = stored_.format(tensor);
    // A float among packed ones is none of them.
    if (format.empty() && !group.format.empty() && (stored_.is_packed(tensor) || is_integer(stored))) {
      format = group.format;
    }
    if (format.empty() && stored.dtype != dtype_) {
      dtype_ = stored.dtype;
      dtype_name_ = format_name(dtype_);
    }
    weights_.add(format.empty() ? dtype_name_ : format, stored_.elements(tensor), stored.bytes);
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
    const std::string_view key = names.key;
    for (std::size_t at = 0; at < key.size(); ++at) {
      const auto literal = key.substr(at, key.find(kNumber, at) - at);
      tensor.name.add(literal);
      at += literal.size();
      if (at == key.size() || axis == axes.size()) break;
      // A number of the pattern itself stays one.
      Axis& own = axes[axis++];
      if (own.index.empty() && own.size() == 1) {
        tensor.name.add(std::to_string(own.ranges.front().first));
        continue;
      }
      if (own.index.empty()) own.index = "n" + std::to_string(axis);
      tensor.name.add_index(own.index);
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
  const NameLookup& names_;
  Inventory& out_;
  StoredSummary summary_;
  // Of a GGUF, by its metadata.
  std::uint64_t experts_{0}, used_experts_{0};
  std::uint64_t mtp_from_{UINT64_MAX};  ///< the first block of multi-token prediction
  StoredShares weights_, beside_;
  std::string_view dtype_;  ///< of the last weight that was counted
  std::string dtype_name_;  ///< as pages say it
};

bool is_quantiser(StoredPart part) { return !may_be_weight(part); }

/// All groups, without a family: roles by names, as far as they say.
void add_by_names(Builder& builder, const StoredWeights& stored, const NameLookup& names) {
  const Spellings spellings = names.spellings ? names.spellings() : Spellings{};
  for (std::size_t g = 0; g < stored.groups.size(); ++g) {
    if (is_quantiser(stored.groups[g].part)) {
      builder.quantisers(g);
    } else if (const std::string known = known_buffer(stored, g, spellings); !known.empty()) {
      builder.beside(g, stored.groups[g].names.all(), known);
    } else {
      builder.add_by_name(g, stored.groups[g].names.all());
      if (is_bias_of_gptq(stored, stored.groups[g].names.key)) builder.doubt(g);
    }
  }
}

/// What blocks of multi-token prediction cache: by the shapes of their tensors, whatever the family.
void separate_mtp(const Checkpoint& checkpoint, Inventory& out, GgufInventory& gguf) {
  const MtpBlocks mtp = mtp_blocks(checkpoint);
  if (!mtp.stored) return;
  if (out.dim("n_mtp") == nullptr) out.dims.emplace_back("n_mtp", static_cast<std::int64_t>(mtp.count));
  gguf.blocks = mtp.first + mtp.count;
  out.draft_state = mtp_state(out.tensors, metadata_count(checkpoint, gguf.arch, "attention.head_count_kv"));
}

}  // namespace

Inventory stored_inventory(const StoredWeights& stored, Explanation explanation, const NameLookup& names) {
  const Matching& matching = explanation.matching;
  Inventory out = explanation.family;
  Builder builder(stored, names, out);
  for (const auto& found : matching.matches) {
    const Tensor& expected = explanation.family.tensors[found.expected];
    builder.add(found.group, found.members, meaning_of(expected, matching.patterns[found.expected]));
  }
  for (const auto& left : matching.unmatched) {
    if (left.mtp && builder.is_gguf()) {
      builder.add_by_name(left.group, left.members);
    } else if (left.mtp) {
      Meaning meaning;
      meaning.mtp = true;
      builder.add(left.group, left.members, meaning);
    } else if (!left.known.empty()) {
      builder.beside(left.group, left.members, left.known);
    } else if (builder.is_gguf()) {
      builder.add_by_name(left.group, left.members);
    } else {
      builder.add(left.group, left.members, Meaning{});
    }
  }
  for (std::size_t g = 0; g < stored.groups.size(); ++g) {
    if (is_quantiser(stored.groups[g].part)) builder.quantisers(g);
  }
  auto& summary = builder.summary();
  if (summary.tensors > 0) {
    summary.missing = missing_tensors(explanation.verification);
    summary.unexpected = unexpected_tensors(explanation.verification);
    summary.difference = difference_text(explanation.verification);
  }
  summary.rivals = std::move(explanation.rivals);
  summary.layers = std::move(explanation.layers);
  if (explanation.gguf) {
    explanation.gguf->arch = summary.architecture;
    explanation.gguf->tensors = out.tensors;
    separate_mtp(*stored.checkpoint, out, *explanation.gguf);
    out.gguf = std::make_shared<GgufInventory>(std::move(*explanation.gguf));
  }
  out.stored = std::make_shared<StoredSummary>(builder.finish());
  return out;
}

Inventory stored_inventory(const StoredWeights& stored, const std::string& unexplained, const NameLookup& names) {
  Inventory out;
  Builder builder(stored, names, out);
  builder.summary().unexplained = unexplained;
  add_by_names(builder, stored, names);
  if (builder.is_gguf()) {
    const std::string arch = builder.summary().architecture;
    GgufInventory gguf = read_metadata(*stored.checkpoint, arch, out);
    const bool head = std::any_of(out.tensors.begin(), out.tensors.end(),
                                  [](const Tensor& tensor) { return tensor.role.kind == RoleKind::head; });
    out.dims.emplace_back("tied_embeddings", !head);
    gguf.arch = arch;
    gguf.tensors = out.tensors;
    separate_mtp(*stored.checkpoint, out, gguf);
    out.gguf = std::make_shared<GgufInventory>(std::move(gguf));
  } else {
    for (const auto& tensor : out.tensors) {
      if (tensor.layer_axis < 0 || tensor.axes[static_cast<std::size_t>(tensor.layer_axis)].index != "layer") continue;
      const auto& ranges = tensor.axes[static_cast<std::size_t>(tensor.layer_axis)].ranges;
      out.layer_count = std::max(out.layer_count, ranges.back().last + 1);
    }
  }
  out.stored = std::make_shared<StoredSummary>(builder.finish());
  return out;
}

Inventory stored_inventory(const StoredWeights& stored, const NameLookup& names) {
  Inventory out;
  Builder builder(stored, names, out);
  add_by_names(builder, stored, names);
  out.state_known = false;
  out.stored = std::make_shared<StoredSummary>(builder.finish());
  return out;
}

double StoredSummary::Share::bits() const {
  return elements > 0 ? 8.0 * static_cast<double>(bytes.value) / static_cast<double>(elements) : 0;
}

}  // namespace paramcount
