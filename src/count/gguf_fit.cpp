#include "count/gguf_fit.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "base/budgets.hpp"
#include "base/numbers.hpp"
#include "count/gguf_metadata.hpp"
#include "count/match_state.hpp"
#include "count/program.hpp"
#include "count/scope.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

/// What a part of a condition says of one dimension.
struct Claim {
  std::size_t dim{};
  std::optional<Value> when_true, when_false;  ///< the dimension's value; nothing: not known from that
};

/// A GGUF name with any value for its indices.
FoldedPattern fold_target(const std::string& target) {
  const auto name = TensorName::of_pattern(target);
  std::vector<Axis> axes;
  for (std::size_t i = 0; i < name.indices().size(); ++i) {
    axes.push_back({std::string(name.index(i)), {{0, UINT64_MAX}}});
  }
  return fold_pattern(name, axes);
}

class Fit {
 public:
  Fit(const Family& family, const StoredWeights& stored, const Spellings& spellings)
      : family_(family), checkpoint_(*stored.checkpoint), program_(family), set_(family.dims.size()) {
    std::map<std::string_view, const NameGroup*> groups;
    for (const auto& group : stored.groups) groups.emplace(group.names.key, &group.names);
    std::map<std::string_view, std::string_view> names;
    for (const auto& name : family.gguf->names) names.emplace(name.tensor, name.target);
    for (const auto& row : family.gguf->tensors) names[row.name] = row.name;
    for (const auto& row : family.tensors) {
      const auto name = names.find(row.name);
      const std::string target(name != names.end() ? name->second : std::string_view{});
      if (!target.empty()) ++sources_[target];
      targets_.push_back(written(target, groups, spellings));
    }
    for (std::size_t i = 0; i < targets_.size(); ++i) targets_[i].sources = sources_[targets_[i].name];
  }

  std::vector<std::pair<std::string, Value>> dims() {
    read_metadata();
    if (!checkpoint_.tensors.empty()) read_tensors();
    std::vector<std::pair<std::string, Value>> result;
    for (std::size_t i = 0; i < set_.size(); ++i) {
      if (set_[i]) result.emplace_back(family_.dims[i].name, std::move(*set_[i]));
    }
    return result;
  }

 private:
  /// What a row is written as, and what the file has of it.
  struct Written {
    std::string name;  ///< empty: it is not written
    int sources{0};    ///< how many rows are written there
    bool indexed{false};
    std::size_t numbers{0};  ///< indices in the names found
    struct Found {
      std::uint64_t layer{0};  ///< or what else the first index counts
      const StoredTensor* tensor{nullptr};
    };
    std::vector<Found> found;
  };

  Written written(const std::string& name, const std::map<std::string_view, const NameGroup*>& groups,
                  const Spellings& spellings) const {
    Written target;
    target.name = name;
    if (name.empty()) return target;
    const FoldedPattern pattern = fold_target(name);
    const auto is_index = [](const Axis& axis) { return !axis.index.empty(); };
    const auto first = std::ranges::find_if(pattern.axes, is_index);
    target.indexed = first != pattern.axes.end();
    target.numbers = static_cast<std::size_t>(std::ranges::count_if(pattern.axes, is_index));
    auto group = groups.find(pattern.key);
    // Files made before April 2024 have the experts of a layer one by one.
    for (const auto& merge : spellings.merges) {
      const auto base = merge.parts.size() == 1 ? before(pattern.key, merge.whole) : std::nullopt;
      if (group != groups.end() || !base) continue;
      group = groups.find(*base + merge.parts.front());
      if (group != groups.end()) ++target.numbers;
    }
    if (group == groups.end()) return target;
    const NameGroup& names = *group->second;
    for (std::size_t m = 0; m < names.members.size(); ++m) {
      const auto* numbers = names.numbers_of(m);
      if (names.arity < pattern.axes.size() || !contains(pattern.axes, numbers)) continue;
      const auto layer = target.indexed ? numbers[first - pattern.axes.begin()] : 0;
      target.found.push_back({layer, &checkpoint_.tensors[names.members[m]]});
    }
    return target;
  }

  std::optional<std::size_t> dim(std::string_view name) const {
    const auto target = program_.find(name);
    return target && target->kind == Target::Kind::dim ? std::optional(target->at) : std::nullopt;
  }

  /// Along which index the dimension has values; nothing when it has one value.
  std::optional<std::size_t> along(std::size_t dim) {
    const IndexSet needs = program_.dim_needs(dim);
    if (needs == 0 || (needs & (needs - 1)) != 0) return std::nullopt;
    std::size_t i = 0;
    while (((needs >> i) & 1U) == 0) ++i;
    return i;
  }

  void set(std::string_view name, Value value) {
    if (const auto at = dim(name)) set_[*at] = std::move(value);
  }

  void read_tensors() {
    tie_head();
    for (int pass = 0; pass < 2; ++pass) {
      for (std::size_t i = 0; i < family_.tensors.size(); ++i) presence(i);
      settle();
    }
    for (std::size_t i = 0; i < family_.tensors.size(); ++i) shapes(i);
  }

  void read_metadata() {
    const auto& gguf = *family_.gguf;
    for (const auto& [name, key] : gguf.keys) {
      const auto at = dim(name);
      const auto* value = find_metadata(checkpoint_, gguf.arch, key);
      if (!at || value == nullptr) continue;
      if (const auto* list = value->as<Value::List>()) {
        if (along(*at) && !std::ranges::all_of(*list, [&](const Value& v) { return v == list->front(); })) {
          set_[*at] = *value;
        } else if (auto only = only_value(*list)) {
          set_[*at] = std::move(*only);
        }
      } else if (value->as<std::int64_t>() != nullptr) {
        set_[*at] = *value;
      }
    }
    default_kv_heads();
    blocks_ = metadata_count(checkpoint_, gguf.arch, "block_count");
    if (blocks_ == 0) count_blocks();
    if (blocks_ > kMostBlocks)
      throw Error("block_count " + std::to_string(blocks_) + ": more than the limit of " + grouped(kMostBlocks));
    separate_mtp();
    windows();
  }

  /// As llama.cpp has it: where the file does not say, there are as many KV heads as heads (llama-model.cpp,
  /// load_hparams).
  void default_kv_heads() {
    const auto* heads = find_metadata(checkpoint_, family_.gguf->arch, "attention.head_count");
    if (heads == nullptr || heads->as<std::int64_t>() == nullptr) return;
    for (const auto& [name, key] : family_.gguf->keys) {
      const auto at = key == "attention.head_count_kv" ? dim(name) : std::nullopt;
      if (at && !set_[*at]) set_[*at] = *heads;
    }
  }

  /// Where the metadata does not say, there are as many blocks as the tensors' names count.
  void count_blocks() {
    for (const auto& tensor : checkpoint_.tensors) {
      if (const auto block = block_of(tensor.name); block && *block < kMostBlocks)
        blocks_ = std::max(blocks_, *block + 1);
    }
    for (const auto& [name, key] : family_.gguf->keys) {
      if (key == "block_count" && blocks_ > 0) set(name, static_cast<std::int64_t>(blocks_));
    }
  }

  /// Blocks of multi-token prediction are none of the layers. A family that writes them has their number as a
  /// dimension; for the others they are tensors in addition to the family's.
  void separate_mtp() {
    const auto mtp = mtp_blocks(checkpoint_);
    for (const auto& [name, key] : family_.gguf->keys) {
      if (key == "block_count" && mtp.count > 0) set(name, static_cast<std::int64_t>(mtp.first));
    }
    if (family_.gguf->mtp) {
      set("n_mtp", static_cast<std::int64_t>(mtp.stored ? mtp.count : 0));
      if (mtp.count > 0 && !mtp.stored) blocks_ = mtp.first;
      return;
    }
    if (mtp.count == 0) return;
    blocks_ = mtp.first;
    for (auto& value : set_) {
      if (!value) continue;
      const auto* list = value->as<Value::List>();
      if (list == nullptr || list->size() != mtp.first + mtp.count) continue;
      value = Value(Value::List(list->begin(), list->begin() + static_cast<std::ptrdiff_t>(mtp.first)));
    }
  }

  /// Where the converter has no key for it, a file without a window has none: it is not the class's default.
  void windows() {
    const auto& gguf = *family_.gguf;
    const auto* window = find_metadata(checkpoint_, gguf.arch, "attention.sliding_window");
    if (gguf.ignores_windows) set("window", window != nullptr ? *window : Value{});
    const auto* pattern = find_metadata(checkpoint_, gguf.arch, "attention.sliding_window_pattern");
    const auto* list = pattern != nullptr ? pattern->as<Value::List>() : nullptr;
    const auto at = dim("is_window");
    const bool flags = list != nullptr && !list->empty() &&
                       std::ranges::all_of(*list, [](const Value& v) { return v.as<bool>() != nullptr; });
    if (flags && at && along(*at)) set_[*at] = *pattern;
  }

  void tie_head() {
    bool has_row = false;
    for (std::size_t i = 0; i < targets_.size(); ++i) {
      if (family_.tensors[i].role != "head" || targets_[i].name.empty()) continue;
      has_row = true;
      if (!targets_[i].found.empty()) {
        set("tied_embeddings", false);
        return;
      }
    }
    if (has_row) set("tied_embeddings", true);
  }

  /// The parts of a condition joined by `and`; nothing in place of those that say nothing of one dimension.
  void claims(const Expression& e, std::uint32_t at, std::vector<std::optional<Claim>>& out) {
    const auto& node = e.nodes[at];
    if (node.op == Op::and_) {
      claims(e, node.a, out);
      claims(e, node.b, out);
      return;
    }
    out.push_back(claim(e, at));
  }

  std::optional<Claim> claim(const Expression& e, std::uint32_t at) {
    const auto& node = e.nodes[at];
    const auto named = [&](std::uint32_t i) -> std::optional<std::size_t> {
      return e.nodes[i].op == Op::name ? dim(e.word(e.nodes[i])) : std::nullopt;
    };
    if (const auto own = named(at)) return Claim{*own, Value(true), Value(false)};
    if (node.op == Op::not_) {
      if (const auto own = named(node.a)) return Claim{*own, Value(false), Value(true)};
      return std::nullopt;
    }
    const bool compares = node.op == Op::equal || node.op == Op::not_equal || node.op == Op::greater;
    if (!compares || e.nodes[node.b].op != Op::literal) return std::nullopt;
    const auto own = named(node.a);
    if (!own) return std::nullopt;
    const Value& literal = e.literals[e.nodes[node.b].a];
    if (node.op == Op::equal) return Claim{*own, literal, std::nullopt};
    if (node.op == Op::not_equal || literal == Value(0)) return Claim{*own, std::nullopt, literal};
    return std::nullopt;
  }

  std::vector<std::optional<Value>>& evidence(std::size_t dim) {
    auto& list = evidence_[dim];
    list.resize(static_cast<std::size_t>(blocks_));
    return list;
  }

  /// Whether the claim is known to hold (in that layer).
  std::optional<bool> holds(const Claim& claim, std::optional<std::uint64_t> layer) {
    const std::optional<Value>* now = &set_[claim.dim];
    if (!*now && layer && along(claim.dim)) {
      const auto& list = evidence(claim.dim);
      if (*layer < list.size()) now = &list[static_cast<std::size_t>(*layer)];
    }
    if (!*now || (*now)->as<Value::List>() != nullptr) return std::nullopt;
    if (claim.when_true) return **now == *claim.when_true;
    return !(**now == *claim.when_false);
  }

  void assume(const Claim& claim, const std::optional<Value>& value, std::optional<std::uint64_t> layer) {
    if (!value || set_[claim.dim]) return;
    if (!along(claim.dim)) {
      set_[claim.dim] = *value;
    } else if (layer && *layer < blocks_) {
      auto& known = evidence(claim.dim)[static_cast<std::size_t>(*layer)];
      if (!known) known = *value;
    }
  }

  /// What follows from a row having a tensor or none, in one layer or outside the layers.
  void conclude(const std::vector<std::optional<Claim>>& all, bool present, std::optional<std::uint64_t> layer) {
    if (present) {
      for (const auto& claim : all) {
        if (claim) assume(*claim, claim->when_true, layer);
      }
      return;
    }
    // One of the claims is false: which one is known when all others hold.
    const Claim* open = nullptr;
    for (const auto& claim : all) {
      const auto known = claim ? holds(*claim, layer) : std::optional<bool>{};
      if (known && *known) continue;
      if (!claim || known || open != nullptr) return;
      open = &*claim;
    }
    if (open != nullptr) assume(*open, open->when_false, layer);
  }

  void presence(std::size_t i) {
    const auto& row = program_.tensor_row(i);
    const Written& target = targets_[i];
    if (target.name.empty() || row.condition->nodes.empty()) return;
    std::vector<std::optional<Claim>> all;
    claims(*row.condition, row.condition->root, all);
    const bool present = !target.found.empty();
    // Where several rows make one tensor, or one of several does, its being there says nothing of this one.
    if (present && target.sources > 1) return;
    if (row.indices.size() == 0 || !target.indexed) {
      conclude(all, present, std::nullopt);
      return;
    }
    std::set<std::uint64_t> layers;
    for (const auto& found : target.found) layers.insert(found.layer);
    const bool varies = std::ranges::any_of(all, [&](const auto& claim) { return claim && along(claim->dim); });
    if (!varies) {
      conclude(all, present, std::nullopt);
      return;
    }
    for (std::uint64_t layer = 0; layer < blocks_; ++layer) conclude(all, layers.contains(layer), layer);
  }

  /// What is known layer by layer becomes the dimension's value; otherwise the family's expression is kept.
  void settle() {
    for (auto& [dim, list] : evidence_) {
      if (set_[dim]) continue;
      if (std::ranges::none_of(list, [](const auto& value) { return value.has_value(); })) continue;
      Value::List values;
      for (const auto& value : list) values.push_back(value.value_or(Value{}));
      set_[dim] = Value(std::move(values));
    }
  }

  /// Dimensions that are an axis on their own take their value from the file's shapes.
  void shapes(std::size_t i) {
    const Written& target = targets_[i];
    if (target.found.empty() || target.sources != 1) return;
    const auto& row = program_.tensor_row(i);
    if (row.indices.size() < target.numbers) return;
    const std::size_t stacked = row.indices.size() - target.numbers;
    for (std::size_t k = 0; k < row.shape.size(); ++k) {
      const Expression& size = *row.shape[k];
      if (size.nodes[size.root].op != Op::name) continue;
      const auto own = dim(size.word(size.nodes[size.root]));
      if (!own || set_[*own]) continue;
      Value::List values;
      for (const auto& found : target.found) {
        const auto& shape = found.tensor->shape;
        if (shape.size() != stacked + row.shape.size()) return;
        const auto layer = static_cast<std::size_t>(found.layer);
        if (layer >= std::max<std::uint64_t>(blocks_, 1)) continue;
        if (values.size() <= layer) values.resize(layer + 1);
        values[layer] = Value(static_cast<std::int64_t>(shape[stacked + k]));
      }
      Value::List known;
      std::ranges::copy_if(values, std::back_inserter(known), [](const Value& v) { return !v.is_null(); });
      if (known.empty()) continue;
      if (std::ranges::all_of(known, [&](const Value& v) { return v == known.front(); })) {
        set_[*own] = known.front();
      } else if (along(*own)) {
        set_[*own] = Value(std::move(values));
      }
    }
  }

  const Family& family_;
  const Checkpoint& checkpoint_;
  Program program_;
  std::vector<std::optional<Value>> set_;
  std::map<std::size_t, std::vector<std::optional<Value>>> evidence_;
  std::vector<Written> targets_;        ///< by row
  std::map<std::string, int> sources_;  ///< how many rows a GGUF name is made of
  std::uint64_t blocks_{0};
};

}  // namespace

std::vector<std::pair<std::string, Value>> fit_dims(const Family& family, const StoredWeights& stored,
                                                    const Spellings& spellings) {
  return Fit(family, stored, spellings).dims();
}

}  // namespace paramcount
