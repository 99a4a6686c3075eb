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

template <std::size_t N>
bool contains_any(std::string_view name, const std::array<std::string_view, N>& parts) {
  return std::ranges::any_of(parts, [&](std::string_view part) { return name.find(part) != std::string_view::npos; });
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
  std::shared_ptr<const std::string> names;  ///< one after the other
  std::vector<GgufTensor> tensors;
};

Unfolded unfolded(const GgufInventory& inventory) {
  if (inventory.tensor_count() > kMostQuantised) throw Error("more than 1,000,000 tensors");
  // By name of the pattern: the tensors of a block are then in order of their names, unless there is another index.
  std::vector<const Tensor*> patterns;
  for (const auto& pattern : inventory.tensors) patterns.push_back(&pattern);
  std::ranges::sort(patterns, [](const Tensor* a, const Tensor* b) { return a->name.text() < b->name.text(); });
  auto names = std::make_shared<std::string>();
  std::vector<std::size_t> ends;
  Unfolded all;
  all.tensors.reserve(inventory.tensor_count());
  ends.reserve(inventory.tensor_count());
  for (const auto* pattern : patterns) {
    each_name(*pattern, [&](const std::string& name) {
      GgufTensor tensor;
      tensor.block = block_of(name);
      tensor.pattern = pattern;
      all.tensors.push_back(tensor);
      *names += name;
      ends.push_back(names->size());
    });
  }
  std::size_t from = 0;
  for (std::size_t i = 0; i < ends.size(); ++i) {
    all.tensors[i].name = std::string_view(*names).substr(from, ends[i] - from);
    from = ends[i];
  }
  const auto before = [](const GgufTensor& a, const GgufTensor& b) {
    return a.block != b.block ? a.block < b.block : a.name < b.name;
  };
  std::ranges::stable_sort(all.tensors, [](const GgufTensor& a, const GgufTensor& b) { return a.block < b.block; });
  const auto found = [&](const auto& wrong) { return std::ranges::adjacent_find(all.tensors, wrong); };
  if (found([&](const auto& a, const auto& b) { return !before(a, b); }) != all.tensors.end()) {
    std::ranges::sort(all.tensors, before);
    const auto twice = found([](const auto& a, const auto& b) { return a.name == b.name; });
    if (twice != all.tensors.end()) {
      throw Error("family " + inventory.family + ": two tensors are called " + printable(twice->name));
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
  std::uint64_t row{0};       ///< elements of one
  std::uint64_t elements{0};  ///< of one tensor
};

Traits traits_of(const GgufInventory& inventory, const Tensor& pattern) {
  const std::string_view name = pattern.name.text();
  Traits traits;
  traits.rank = rank(pattern.shape);
  traits.row = row_length(pattern);
  traits.elements = pattern.elements();
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
      : inventory_(inventory),
        file_type_(file_type),
        imatrix_(imatrix),
        lookup_(lookup),
        traits_(traits),
        rule_types_(file_type.rules.size()),
        weighed_(traits.size()) {
    own_ = type(file_type.type);
    source_ = type(inventory.half ? "fp16" : "bf16");
    float_ = type("fp32");
    plain_ = own_->ggml_block == 1;
    gqa_ = inventory.n_kv_heads > 0 ? inventory.n_heads / inventory.n_kv_heads : 0;
    is_q2_k_s_ = file_type.id == "q2_k_s";
  }

  GgufFile file(const Unfolded& all) {
    GgufFile file;
    file.tensors = all.tensors;
    file.names = all.names;
    for (std::size_t i = 0; i < traits_.size(); ++i) {
      if (traits_[i].category == TensorCategory::attn_v) attn_v_count_ += inventory_.tensors[i].copies;
      if (traits_[i].category == TensorCategory::output) tied_ = false;
    }
    for (auto& tensor : file.tensors) {
      const Traits& known = traits(tensor);
      tensor.type = type_of(tensor, known);
      tensor.bytes = bytes_of(known, tensor.type);
      file.tensor_bytes += tensor.bytes;
      file.data_bytes += Bytes{round_up(tensor.bytes.value, kAlignment)};
      // Name with its length, number of dimensions, dimensions, type, offset.
      file.info_bytes += Bytes{8 + tensor.name.size() + 4 + 8 * known.rank + 4 + 8};
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
    std::vector<const Dtype*> used;
    file.types.reserve(types_.size());
    for (auto& tensor : file.tensors) {
      const auto at = std::ranges::find(used, tensor.type);
      const auto place = static_cast<std::size_t>(at - used.begin());
      if (at == used.end()) {
        used.push_back(tensor.type);
        file.types.push_back(*tensor.type);
      }
      tensor.type = &file.types[place];
    }
  }

  /// Of one tensor; most are in the type that the one before of the same pattern was in.
  Bytes bytes_of(const Traits& known, const Dtype* type) {
    auto& [before, bytes] = weighed_[static_cast<std::size_t>(&known - traits_.data())];
    if (before != type) {
      before = type;
      bytes = type->bytes_of(known.elements);
    }
    return bytes;
  }

  [[nodiscard]] const Traits& traits(const GgufTensor& tensor) const {
    return traits_[static_cast<std::size_t>(tensor.pattern - inventory_.tensors.data())];
  }

  const Dtype* type_of(const GgufTensor& tensor, const Traits& known) {
    if (!known.matrix) return known.converted ? source_ : float_;
    if (plain_) return own_;
    const Dtype* wanted = mixture(tensor, known);
    count(known.category);
    return fitting(tensor, known, wanted);
  }

  void count(TensorCategory category) { ++seen_[static_cast<std::size_t>(category)]; }
  [[nodiscard]] std::uint64_t seen(TensorCategory category) const { return seen_[static_cast<std::size_t>(category)]; }

  const Dtype* mixture(const GgufTensor& tensor, const Traits& known) {
    const TensorCategory category = known.category;
    const bool as_output = category == TensorCategory::output || (category == TensorCategory::token_embd && tied_);
    const TensorCategory asked = as_output ? TensorCategory::output : category;
    for (std::size_t i = 0; i < file_type_.rules.size(); ++i) {
      const auto& rule = file_type_.rules[i];
      if (rule.category != asked && rule.category != TensorCategory::any) continue;
      const bool holds = std::ranges::all_of(
          rule.conditions, [&](RuleCondition condition) { return this->holds(condition, tensor, known); });
      if (!holds) continue;
      if (rule_types_[i] == nullptr) rule_types_[i] = type(rule.type);
      return rule_types_[i];
    }
    return own_;
  }

  [[nodiscard]] bool holds(RuleCondition condition, const GgufTensor& tensor, const Traits& known) const {
    const TensorCategory category = known.category;
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
        return known.row % own_->ggml_block != 0;
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
        return inventory_.large;
      case RuleCondition::imatrix:
        return imatrix_;
      case RuleCondition::no_imatrix:
        return !imatrix_;
      case RuleCondition::is_3d:
        return known.rank > 2;
    }
    return false;
  }

  /// The type, or what the quantiser takes instead if a row is not a whole number of its blocks.
  const Dtype* fitting(const GgufTensor& tensor, const Traits& known, const Dtype* wanted) {
    const auto row = known.row;
    if (row % wanted->ggml_block != 0) {
      if (wanted->fallback.empty()) {
        throw Error("llama-quantize refuses " + file_type_.id + ": rows of " + printable(tensor.name) + " have " +
                    std::to_string(row) + " elements, not a multiple of " + std::to_string(wanted->ggml_block) +
                    ", and there is no fallback for " + wanted->id);
      }
      wanted = type(wanted->fallback);
      if (row % wanted->ggml_block != 0) wanted = type("fp16");
    }
    if (known.category != TensorCategory::token_embd && known.category != TensorCategory::output &&
        (wanted->needs_imatrix || (is_q2_k_s_ && wanted->id == "q2_k"))) {
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
  std::vector<const Dtype*> rule_types_;                 ///< of each rule, once it was asked for
  std::vector<std::pair<const Dtype*, Bytes>> weighed_;  ///< of each pattern: the type last met, and what it takes
  const Dtype* own_{nullptr};
  const Dtype* source_{nullptr};
  const Dtype* float_{nullptr};
  bool plain_{false};
  bool is_q2_k_s_{false};
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
