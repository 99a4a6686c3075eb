#include "paramcount/count/expand.hpp"

#include <algorithm>
#include <map>
#include <string>

#include "base/budgets.hpp"
#include "base/numbers.hpp"
#include "base/text.hpp"
#include "count/check.hpp"
#include "count/config_audit.hpp"
#include "count/dims.hpp"
#include "count/expansion.hpp"
#include "count/gguf.hpp"
#include "count/inventory_pack.hpp"
#include "count/media.hpp"
#include "count/model_parts.hpp"
#include "count/read_keys.hpp"
#include "count/scope.hpp"
#include "count/stored_inventory.hpp"
#include "count/stored_layers.hpp"
#include "count/unknown_packing.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/count/adapter.hpp"
#include "paramcount/count/companion.hpp"

namespace paramcount {
struct Expander::Impl {
  /// Families from one source, each with its program.
  struct Source {
    explicit Source(FamilyLookup from) : families(std::move(from)) {
      lookup = [this](std::string_view name) -> Program& { return program(name); };
    }

    Program& program(std::string_view name) {
      const Family& family = families(name);
      auto& slot = programs[&family];
      if (!slot) {
        slot = family.validated ? std::make_unique<Program>(family) : validated(family);
      }
      return *slot;
    }

    static std::unique_ptr<Program> validated(const Family& family) {
      return locating(family.file.empty() ? "family " + family.id : family.file, [&] {
        auto made = std::make_unique<Program>(family);
        check_family(*made);
        return made;
      });
    }

    FamilyLookup families;
    std::map<const Family*, std::unique_ptr<Program>> programs;
    ProgramLookup lookup;
  };

  Impl(FamilyLookup families, FamilyLookup gguf_families, NameLookup name_lookup, PackedLookup inventory_lookup)
      : plain(std::move(families)),
        gguf(std::move(gguf_families)),
        names(std::move(name_lookup)),
        known(std::move(inventory_lookup)) {}

  using Dims = std::vector<std::pair<std::string, Value>>;

  /// The model's own, without its parts.
  Inventory expand_own(const Model& model);

  /// The inventory that a config describes, except for dimensions that files give; with the spellings of all families
  /// in it when they are asked for. `metadata_alone`: a GGUF's, whose missing keys do not take a class's defaults.
  Inventory expand(const Model& model, Spellings* spellings, const Dims& from_files = {}, bool metadata_alone = false) {
    Program& program = plain.program(model.family);
    Scope scope(program, model.config, plain.lookup);
    for (const auto& [name, value] : model.dims) scope.set(name, value);
    for (const auto& [name, value] : from_files) layer_scope(scope)->set(name, value);
    Inventory inventory;
    inventory.family = program.family().id;
    inventory.from_files = from_files;
    inventory.draft = program.family().draft;
    expand_scope(scope, inventory);
    collect_dims(scope, inventory);
    collect_repeats(scope, inventory);
    const bool is_gguf = model.checkpoint && model.checkpoint->format == CheckpointFormat::gguf;
    if (names.config_keys && model.origin != "catalog" && !is_gguf && model.config.as<Value::Object>() != nullptr) {
      audit_config(scope, names.config_keys(), by_family, model.checkpoint != nullptr, inventory);
    }
    if (metadata_alone) drop_defaults(scope, *gguf.families(model.family).gguf, inventory);
    scope.work().finish();
    inventory.counted_as = model.counted_as;
    if (strict) paramcount::refuse_guesses(inventory);
    read_scales(model.config, inventory);
    inventory.layer_count = inventory.count("n_layers") + inventory.count("n_encoder_layers");
    if (spellings != nullptr) {
      collect_spellings(scope, *spellings);
      if (names.spellings) spellings->append(names.spellings());
    }
    return inventory;
  }

  /// As llama.cpp's converter writes the model.
  GgufInventory expand_gguf(const Model& model, const Dims& from_files = {}) {
    if (model.family.empty()) throw Error(unknown_architecture(model));
    Program& program = gguf.program(model.family);
    Scope whole(program, model.config, gguf.lookup);
    for (const auto& [name, value] : model.dims) whole.set(name, value);
    for (const auto& [name, value] : from_files) layer_scope(whole)->set(name, value);
    const Family& family = program.family();
    const auto unknown = [&]() {
      return Error("no GGUF layout is known for " + printable(family.title.empty() ? family.id : family.title) +
                   " (family " + printable(family.id) + ")");
    };
    if (!family.gguf || (family.gguf->arch.empty() && family.gguf->part.empty())) throw unknown();
    Scope* scope = &whole;
    if (!family.gguf->part.empty()) {
      const auto part = program.find(family.gguf->part);
      if (!part || part->kind != Target::Kind::part) throw Error("/gguf/part: no such part");
      scope = whole.part(part->at);
    }
    if (scope == nullptr) throw unknown();
    const auto& written = scope->program().family().gguf;
    if (!written || written->arch.empty()) throw unknown();
    Inventory inventory;
    inventory.family = family.id;
    expand_rows(*scope, inventory);
    collect_dims(*scope, inventory);
    scope->work().finish();
    GgufInventory result = to_gguf(inventory, *written);
    if (!family.gguf->arch.empty()) result.arch = family.gguf->arch;
    result.half = is_half(model.config);
    return result;
  }

  /// The model's family against the stored tensors.
  Explanation explain(const Model& model, StoredWeights& stored, const Dims& from_files = {}) {
    Explanation result;
    Spellings spellings;
    const bool is_gguf = stored.checkpoint->format == CheckpointFormat::gguf;
    result.family = expand(model, &spellings, from_files, is_gguf && model.checkpoint == nullptr);
    if (is_gguf) {
      result.gguf = expand_gguf(model);
      // Far more tensors than there are: the metadata have nothing to do with the file, and listing them takes for
      // ever.
      const auto tensors = result.gguf->tensor_count();
      if (tensors > stored.checkpoint->tensors.size() + kMostMissing) {
        throw Error(grouped(tensors) + " tensors expected, " + grouped(stored.checkpoint->tensors.size()) + " stored");
      }
      result.family.tensors = result.gguf->tensors;
    }
    name_unknown(stored, result.family, spellings);
    result.matching = match(stored, result.family, spellings);
    shape_unknown(stored, result.family, result.matching);
    result.verification = paramcount::verify(stored, result.family, result.matching);
    return result;
  }

  /// What explains the model's checkpoint; else why nothing does.
  std::optional<Explanation> explain(const Model& model, StoredWeights& stored, std::string& why) {
    if (!model.family.empty()) return explain(model, stored);
    if (stored.checkpoint->format == CheckpointFormat::gguf) {
      const auto by = [&](const Model& candidate) { return explain(candidate, stored); };
      try {
        return best_family(stored, gguf.families, names, spellings(), by);
      } catch (const Error& error) {
        why = error.what();
      }
    } else {
      const std::string config = printable(model.config_file);
      why = config.empty() ? "there is no config.json" : config + " is not used: " + model.config_problem;
    }
    return std::nullopt;
  }

  /// What files that are not a model on their own hold.
  Inventory companion(const Model& model) const {
    const Checkpoint& checkpoint = *model.checkpoint;
    StoredWeights stored;
    stored.checkpoint = &checkpoint;
    if (!is_companion(checkpoint.kind)) stored = unpack_checkpoint(checkpoint, names);
    refuse_unknown(stored, spellings());
    Inventory inventory = stored_inventory(stored, names);
    if (checkpoint.kind == CheckpointKind::adapter) {
      inventory.adapter = std::make_shared<AdapterSummary>(checkpoint.format == CheckpointFormat::gguf
                                                               ? read_gguf_adapter(checkpoint)
                                                               : read_peft_adapter(checkpoint, model.config));
    }
    return inventory;
  }

  /// The dimension that counts the layers of an index: "n_layers" for "layer". Empty when none alone does.
  std::string dim_of(const Model& model, const std::string& index) {
    Scope scope(plain.program(model.family), model.config, plain.lookup);
    for (const auto& [name, value] : model.dims) scope.set(name, value);
    for (const auto& [name, expression] : layer_scope(scope)->program().family().indices) {
      if (name != index) continue;
      for (const std::string dim : {"n_encoder_layers", "n_layers"}) {
        if (expression.find(dim) != std::string::npos) return dim;
      }
    }
    return {};
  }

  /// Where the files hold other layers than the config says, the explanation becomes one by the files: the family with
  /// that many layers, or its caches without those that are not there.
  void follow_layers(const Model& model, StoredWeights& stored, Explanation& explanation) {
    for (const auto& layers : stored_layers(stored, explanation.family, explanation.matching)) {
      if (layers.agree()) continue;
      const bool fewer = layers.stored.size() < layers.expected;
      const std::string dim = dim_of(model, layers.index);
      bool followed = false;
      if (!dim.empty() && layers.contiguous() && (fewer || layers.whole_beyond)) {
        Model cut = model;
        for (const bool shortened : {false, true}) {
          if (followed || (shortened && !fewer)) break;
          if (shortened) shorten_lists(cut.config, layers.expected, layers.stored.size());
          followed = follow(cut, {dim, Value(static_cast<std::int64_t>(layers.stored.size()))}, stored, explanation);
        }
      }
      if (!followed && !layers.whole_beyond) continue;
      if (!followed && fewer) {
        keep_layers(explanation.family, layers, dim);
        followed = true;
      }
      explanation.layers.push_back({layers.expected, layers.stored.size(), numbers_text(layers), followed});
    }
  }

  /// Takes the explanation with that dimension when it leaves fewer tensors over.
  bool follow(const Model& model, std::pair<std::string, Value> dim, StoredWeights& stored, Explanation& explanation) {
    try {
      StoredWeights again = unpack_checkpoint(*model.checkpoint, names);
      Dims dims = explanation.family.from_files;
      dims.push_back(std::move(dim));
      Explanation other = explain(model, again, dims);
      const auto left = [](const Verification& v) { return missing_tensors(v) + unexpected_tensors(v); };
      if (left(other.verification) >= left(explanation.verification)) return false;
      other.layers = std::move(explanation.layers);
      explanation = std::move(other);
      stored = std::move(again);
      return true;
    } catch (const Error&) {
      // The config does not allow for it: a list of its own for the layers, say.
      return false;
    }
  }

  /// Those that all families share.
  [[nodiscard]] Spellings spellings() const { return names.spellings ? names.spellings() : Spellings{}; }

  /// A family's own, then its parts'.
  static void collect_spellings(Scope& scope, Spellings& out) {
    const Family& family = scope.program().family();
    out.append(family.spellings);
    for (std::size_t i = 0; i < family.parts.size(); ++i) {
      if (Scope* inner = scope.part(i)) collect_spellings(*inner, out);
    }
  }

  static void collect_class_facts(Scope& scope, const Spellings& spellings, ClassFacts& out) {
    const Family& family = scope.program().family();
    const auto& layout = family.class_layout;
    for (const auto& merge : spellings.merges) {
      if (std::find(layout.fused.begin(), layout.fused.end(), merge.whole) == layout.fused.end()) continue;
      out.fused.push_back({merge.whole, merge.parts});
    }
    const auto append = [](auto& to, const auto& from) { to.insert(to.end(), from.begin(), from.end()); };
    append(out.parameters, layout.parameters);
    append(out.transposed, layout.transposed);
    append(out.rename, layout.rename);
    for (std::size_t i = 0; i < family.parts.size(); ++i) {
      if (Scope* inner = scope.part(i)) collect_class_facts(*inner, spellings, out);
    }
  }

  /// What the head of a model with tied embeddings would be were they not.
  std::vector<Tensor> tied_head(Model model, const Inventory& inventory) {
    if (!inventory.flag("tied_embeddings")) return {};
    model.dims.emplace_back("tied_embeddings", false);
    std::vector<Tensor> head;
    try {
      for (auto& tensor : expand(model, nullptr).tensors) {
        const bool listed = std::any_of(inventory.tensors.begin(), inventory.tensors.end(),
                                        [&](const Tensor& other) { return other.name == tensor.name; });
        if (tensor.role == Role{RoleKind::head} && !listed) head.push_back(std::move(tensor));
      }
    } catch (const Error&) {
      return {};  // the class cannot untie it
    }
    return head;
  }

  std::vector<ClassParameter> class_parameters(Model model) {
    model.checkpoint = nullptr;
    Spellings spellings;
    const Inventory inventory = expand(model, &spellings);
    Scope scope(plain.program(model.family), model.config, plain.lookup);
    for (const auto& [name, value] : model.dims) scope.set(name, value);
    ClassFacts facts;
    collect_class_facts(scope, spellings, facts);
    return paramcount::class_parameters(inventory, facts, tied_head(std::move(model), inventory));
  }

  bool strict{false};
  std::map<const Family*, ReadKeys> read_keys;
  ReadKeysLookup by_family = [this](const Family& family) -> const ReadKeys& {
    return read_keys.try_emplace(&family, family).first->second;
  };
  Source plain;
  Source gguf;
  NameLookup names;
  PackedLookup known;
};

Expander::Expander(FamilyLookup families, FamilyLookup gguf_families, NameLookup names, PackedLookup known)
    : impl_(std::make_unique<Impl>(std::move(families), std::move(gguf_families), std::move(names), std::move(known))) {
}

Expander::~Expander() = default;

void Expander::refuse_guesses(bool refuse) { impl_->strict = refuse; }

Inventory Expander::expand(const Model& model) {
  Inventory whole = model.only_parts ? Inventory{} : impl_->expand_own(model);
  add_parts(
      model, [this](const Model& part) { return expand(part); }, whole);
  if (model.only_parts && whole.tensors.empty()) {
    throw Error(printable(whole.parts.front().path) + ": " + whole.parts.front().problem);
  }
  whole.named = model.named;
  return whole;
}

Inventory Expander::Impl::expand_own(const Model& model) {
  if (!model.checkpoint) {
    if (known) {
      const auto packed = known(model);
      if (auto inventory = packed ? unpack_inventory(model, *packed) : std::nullopt) {
        if (strict) paramcount::refuse_guesses(*inventory);
        return std::move(*inventory);
      }
    }
    return expand(model, nullptr);
  }
  if (model.kind() != CheckpointKind::model) return companion(model);
  StoredWeights stored = unpack_checkpoint(*model.checkpoint, names);
  std::string why;
  if (auto explanation = explain(model, stored, why)) {
    if (model.checkpoint->format != CheckpointFormat::gguf) follow_layers(model, stored, *explanation);
    // A config that explains less than half of the tensors belongs to another model: its dimensions would mislead.
    const bool other = model.checkpoint->format != CheckpointFormat::gguf &&
                       unexpected_tensors(explanation->verification) > model.checkpoint->tensors.size() / 2;
    if (!other) return stored_inventory(stored, std::move(*explanation), names);
    why = (model.config_file.empty() ? "the config" : printable(model.config_file)) + " is of another model";
    // What it said of packed weights says nothing either.
    stored = unpack_checkpoint(*model.checkpoint, names);
  }
  refuse_unknown(stored, spellings());
  return stored_inventory(stored, why, names);
}

Verification Expander::verify(const Model& model) {
  if (model.kind() != CheckpointKind::model) {
    throw Error(std::string(noun_of(model.kind())) + ": no family describes it");
  }
  if (model.checkpoint->tensors.empty()) throw Error("holds no tensors");
  StoredWeights stored = unpack_checkpoint(*model.checkpoint, impl_->names);
  refuse_unknown(stored, impl_->spellings(), true);
  std::string why;
  auto explanation = impl_->explain(model, stored, why);
  if (!explanation) throw Error(why);
  suggest_renames(explanation->verification);
  return std::move(explanation->verification);
}

GgufInventory Expander::expand_gguf(const Model& model) { return impl_->expand_gguf(model); }

GgufInventory Expander::expand_gguf(const Model& model, const Inventory& inventory) {
  return inventory.gguf ? *inventory.gguf : impl_->expand_gguf(model, inventory.from_files);
}

std::vector<ClassParameter> Expander::class_parameters(const Model& model, const Inventory& inventory) {
  if (model.family.empty()) return paramcount::class_parameters(inventory, {}, {});
  return impl_->class_parameters(model);
}

std::optional<MediaCount> Expander::media(const Model& model, const Inventory& inventory, const MediaRule& rule,
                                          const Medium& medium) {
  return count_media(impl_->plain.families(inventory.family), model, rule, medium, impl_->plain.lookup);
}

const ReadKeys& Expander::read_keys(std::string_view family) {
  return impl_->by_family(impl_->plain.program(family).family());
}

void Expander::check(const Family& family) { static_cast<void>(Impl::Source::validated(family)); }

void Expander::check(const Family& family, const MediaRule& rule) { check(with_rule(family, rule)); }

}  // namespace paramcount
