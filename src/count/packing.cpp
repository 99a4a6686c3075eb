#include "count/packing.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "count/graph_weights.hpp"
#include "count/packed_weights.hpp"
#include "count/partners.hpp"
#include "count/respelling.hpp"
#include "paramcount/base/checked.hpp"

namespace paramcount {
namespace {

/// How bitsandbytes calls its 4-bit formats at the end of a tensor's name.
constexpr std::array<std::pair<std::string_view, std::string_view>, 2> kQuantStates{
    {{".quant_state.bitsandbytes__nf4", "nf4 (bitsandbytes)"},
     {".quant_state.bitsandbytes__fp4", "fp4 (bitsandbytes)"}}};
/// Companions of an fp8 or fp4 weight, by what follows its name.
constexpr std::array<std::string_view, 3> kScalesOfWeight{"_scale_inv", "_scale", "_scale_2"};
/// Its companions, by what follows its module's name; one with a single element is a scale of anything: a cache,
/// activations.
constexpr std::array<std::string_view, 10> kScalesOfModule{
    "input_scale", "output_scale", "k_scale",    "v_scale",           "q_scale",
    "p_scale",     "kv_scale",     "prob_scale", "prob_output_scale", "scale"};
/// Ends of names that only quantisers give to scales, and to zero points: compressed-tensors, ModelOpt, Mistral's fp8,
/// torchao, Quanto, AutoRound, FBGEMM, EETQ (their own code).
constexpr std::array<std::string_view, 25> kScaleNames{"weight_scale",
                                                       "weight_scales",
                                                       "weight_scale_inv",
                                                       "weight_scale_2",
                                                       "weight_global_scale",
                                                       "input_global_scale",
                                                       "input_scale_inv",
                                                       "input_scale_ub",
                                                       "activation_scale",
                                                       "activation_scale_ub",
                                                       "act_scale",
                                                       "act_scales",
                                                       "act_global_scale",
                                                       "act_max",
                                                       "pre_quant_scale",
                                                       "qscale_weight",
                                                       "qscale_act",
                                                       "_weight_scale",
                                                       "_weight_scale_and_zero",
                                                       "_weight_per_tensor_scale",
                                                       "_per_tensor_scale",
                                                       "_weight_act_pre_scale",
                                                       "_act_pre_scale",
                                                       "weight._scale",
                                                       "w_bf16_to_fp8_scale"};
constexpr std::array<std::string_view, 4> kZeroNames{"weight_zero_point", "input_zero_point", "_weight_zero_point",
                                                     "weight._shift"};
/// How weights of one element each are called by writers that do not leave them their name.
constexpr std::array<std::string_view, 2> kDataNames{"._weight_qdata", ".weight._data"};
/// Of the bytes of all tensors, the share above which integers count as weights: a fiftieth.
constexpr std::uint64_t kSmallShare = 50;
/// As many integers in a module without weights may be counters and settings.
constexpr std::uint64_t kFewIntegers = 16;

/// Number formats of safetensors under the names the rest of the program uses.
constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kFormatNames{{{"F64", "fp64"},
                                                                                     {"F32", "fp32"},
                                                                                     {"F16", "fp16"},
                                                                                     {"BF16", "bf16"},
                                                                                     {"F8_E4M3", "fp8-e4m3"},
                                                                                     {"F8_E5M2", "fp8-e5m2"},
                                                                                     {"f64", "fp64"},
                                                                                     {"f32", "fp32"},
                                                                                     {"f16", "fp16"}}};

bool is_float(std::string_view dtype) { return dtype.starts_with("F") || dtype == "BF16" || dtype == "C64"; }
bool is_narrow_float(std::string_view dtype) {
  return dtype.starts_with("F8_") || dtype.starts_with("F4") || dtype.starts_with("F6");
}

class Unpacking {
 public:
  explicit Unpacking(const Checkpoint& checkpoint)
      : tensors_(checkpoint.tensors), out_(grouped_weights(checkpoint)), partners_(out_) {
    taken_.resize(out_.groups.size());
    for (const auto& tensor : tensors_) {
      bytes_ += tensor.bytes;
      integers_ = integers_ || tensor.dtype.front() == 'U' || tensor.dtype.front() == 'I';
    }
  }

  StoredWeights run(const NameLookup& names) {
    if (integers_ && names.packed_formats) unpack_known(out_, partners_, names.packed_formats(), taken_);
    for (std::size_t i = 0; i < out_.groups.size(); ++i) bitsandbytes(i);
    for (std::size_t i = 0; i < out_.groups.size(); ++i) scaled(i);
    for (std::size_t i = 0; i < out_.groups.size(); ++i) named_scale(i);
    for (std::size_t i = 0; i < out_.groups.size(); ++i) plain(i);
    for (std::size_t i = 0; i < out_.groups.size(); ++i) lone(i);
    return std::move(out_);
  }

 private:
  static StoredWeights grouped_weights(const Checkpoint& checkpoint) {
    StoredWeights result;
    result.checkpoint = &checkpoint;
    for (auto& names : group_names(checkpoint.tensors)) {
      result.groups.push_back({.names = std::move(names)});
    }
    return result;
  }

  const std::string& key_of(std::size_t group) const { return out_.groups[group].names.key; }
  const StoredTensor& first_of(std::size_t group) const { return tensors_[out_.groups[group].names.members.front()]; }

  std::optional<std::size_t> find(const std::string& key) const { return partners_.find(key); }

  void mark(std::size_t group, StoredPart part, std::string format = {}) {
    out_.groups[group].part = part;
    out_.groups[group].format = std::move(format);
    taken_[group] = true;
  }

  /// Two weights in a byte, in a column; what else there is hangs on the weight's name. Their shape stands in the
  /// data, which is not read.
  void bitsandbytes(std::size_t i) {
    const std::string& key = key_of(i);
    if (taken_[i] || first_of(i).dtype != "U8" || !key.ends_with("weight")) return;
    for (const auto& [state, format] : kQuantStates) {
      const auto described = find(key + std::string(state));
      if (!described) continue;
      const NameGroup names = out_.groups[i].names;
      for (std::size_t m = 0; m < names.members.size(); ++m) {
        const auto& packed = tensors_[names.members[m]];
        if (packed.dtype != "U8" || partners_.partner(described, names, m) == nullptr)
          return mark(i, StoredPart::unknown);
        out_.set_logical(names.members[m], {{}, checked_mul(packed.elements, 2)});
      }
      mark(*described, StoredPart::table);
      for (const std::string_view scale : {".absmax", ".nested_absmax"}) {
        if (const auto group = find(key + std::string(scale))) mark(*group, StoredPart::scale);
      }
      for (const std::string_view table : {".quant_map", ".nested_quant_map"}) {
        if (const auto group = find(key + std::string(table))) mark(*group, StoredPart::table);
      }
      mark(i, StoredPart::weight, std::string(format));
      return;
    }
  }

  /// Weights one element each, with scales: fp8 in blocks, and LLM.int8()'s rows.
  void scaled(std::size_t i) {
    if (taken_[i]) return;
    const auto& first = first_of(i);
    const std::string key = key_of(i);
    if (first.dtype == "F8_E8M0") {
      // Powers of two: a format of scales only.
      mark(i, StoredPart::scale);
      return;
    }
    const auto dot = key.rfind('.');
    const std::string module = dot == std::string::npos ? "" : key.substr(0, dot + 1);
    const auto& members = out_.groups[i].names.members;
    if (std::ranges::any_of(members, [&](auto m) { return is_narrow_float(tensors_[m].dtype); })) {
      for (const auto ending : kScalesOfWeight) take_scale(key + std::string(ending));
      for (const auto name : kScalesOfModule) take_scale(module + std::string(name));
      for (const auto ending : kDataNames) {
        if (const auto base = before(key, std::string(ending.substr(1)))) out_.groups[i].names.key = *base + "weight";
      }
    } else if (first.dtype == "I8" && key.ends_with("weight")) {
      eight_bits(i, module);
    }
  }

  /// Integers of eight bits with a scale for each row, or one: LLM.int8(), W8A8 of compressed-tensors and Quark, EETQ,
  /// which lays them turned.
  void eight_bits(std::size_t i, const std::string& module) {
    const auto& members = out_.groups[i].names.members;
    if (const auto rows = find(module + "SCB")) {
      mark(*rows, StoredPart::scale);
      if (const auto layout = find(module + "weight_format")) mark(*layout, StoredPart::table);
      mark(i, StoredPart::weight, "int8 (bitsandbytes)");
      return;
    }
    const auto turned = find(module + "weight_scales");
    const auto scales = turned ? turned : find(module + "weight_scale");
    if (!scales || !is_float(first_of(*scales).dtype)) return;
    const NameGroup& names = out_.groups[i].names;
    for (std::size_t m = 0; m < members.size(); ++m) {
      const auto& weight = tensors_[members[m]];
      const auto* scale = partners_.partner(scales, names, m);
      if (weight.dtype != "I8" || weight.shape.size() != 2 || scale == nullptr || scale->dtype == "F8_E8M0") return;
      if (scale->elements != 1 && scale->elements != weight.shape[turned ? 1 : 0]) return;
    }
    for (const auto member : members) {
      const auto& weight = tensors_[member];
      if (turned) out_.set_logical(member, {{weight.shape[1], weight.shape[0]}, weight.elements});
    }
    mark(*scales, StoredPart::scale);
    mark(i, StoredPart::weight, "int8");
  }

  void take_scale(const std::string& key) {
    const auto group = find(key);
    if (group && !taken_[*group] && (is_float(first_of(*group).dtype) || first_of(*group).dtype == "U8")) {
      mark(*group, StoredPart::scale);
    }
  }

  /// Scales and zero points that their name alone identifies.
  void named_scale(std::size_t i) {
    if (taken_[i]) return;
    const std::string& key = key_of(i);
    const auto ends = [&](const auto& names) {
      return std::ranges::any_of(names, [&](auto name) { return before(key, std::string(name)).has_value(); });
    };
    if (ends(kZeroNames)) return mark(i, StoredPart::zero);
    const auto& members = out_.groups[i].names.members;
    const bool single = std::ranges::all_of(members, [&](auto m) { return tensors_[m].elements == 1; });
    const bool of_module = single && key != "scale" && !key.ends_with(".scale") && ends(kScalesOfModule);
    if (ends(kScaleNames) || of_module) mark(i, StoredPart::scale);
  }

  /// What no packing claimed: floats are weights; integers are none when they are few, and of a kind that never is.
  void plain(std::size_t i) {
    if (taken_[i]) return;
    auto& group = out_.groups[i];
    bool integers = false;
    bool harmless = true;
    std::uint64_t bytes = 0;
    for (const auto member : group.names.members) {
      const auto& tensor = tensors_[member];
      if (!is_integer(tensor)) continue;
      integers = true;
      bytes += tensor.bytes;
      const bool never = tensor.dtype == "I64" || tensor.dtype == "BOOL";
      const bool few = tensor.shape.size() < 2 && !tensor.name.ends_with("weight");
      harmless = harmless && ((never || few) || looks_like_mask(group.names.key, tensor.shape));
    }
    if (!integers) return;
    const bool mask = std::ranges::all_of(group.names.members,
                                          [&](auto m) { return looks_like_mask(group.names.key, tensors_[m].shape); });
    harmless = harmless && (mask || bytes <= bytes_ / kSmallShare);
    group.part = harmless ? StoredPart::integer : StoredPart::unknown;
    for (const auto member : group.names.members) {
      if (!is_integer(tensors_[member])) group.part = StoredPart::unknown;
    }
  }

  /// Integers where a module has no weight otherwise may be its weights.
  void lone(std::size_t i) {
    auto& group = out_.groups[i];
    if (group.part != StoredPart::integer || first_of(i).elements <= kFewIntegers ||
        looks_like_mask(group.names.key, first_of(i).shape)) {
      return;
    }
    const auto dot = group.names.key.rfind('.');
    if (dot == std::string::npos) return;
    const std::string module = group.names.key.substr(0, dot + 1);
    const auto& all = partners_.all();
    for (auto at = all.lower_bound(module); at != all.end() && at->first.starts_with(module); ++at) {
      const auto part = out_.groups[at->second].part;
      const bool weight = part == StoredPart::weight && first_of(at->second).shape.size() > 1;
      if (weight || part == StoredPart::unknown) return;
    }
    group.part = StoredPart::unknown;
  }

  const std::vector<StoredTensor>& tensors_;
  StoredWeights out_;
  Partners partners_;
  std::vector<bool> taken_;
  std::uint64_t bytes_{0};  ///< of all tensors
  bool integers_{false};    ///< whether any holds some, as some tensor of every packed format does
};

}  // namespace

const std::vector<std::uint64_t>& StoredWeights::shape(std::uint32_t tensor) const {
  return is_packed(tensor) ? logical[logical_of[tensor] - 1].shape : stored(tensor).shape;
}

std::uint64_t StoredWeights::elements(std::uint32_t tensor) const {
  return is_packed(tensor) ? logical[logical_of[tensor] - 1].elements : stored(tensor).elements;
}

void StoredWeights::set_logical(std::uint32_t tensor, LogicalShape weights) {
  if (logical_of.empty()) logical_of.resize(checkpoint->tensors.size());
  logical.push_back(std::move(weights));
  logical_of[tensor] = static_cast<std::uint32_t>(logical.size());
}

bool is_integer(const StoredTensor& tensor) {
  // HQQ can write the words of its integers as floats.
  return !is_float(tensor.dtype) || tensor.name.ends_with(".W_q");
}

std::string format_name(std::string_view dtype) {
  for (const auto& [stored, name] : kFormatNames) {
    if (stored == dtype) return std::string(name);
  }
  return lower(dtype);
}

bool looks_like_mask(std::string_view key, const std::vector<std::uint64_t>& shape) {
  return shape.size() == 4 && shape[0] == 1 && shape[1] == 1 && shape[2] == shape[3] && shape[2] > 1 &&
         (key.ends_with("bias") || key.ends_with("mask"));
}

std::string known_buffer(const StoredWeights& stored, std::size_t group, const Spellings& spellings) {
  const NameGroup& names = stored.groups[group].names;
  for (const auto& [ending, what] : spellings.buffers) {
    if (before(names.key, ending)) return what;
  }
  const bool masks = std::ranges::all_of(
      names.members, [&](std::uint32_t member) { return looks_like_mask(names.key, stored.stored(member).shape); });
  if (masks) return "attention mask";
  return stored.groups[group].part == StoredPart::integer ? "integers" : "";
}

bool is_bias_of_gptq(const StoredWeights& stored, const std::string& key) {
  const auto module = before(key, "bias");
  return module && std::ranges::any_of(stored.groups, [&](const auto& group) {
           return group.format.ends_with("(gptq)") && group.names.key == *module + "weight";
         });
}

StoredWeights unpack_checkpoint(const Checkpoint& checkpoint, const NameLookup& names) {
  if (checkpoint.format == CheckpointFormat::onnx) return graph_weights(checkpoint);
  if (checkpoint.format != CheckpointFormat::gguf) return Unpacking(checkpoint).run(names);
  // Block types of GGUF files say themselves how many weights they hold.
  StoredWeights plain;
  plain.checkpoint = &checkpoint;
  for (auto& group : group_names(checkpoint.tensors)) {
    const bool integers = checkpoint.tensors[group.members.front()].dtype.starts_with('i') &&
                          !checkpoint.tensors[group.members.front()].dtype.starts_with("iq");
    plain.groups.push_back({.names = std::move(group), .part = integers ? StoredPart::integer : StoredPart::weight});
  }
  return plain;
}

}  // namespace paramcount
