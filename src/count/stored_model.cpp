#include "paramcount/count/stored_model.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "count/gguf_fit.hpp"
#include "count/stored_tensors.hpp"
#include "paramcount/base/checked.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/count/expand.hpp"

namespace paramcount {
namespace {

/// Beyond so many more tensors than the file has, metadata and file have nothing to do with each other.
constexpr std::uint64_t kMostPredicted = 10'000;

/// Calls back with the name of each copy.
template <class Visit>
void each_copy(const Tensor& tensor, std::size_t axis, std::string name, const Visit& visit) {
  if (axis == tensor.axes.size()) {
    visit(name);
    return;
  }
  const std::string index = "{" + tensor.axes[axis].index + "}";
  for (const auto& range : tensor.axes[axis].ranges) {
    for (auto value = range.first; value <= range.last; ++value) {
      std::string own = name;
      replace_all(own, index, std::to_string(value));
      each_copy(tensor, axis + 1, std::move(own), visit);
    }
  }
}

/// How the file differs from what a family makes of its metadata.
struct Difference {
  struct Names {
    std::uint64_t count{0};
    std::string first;
    void add(std::string_view name) {
      if (count++ == 0) first = name;
    }
  };
  Names missing, unexpected, misshapen;

  [[nodiscard]] std::uint64_t count() const { return missing.count + unexpected.count + misshapen.count; }
};

Difference compare(const GgufInventory& predicted, const Checkpoint& checkpoint) {
  Difference difference;
  std::unordered_map<std::string_view, const StoredTensor*> left;
  for (const auto& tensor : checkpoint.tensors) left.emplace(tensor.name, &tensor);
  for (const auto& tensor : predicted.tensors) {
    each_copy(tensor, 0, tensor.name, [&](const std::string& name) {
      const auto at = left.find(name);
      if (at == left.end()) {
        difference.missing.add(name);
        return;
      }
      if (at->second->shape != tensor.shape) difference.misshapen.add(name);
      left.erase(at);
    });
  }
  for (const auto& tensor : checkpoint.tensors) {
    if (left.contains(tensor.name)) difference.unexpected.add(tensor.name);
  }
  return difference;
}

std::string difference_text(const Difference& difference) {
  std::string text;
  const auto add = [&](const Difference::Names& names, const char* what) {
    if (names.count == 0) return;
    text += (text.empty() ? "" : "; ") + grouped(names.count) + (names.count == 1 ? " tensor " : " tensors ") + what +
            " (" + printable(names.first) + (names.count > 1 ? ", …)" : ")");
  };
  add(difference.unexpected, "it does not know");
  add(difference.missing, "it expects are not there");
  add(difference.misshapen, "of another shape than it expects");
  return text;
}

/// One family tried on the file.
struct Candidate {
  const Family* family{nullptr};
  Model model;
  Inventory inventory;
  GgufInventory gguf;
  Difference difference;
  std::string error;
  int keys{0};  ///< metadata keys of the family that the file has, minus those it lacks

  [[nodiscard]] bool expands() const { return error.empty(); }
  [[nodiscard]] bool exact() const { return expands() && difference.count() == 0; }
};

Candidate try_family(const std::string& id, const Catalog& catalog, const Checkpoint& checkpoint,
                     const std::vector<StoredPattern>& patterns, Expander& expander) {
  Candidate candidate;
  candidate.family = &catalog.gguf_families()(id);
  candidate.model.family = id;
  candidate.model.config = Value(Value::Object{});
  const auto& gguf = *candidate.family->gguf;
  for (const auto& [dim, key] : gguf.keys) {
    candidate.keys += checkpoint.metadata.find(gguf.arch + "." + key) != nullptr ? 1 : -1;
  }
  try {
    candidate.model.dims = fit_dims(*candidate.family, checkpoint, patterns);
    candidate.gguf = expander.expand_gguf(candidate.model);
    if (candidate.gguf.tensor_count() > checkpoint.tensors.size() + kMostPredicted) {
      throw Error("its metadata speaks of " + grouped(candidate.gguf.tensor_count()) + " tensors");
    }
    candidate.difference = compare(candidate.gguf, checkpoint);
    candidate.inventory = expander.expand(candidate.model);
  } catch (const Error& error) {
    candidate.error = error.what();
  }
  return candidate;
}

bool better(const Candidate& a, const Candidate& b, std::string_view arch) {
  if (a.expands() != b.expands()) return a.expands();
  if (a.difference.count() != b.difference.count()) return a.difference.count() < b.difference.count();
  if (a.keys != b.keys) return a.keys > b.keys;
  return a.family->id == arch && b.family->id != arch;
}

bool same_caches(const Candidate& a, const Candidate& b) {
  const auto& left = a.inventory.state;
  const auto& right = b.inventory.state;
  return std::equal(left.begin(), left.end(), right.begin(), right.end(), [](const State& x, const State& y) {
    return x.kind == y.kind && x.shape == y.shape && x.axes == y.axes && x.window == y.window;
  });
}

/// Dimensions of an architecture nobody described, by the keys all architectures share.
void generic_dims(const Checkpoint& checkpoint, const std::string& arch, Inventory& inventory) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 12> kKeys{
      {{"d_model", "embedding_length"},
       {"n_layers", "block_count"},
       {"n_heads", "attention.head_count"},
       {"n_kv_heads", "attention.head_count_kv"},
       {"head_dim", "attention.key_length"},
       {"v_head_dim", "attention.value_length"},
       {"d_ff", "feed_forward_length"},
       {"vocab_size", "vocab_size"},
       {"max_positions", "context_length"},
       {"n_experts", "expert_count"},
       {"experts_per_token", "expert_used_count"},
       {"d_ff_expert", "expert_feed_forward_length"}}};
  for (const auto& [dim, key] : kKeys) {
    if (const auto value = metadata_count(checkpoint, arch, key); value > 0) {
      inventory.dims.emplace_back(std::string(dim), Value(static_cast<std::int64_t>(value)));
    }
  }
  inventory.layer_count = inventory.count("n_layers");
}

std::string text_of(const Checkpoint& checkpoint, std::string_view key) {
  const auto* value = checkpoint.metadata.find(key);
  const auto* text = value != nullptr ? value->as<std::string>() : nullptr;
  return text != nullptr ? *text : std::string{};
}

std::uint64_t length_of(const Value* value) {
  if (value == nullptr) return 0;
  if (const auto* list = value->as<Value::List>()) return list->size();
  const auto* length = value->find("length");
  const auto* whole = length != nullptr ? length->as<std::int64_t>() : nullptr;
  return whole != nullptr ? static_cast<std::uint64_t>(*whole) : 0;
}

std::string file_type_name(const Checkpoint& checkpoint, const Catalog& catalog) {
  const auto* value = checkpoint.metadata.find("general.file_type");
  const auto* number = value != nullptr ? value->as<std::int64_t>() : nullptr;
  if (number == nullptr || *number < 0) return {};
  std::string found;
  catalog.each_name(Catalog::Kind::file_type, [&](std::string_view name, bool is_id) {
    if (!found.empty() || !is_id) return;
    const auto type = catalog.find_file_type(name);
    if (type && type->number == static_cast<std::uint64_t>(*number)) found = type->id;
  });
  return found;
}

void add_facts(const Checkpoint& checkpoint, const Catalog& catalog, StoredModel& stored) {
  std::map<std::string_view, StoredModel::Share> shares;
  for (const auto& tensor : checkpoint.tensors) {
    auto& share = shares[tensor.dtype];
    share.type = tensor.dtype;
    ++share.tensors;
    share.elements = checked_add(share.elements, tensor.elements);
    share.bytes += Bytes{tensor.bytes};
    stored.elements = checked_add(stored.elements, tensor.elements);
    stored.tensor_bytes += Bytes{tensor.bytes};
  }
  for (auto& [type, share] : shares) stored.shares.push_back(std::move(share));
  std::sort(stored.shares.begin(), stored.shares.end(), [](const auto& a, const auto& b) { return a.bytes > b.bytes; });
  stored.tensors = checkpoint.tensors.size();
  stored.header_bytes = {checkpoint.header_bytes};
  stored.file_bytes = {checkpoint.file_bytes};
  stored.files = checkpoint.files.size();
  stored.file_type = file_type_name(checkpoint, catalog);
  stored.tokenizer = text_of(checkpoint, "tokenizer.ggml.model");
  stored.vocabulary = length_of(checkpoint.metadata.find("tokenizer.ggml.tokens"));
}

/// "llama-8b.gguf" of a path.
std::string file_name(const std::string& path) {
  const auto slash = path.find_last_of('/');
  return path.substr(slash == std::string::npos ? 0 : slash + 1);
}

/// The best family of the architecture; nothing when none expands.
std::optional<Candidate> choose(const Checkpoint& checkpoint, const Catalog& catalog,
                                const std::vector<StoredPattern>& patterns, StoredModel& stored) {
  const auto ids = catalog.families_of_arch(stored.arch);
  if (ids.empty()) {
    stored.unverified = true;
    stored.notes.push_back("no family describes the architecture " + printable(stored.arch) +
                           ": the file's tensors are counted, their roles taken from their names, and what it keeps "
                           "between tokens is not known.");
    return std::nullopt;
  }
  Expander expander(catalog.families(), catalog.gguf_families());
  std::vector<Candidate> candidates;
  candidates.reserve(ids.size());
  for (const auto& id : ids) candidates.push_back(try_family(id, catalog, checkpoint, patterns, expander));
  std::stable_sort(candidates.begin(), candidates.end(),
                   [&](const Candidate& a, const Candidate& b) { return better(a, b, stored.arch); });
  Candidate& best = candidates.front();
  if (!best.expands()) {
    stored.unverified = true;
    stored.notes.push_back("the metadata does not make a model of family " + best.family->id + " (" + best.error +
                           "): the file's tensors are counted, and what it keeps between tokens is not known.");
    return std::nullopt;
  }
  if (!checkpoint.tensors.empty() && !best.exact()) {
    stored.unverified = true;
    stored.notes.push_back("the file is counted as it is, but family " + best.family->id +
                           " by its metadata differs: " + difference_text(best.difference) + ".");
  }
  std::string others;
  for (std::size_t i = 1; i < candidates.size(); ++i) {
    if (better(best, candidates[i], "") || !candidates[i].expands()) break;
    if (!same_caches(best, candidates[i])) others += (others.empty() ? "" : ", ") + candidates[i].family->id;
  }
  if (!others.empty() && !checkpoint.tensors.empty()) {
    stored.unverified = true;
    stored.notes.push_back("taken for " + best.family->id + "; " + others +
                           " would have the same tensors and keep something else between tokens.");
  }
  return std::move(best);
}

}  // namespace

double StoredModel::bits_per_weight() const {
  return elements > 0 ? 8.0 * static_cast<double>(tensor_bytes.value) / static_cast<double>(elements) : 0;
}

Model model_of_gguf(const Checkpoint& checkpoint, const Catalog& catalog) {
  auto stored = std::make_shared<StoredModel>();
  stored->format = "gguf";
  stored->arch = text_of(checkpoint, "general.architecture");
  if (stored->arch.empty()) throw Error(printable(checkpoint.path) + ": general.architecture: missing");
  add_facts(checkpoint, catalog, *stored);
  const auto patterns = patterns_of(checkpoint);
  // Families know today's spelling; what is counted are the tensors of the file.
  const auto stacked = with_stacked_experts(checkpoint);
  auto best = stacked ? choose(*stacked, catalog, patterns_of(*stacked), *stored)
                      : choose(checkpoint, catalog, patterns, *stored);
  Numbers numbers;
  numbers.experts = metadata_count(checkpoint, stored->arch, "expert_count");
  numbers.experts_per_token = metadata_count(checkpoint, stored->arch, "expert_used_count");
  const auto blocks = metadata_count(checkpoint, stored->arch, "block_count");
  const auto mtp = metadata_count(checkpoint, stored->arch, "nextn_predict_layers");
  if (mtp > 0 && mtp < blocks) numbers.mtp_from = blocks - mtp;
  Model model;
  GgufInventory gguf;
  Roles roles;
  if (best) {
    model.family = best->family->id;
    stored->described = std::make_shared<Model>(std::move(best->model));
    stored->inventory = std::move(best->inventory);
    gguf = std::move(best->gguf);
    roles = roles_of(*best->family);
  } else {
    model.family = stored->arch;
    stored->inventory.family = stored->arch;
    stored->inventory.state_known = false;
    generic_dims(checkpoint, stored->arch, stored->inventory);
    gguf.family = stored->arch;
    gguf.blocks = blocks;
    gguf.n_experts = numbers.experts;
    gguf.n_heads = metadata_count(checkpoint, stored->arch, "attention.head_count");
    gguf.n_kv_heads = metadata_count(checkpoint, stored->arch, "attention.head_count_kv");
    gguf.d_model = metadata_count(checkpoint, stored->arch, "embedding_length");
    gguf.vocab_size = metadata_count(checkpoint, stored->arch, "vocab_size");
  }
  gguf.arch = stored->arch;
  stored->inventory.tensors = tensors_of(patterns, roles, numbers);
  if (!best) {
    const auto& tensors = stored->inventory.tensors;
    const bool head = std::any_of(tensors.begin(), tensors.end(),
                                  [](const Tensor& tensor) { return tensor.role.kind == RoleKind::head; });
    stored->inventory.dims.emplace_back("tied_embeddings", !head);
  }
  gguf.tensors = stored->inventory.tensors;
  stored->gguf = std::move(gguf);
  if (stored->tensors == 0) stored->notes.push_back("the file holds metadata and a vocabulary, no weights.");
  model.id = file_name(checkpoint.path);
  const std::string name = text_of(checkpoint, "general.name");
  model.name = name.empty() ? model.id : name;
  model.origin = checkpoint.path;
  model.stored = std::move(stored);
  return model;
}

}  // namespace paramcount
