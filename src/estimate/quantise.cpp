// The rules of llama.cpp's quantiser, and of the converter before it, applied tensor by tensor.
#include <algorithm>
#include <array>
#include <map>

#include "base/budgets.hpp"
#include "base/text.hpp"
#include "count/tensor_names.hpp"
#include "paramcount/base/checked.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/count/gguf.hpp"

namespace paramcount {
namespace {

constexpr std::uint64_t kAlignment = 32;  ///< GGUF_DEFAULT_ALIGNMENT

/// Matrices the converter leaves in F32, by parts of their names (conversion/base.py, prepare_tensors).
constexpr std::array<std::string_view, 22> kConverterKeeps{"ffn_gate_inp.weight",  "ffn_gate_inp_shexp.weight",
                                                           "position_embd.weight", "token_types.weight",
                                                           "ssm_conv1d",           "shortconv.conv.weight",
                                                           "time_mix_first",       "time_mix_w1",
                                                           "time_mix_w2",          "time_mix_decay_w1",
                                                           "time_mix_decay_w2",    "time_mix_lerp_fused",
                                                           "time_mix_lerp_",       "altup_correct_coef",
                                                           "altup_predict_coef",   "posnet_norm",
                                                           "ssm_beta_norm",        "ffn_gate_tid2eid",
                                                           "indexer.proj.weight",  "time_mix_a1",
                                                           "time_mix_v1",          "time_mix_g1"};

/// Matrices the quantiser never touches (llama-quant.cpp, tensor_allows_quantization).
constexpr std::array<std::string_view, 16> kQuantiserKeeps{
    "_norm.weight", "ffn_gate_inp.weight",   "ffn_gate_tid2eid",     "altup",
    "laurel",       "per_layer_model_proj",  "position_embd.weight", "token_types.weight",
    "ssm_conv1d",   "shortconv.conv.weight", "indexer.k_proj",       "indexer.q_proj",
    "time_mix_",    "attn_rel_b.weight",     "indexer.attn_k",       "indexer.attn_q"};

/// What llama.cpp calls a 70B: its attn_v gets more bits (src/models/*.cpp).
struct LargeModel {
  std::string_view arch;
  std::uint64_t blocks;
  bool grouped;  ///< only with fewer heads of keys and values than of queries
};
constexpr std::array<LargeModel, 5> kLargeModels{
    {{"llama", 80, true}, {"qwen2", 80, false}, {"deci", 80, false}, {"olmo", 80, false}, {"jais2", 68, false}}};

template <std::size_t N>
bool contains_any(std::string_view name, const std::array<std::string_view, N>& parts) {
  return std::any_of(parts.begin(), parts.end(),
                     [&](std::string_view part) { return name.find(part) != std::string_view::npos; });
}

/// Dimensions as ggml counts them: leading ones do not.
std::size_t rank(const std::vector<std::uint64_t>& shape) {
  std::size_t ones = 0;
  while (ones < shape.size() && shape[ones] == 1) ++ones;
  return std::max<std::size_t>(shape.size() - ones, 1);
}

std::uint64_t row_length(const Tensor& tensor) { return tensor.shape.empty() ? 1 : tensor.shape.back(); }

/// The block a name speaks of: "blk.7." is 7, everything else -1, as the model loader reads it.
std::int64_t block_of(std::string_view name) {
  if (!name.starts_with("blk.")) return -1;
  std::int64_t block = -1;
  for (const char c : name.substr(4)) {
    if (c < '0' || c > '9') break;
    block = (block < 0 ? 0 : block * 10) + (c - '0');
  }
  return block;
}

TensorCategory category_of(std::string_view name) {
  struct Spelling {
    std::string_view part;
    TensorCategory category;
  };
  static constexpr std::array<Spelling, 9> kSpellings{{{"attn_qkv.weight", TensorCategory::attn_v},
                                                       {"attn_kv_b.weight", TensorCategory::attn_v},
                                                       {"attn_v.weight", TensorCategory::attn_v},
                                                       {"attn_k.weight", TensorCategory::attn_k},
                                                       {"attn_q.weight", TensorCategory::attn_q},
                                                       {"attn_output.weight", TensorCategory::attn_output},
                                                       {"ffn_up", TensorCategory::ffn_up},
                                                       {"ffn_gate", TensorCategory::ffn_gate},
                                                       {"ffn_down", TensorCategory::ffn_down}}};
  if (name == "output.weight") return TensorCategory::output;
  if (name == "token_embd.weight" || name == "per_layer_token_embd.weight") return TensorCategory::token_embd;
  for (const auto& [part, category] : kSpellings) {
    if (name.find(part) != std::string_view::npos) return category;
  }
  return TensorCategory::other;
}

/// Every tensor under its own name, in the order the quantiser visits them: by block, then by name.
struct Unfolded {
  std::shared_ptr<const std::vector<std::string>> names;
  std::vector<GgufTensor> tensors;
};

Unfolded unfolded(const GgufInventory& inventory) {
  if (inventory.tensor_count() > kMostQuantised) throw Error("more than 1,000,000 tensors");
  auto names = std::make_shared<std::vector<std::string>>();
  Unfolded all;
  all.tensors.reserve(inventory.tensor_count());
  names->reserve(inventory.tensor_count());
  for (const auto& pattern : inventory.tensors) {
    each_name(pattern, [&](std::string name) {
      GgufTensor tensor;
      tensor.block = block_of(name);
      tensor.pattern = &pattern;
      all.tensors.push_back(tensor);
      names->push_back(std::move(name));
    });
  }
  for (std::size_t i = 0; i < names->size(); ++i) all.tensors[i].name = (*names)[i];
  std::sort(all.tensors.begin(), all.tensors.end(), [](const GgufTensor& a, const GgufTensor& b) {
    return a.block != b.block ? a.block < b.block : a.name < b.name;
  });
  for (std::size_t i = 1; i < all.tensors.size(); ++i) {
    if (all.tensors[i].name == all.tensors[i - 1].name) {
      throw Error("family " + inventory.family + ": two tensors are called " + printable(all.tensors[i].name));
    }
  }
  all.names = std::move(names);
  return all;
}

/// What the name and the shape of a pattern say, whatever the file type.
struct Traits {
  TensorCategory category{};
  bool matrix{false};     ///< it may be quantised
  bool converted{false};  ///< the converter writes it in half precision, else in F32
  std::size_t rank{0};
};

Traits traits_of(const GgufInventory& inventory, const Tensor& pattern) {
  const std::string_view name = pattern.name.text();
  Traits traits;
  traits.rank = rank(pattern.shape);
  traits.category = category_of(name);
  const bool several = traits.rank > 1;
  const bool router = name.ends_with("ffn_gate_inp.weight") && inventory.router_in_half;
  const bool kept = !several || !name.ends_with(".weight") || name.ends_with("_norm.weight") ||
                    (contains_any(name, kConverterKeeps) && !router);
  traits.converted = !kept;
  traits.matrix = several && name.ends_with("weight") && !contains_any(name, kQuantiserKeeps);
  return traits;
}

class Quantiser {
 public:
  Quantiser(const GgufInventory& inventory, const FileType& file_type, bool imatrix, const DtypeLookup& lookup,
            const std::vector<Traits>& traits)
      : inventory_(inventory), file_type_(file_type), imatrix_(imatrix), lookup_(lookup), traits_(traits) {
    own_ = type(file_type.type);
    source_ = type(inventory.half ? "fp16" : "bf16");
    float_ = type("fp32");
    plain_ = own_->ggml_block == 1;
    for (const auto& large : kLargeModels) {
      if (inventory.arch == large.arch && inventory.blocks == large.blocks &&
          (!large.grouped || inventory.n_heads != inventory.n_kv_heads)) {
        is_70b_ = true;
      }
    }
    gqa_ = inventory.n_kv_heads > 0 ? inventory.n_heads / inventory.n_kv_heads : 0;
  }

  GgufFile file(const Unfolded& all) {
    GgufFile file;
    file.tensors = all.tensors;
    file.names = all.names;
    for (const auto& tensor : file.tensors) {
      const auto category = traits(tensor).category;
      attn_v_count_ += category == TensorCategory::attn_v ? 1 : 0;
      if (category == TensorCategory::output) tied_ = false;
    }
    for (auto& tensor : file.tensors) {
      tensor.type = type_of(tensor);
      tensor.bytes = tensor.type->bytes_of(tensor.pattern->elements());
      file.tensor_bytes += tensor.bytes;
      file.data_bytes += Bytes{checked_add(tensor.bytes.value, kAlignment - 1) / kAlignment * kAlignment};
      // Name with its length, number of dimensions, dimensions, type, offset.
      file.info_bytes += Bytes{8 + tensor.name.size() + 4 + 8 * traits(tensor).rank + 4 + 8};
    }
    take_types(file);
    file.imatrix_missing = imatrix_missing_ && !imatrix_;
    return file;
  }

 private:
  const Dtype* type(const std::string& id) {
    const auto [at, added] = types_.try_emplace(id);
    if (added) at->second = lookup_(id);
    return &at->second;
  }

  /// Moves the types in use into the file, which keeps them.
  void take_types(GgufFile& file) {
    std::map<const Dtype*, std::size_t> places;
    for (const auto& tensor : file.tensors) places.emplace(tensor.type, places.size());
    file.types.resize(places.size());
    for (const auto& [dtype, place] : places) file.types[place] = *dtype;
    for (auto& tensor : file.tensors) tensor.type = &file.types[places.at(tensor.type)];
  }

  [[nodiscard]] const Traits& traits(const GgufTensor& tensor) const {
    return traits_[static_cast<std::size_t>(tensor.pattern - inventory_.tensors.data())];
  }

  const Dtype* type_of(const GgufTensor& tensor) {
    const Traits& known = traits(tensor);
    if (!known.matrix) return known.converted ? source_ : float_;
    if (plain_) return own_;
    const TensorCategory category = known.category;
    const Dtype* wanted = mixture(tensor, category);
    count(category);
    return fitting(tensor, category, wanted);
  }

  void count(TensorCategory category) { ++seen_[static_cast<std::size_t>(category)]; }
  [[nodiscard]] std::uint64_t seen(TensorCategory category) const { return seen_[static_cast<std::size_t>(category)]; }

  const Dtype* mixture(const GgufTensor& tensor, TensorCategory category) {
    const bool as_output = category == TensorCategory::output || (category == TensorCategory::token_embd && tied_);
    const TensorCategory asked = as_output ? TensorCategory::output : category;
    for (const auto& rule : file_type_.rules) {
      if (rule.category != asked && rule.category != TensorCategory::any) continue;
      const bool holds = std::all_of(rule.conditions.begin(), rule.conditions.end(),
                                     [&](RuleCondition condition) { return this->holds(condition, tensor, category); });
      if (holds) return type(rule.type);
    }
    return own_;
  }

  [[nodiscard]] bool holds(RuleCondition condition, const GgufTensor& tensor, TensorCategory category) const {
    const bool of_attention = category == TensorCategory::attn_v;
    const std::uint64_t n = of_attention ? attn_v_count_ : inventory_.blocks;
    const bool by_block = !of_attention && inventory_.n_experts > 1;
    const std::uint64_t i = by_block && tensor.block >= 0 ? static_cast<std::uint64_t>(tensor.block) : seen(category);
    switch (condition) {
      case RuleCondition::falcon:
        return inventory_.arch == "falcon";
      case RuleCondition::not_falcon:
        return inventory_.arch != "falcon";
      case RuleCondition::odd_row:
        return row_length(*tensor.pattern) % own_->ggml_block != 0;
      case RuleCondition::gqa_4:
        return gqa_ >= 4;
      case RuleCondition::experts_4:
        return inventory_.n_experts >= 4;
      case RuleCondition::experts_8:
        return inventory_.n_experts == 8;
      case RuleCondition::more_bits:
        return i < n / 8 || i >= 7 * n / 8 || (i - n / 8) % 3 == 2;
      case RuleCondition::first_eighth:
        return i < n / 8;
      case RuleCondition::first_sixteenth:
        return i < n / 16;
      case RuleCondition::counted_eighth:
        return seen(category) < n / 8;
      case RuleCondition::middle:
        return i >= n / 8 && i < 7 * n / 8;
      case RuleCondition::first_2:
        return i < 2;
      case RuleCondition::first_4:
        return i < 4;
      case RuleCondition::is_70b:
        return is_70b_;
      case RuleCondition::imatrix:
        return imatrix_;
      case RuleCondition::no_imatrix:
        return !imatrix_;
      case RuleCondition::is_3d:
        return traits(tensor).rank > 2;
    }
    return false;
  }

  /// The type, or what the quantiser takes instead where a row is no whole number of its blocks.
  const Dtype* fitting(const GgufTensor& tensor, TensorCategory category, const Dtype* wanted) {
    const auto row = row_length(*tensor.pattern);
    if (row % wanted->ggml_block != 0) {
      if (wanted->fallback.empty()) {
        throw Error("llama-quantize refuses " + file_type_.id + ": rows of " + printable(tensor.name) + " have " +
                    std::to_string(row) + " elements, no multiple of " + std::to_string(wanted->ggml_block) +
                    ", and there is no fallback for " + wanted->id);
      }
      wanted = type(wanted->fallback);
      if (row % wanted->ggml_block != 0) wanted = type("fp16");
    }
    if (category != TensorCategory::token_embd && category != TensorCategory::output &&
        (wanted->needs_imatrix || (wanted->id == "q2_k" && file_type_.id == "q2_k_s"))) {
      imatrix_missing_ = true;
    }
    return wanted;
  }

  const GgufInventory& inventory_;
  const FileType& file_type_;
  bool imatrix_;
  const DtypeLookup& lookup_;
  const std::vector<Traits>& traits_;
  std::map<std::string, Dtype> types_;
  const Dtype* own_{nullptr};
  const Dtype* source_{nullptr};
  const Dtype* float_{nullptr};
  bool plain_{false};
  bool is_70b_{false};
  bool tied_{true};
  bool imatrix_missing_{false};
  std::uint64_t gqa_{0};
  std::uint64_t attn_v_count_{0};
  std::array<std::uint64_t, kTensorCategoryNames.size()> seen_{};
};

}  // namespace

struct Quantisation::Impl {
  const GgufInventory& inventory;
  Unfolded all;                ///< without types
  std::vector<Traits> traits;  ///< of each pattern
};

Quantisation::Quantisation(const GgufInventory& inventory)
    : impl_(std::make_unique<Impl>(Impl{inventory, unfolded(inventory), {}})) {
  impl_->traits.reserve(inventory.tensors.size());
  for (const auto& pattern : inventory.tensors) impl_->traits.push_back(traits_of(inventory, pattern));
}
Quantisation::~Quantisation() = default;

GgufFile Quantisation::file(const FileType& file_type, bool imatrix, const DtypeLookup& dtypes) const {
  return Quantiser(impl_->inventory, file_type, imatrix, dtypes, impl_->traits).file(impl_->all);
}

GgufFile quantise(const GgufInventory& inventory, const FileType& file_type, bool imatrix, const DtypeLookup& dtypes) {
  return Quantisation(inventory).file(file_type, imatrix, dtypes);
}

}  // namespace paramcount
