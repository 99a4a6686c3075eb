#include "paramcount/estimate/adapter.hpp"

#include <algorithm>
#include <array>
#include <memory>

#include "base/numbers.hpp"
#include "base/text.hpp"
#include "count/module_names.hpp"
#include "paramcount/base/checked.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/count/adapter.hpp"
#include "paramcount/count/params.hpp"

namespace paramcount {
namespace {

/// The value of a key that is there and not null.
const Value* get(const Value& config, std::string_view key) {
  const auto* value = config.find(key);
  return value != nullptr && !value->is_null() ? value : nullptr;
}

[[noreturn]] void not_understood(std::string_view key, const Value& value) {
  throw Error("/" + std::string(key) + ": not understood: " + brief(value));
}

std::uint64_t count_of(const Value& value, std::string_view key) {
  const auto* number = value.as<std::int64_t>();
  constexpr std::int64_t kMost = 1'000'000'000;
  if (number == nullptr || *number < 0 || *number > kMost) not_understood(key, value);
  return static_cast<std::uint64_t>(*number);
}

std::uint64_t count_of(const Value& config, std::string_view key, std::uint64_t fallback) {
  const auto* value = get(config, key);
  return value != nullptr ? count_of(*value, key) : fallback;
}

bool flag_of(const Value& config, std::string_view key) {
  const auto* value = get(config, key);
  if (value == nullptr) return false;
  const auto* flag = value->as<bool>();
  if (flag == nullptr) not_understood(key, *value);
  return *flag;
}

std::string text_of(const Value& config, std::string_view key) {
  const auto* value = get(config, key);
  if (value == nullptr) return {};
  const auto* text = value->as<std::string>();
  if (text == nullptr) not_understood(key, *value);
  return *text;
}

/// A list of texts; of a text alone `alone` gets it.
std::vector<std::string> texts_of(const Value& config, std::string_view key, std::string* alone = nullptr) {
  const auto* value = get(config, key);
  if (value == nullptr) return {};
  if (const auto* text = value->as<std::string>()) {
    if (alone == nullptr) return {*text};
    *alone = *text;
    return {};
  }
  const auto* list = value->as<Value::List>();
  if (list == nullptr) not_understood(key, *value);
  std::vector<std::string> texts;
  for (const auto& item : *list) {
    const auto* text = item.as<std::string>();
    if (text == nullptr) not_understood(key, item);
    texts.push_back(*text);
  }
  return texts;
}

/// Switches of LoraConfig that change what is trained in ways that are not counted here.
constexpr std::array<std::string_view, 9> kNotCounted{"layer_replication", "use_qalora",      "use_bdlora",
                                                      "velora_config",     "kasa_config",     "monteclora_config",
                                                      "arrow_config",      "megatron_config", "eva_config"};

void refuse_what_is_not_counted(const Value& config) {
  for (const auto key : kNotCounted) {
    const auto* value = get(config, key);
    if (value == nullptr || *value == Value(false) || *value == Value(Value::Object{})) continue;
    throw Error("/" + std::string(key) + ": what it trains cannot be determined without the adapter's weights");
  }
  const auto* start = get(config, "init_lora_weights");
  if (start != nullptr && *start == Value("mica")) {
    throw Error("/init_lora_weights: what mica trains cannot be determined without the adapter's weights");
  }
}

std::string type_of(const Value& config) {
  const auto type = text_of(config, "peft_type");
  if (type.empty()) throw Error("/peft_type: missing; it says what kind of adapter this is");
  return type;
}

/// One kind of adapter that is counted without its weights: what a matrix of a target trains.
struct Method {
  std::string_view type;  ///< peft_type
  std::string_view rank;  ///< key of its rank; empty: it has none
  std::uint64_t fallback;
  void (*adapt)(LoraTarget& target, const Value& config);
};

void keep(LoraTarget&, const Value&) {}

/// A diagonal between the factors: src/peft/tuners/adalora/layer.py.
void with_diagonal(LoraTarget& target, const Value&) { target.extra = checked_add(target.extra, target.rank); }

/// Two pairs of factors, multiplied element by element: src/peft/tuners/loha/layer.py.
void with_two_pairs(LoraTarget& target, const Value&) { target.rank = checked_mul(target.rank, 2); }

/// A vector for the shared factors and one for the outputs: src/peft/tuners/vera/layer.py.
void with_vectors(LoraTarget& target, const Value&) {
  target.extra = checked_add(target.rank, target.outputs);
  target.inputs = target.outputs = 0;
}

/// A factor for each output, of feed-forward modules for each input: src/peft/tuners/ia3/layer.py.
void with_scale(LoraTarget& target, const Value& config) {
  const auto inner = texts_of(config, "feedforward_modules");
  const bool inputs = std::ranges::any_of(
      inner, [&](const auto& name) { return named_by(name, std::string_view(target.name.text())); });
  target.extra = inputs ? target.inputs : target.outputs;
  target.rank = target.inputs = target.outputs = 0;
}

constexpr std::array<Method, 5> kMethods{{{"LORA", "r", 8, keep},
                                          {"ADALORA", "init_r", 12, with_diagonal},
                                          {"LOHA", "r", 8, with_two_pairs},
                                          {"VERA", "r", 256, with_vectors},
                                          {"IA3", "", 1, with_scale}}};

const Method& method_of(const Value& config) {
  const auto type = type_of(config);
  const auto found = std::ranges::find_if(kMethods, [&](const Method& method) { return method.type == type; });
  if (found != kMethods.end()) return *found;
  throw Error("/peft_type: how many parameters " + printable(type) +
              " trains cannot be determined without its weights");
}

/// Whether its ranks are numbers: those of AdaLoRA say which it has kept.
void read_ranks(const Value& config, LoraConfig& out) {
  const auto* ranks = get(config, "rank_pattern");
  if (ranks == nullptr) return;
  const auto* object = ranks->as<Value::Object>();
  if (object == nullptr) not_understood("rank_pattern", *ranks);
  for (const auto& [name, rank] : *object) out.ranks.emplace_back(name, count_of(rank, "rank_pattern"));
}

void read_layers(const Value& config, LoraConfig& out) {
  const auto* layers = get(config, "layers_to_transform");
  if (layers == nullptr) return;
  if (const auto* list = layers->as<Value::List>()) {
    for (const auto& layer : *list) out.layers.push_back(count_of(layer, "layers_to_transform"));
  } else {
    out.layers.push_back(count_of(*layers, "layers_to_transform"));
  }
  out.layer_lists = texts_of(config, "layers_pattern");
}

void read_tokens(const Value& config, LoraConfig& out) {
  const auto* tokens = get(config, "trainable_token_indices");
  if (tokens == nullptr) return;
  if (const auto* list = tokens->as<Value::List>()) {
    out.tokens.emplace_back("embed_tokens", list->size());
    return;
  }
  const auto* object = tokens->as<Value::Object>();
  if (object == nullptr) not_understood("trainable_token_indices", *tokens);
  for (const auto& [name, indices] : *object) {
    const auto* list = indices.as<Value::List>();
    if (list == nullptr) not_understood("trainable_token_indices", indices);
    out.tokens.emplace_back(name, list->size());
  }
}

LoraConfig config_with_rank(const Value& config, std::string_view rank, std::uint64_t fallback) {
  LoraConfig out;
  out.rank = rank.empty() ? fallback : count_of(config, rank, fallback);
  std::string text;
  out.modules = texts_of(config, "target_modules", &text);
  if (lower(text) == "all-linear") {
    out.all_linear = true;
  } else {
    out.pattern = std::move(text);
  }
  out.parameters = texts_of(config, "target_parameters");
  if (out.modules.empty() && out.pattern.empty() && !out.all_linear && out.parameters.empty()) {
    throw Error("/target_modules: missing; it says which modules are adapted");
  }
  out.saved = texts_of(config, "modules_to_save");
  out.excluded = texts_of(config, "exclude_modules", &out.excluded_pattern);
  read_layers(config, out);
  read_tokens(config, out);
  const auto bias = text_of(config, "bias");
  if (bias == "all") {
    out.bias = LoraConfig::Bias::all;
  } else if (bias.ends_with("_only")) {
    out.bias = LoraConfig::Bias::adapted;
  } else if (!bias.empty() && bias != "none") {
    throw Error("/bias: not understood: " + printable(bias));
  }
  return out;
}

/// Tensors of what a config trains, for lists and number formats: two factors for each target, and what else it has.
std::vector<Tensor> tensors_of(const Lora& lora) {
  std::vector<Tensor> tensors;
  for (const auto& target : lora.targets) {
    const std::string name = target.name.with([](std::size_t) { return "*"; });
    const auto add = [&](const std::string& end, std::vector<std::uint64_t> shape) {
      Tensor tensor;
      tensor.role = {RoleKind::other};
      tensor.name = TensorName(name + end);
      tensor.shape = std::move(shape);
      tensor.copies = target.copies;
      if (tensor.elements() > 0) tensors.push_back(std::move(tensor));
    };
    add(".lora_A.weight", {target.rank, target.inputs});
    add(".lora_B.weight", {target.outputs, target.rank});
    add(target.rank > 0 ? ".extra" : "", {target.extra});
  }
  return tensors;
}

/// Targets by the last word of their name, as AdapterSummary has them.
void summarise(const Lora& lora, AdapterSummary& summary) {
  for (const auto& found : lora.targets) {
    if (found.kind == LoraTarget::Kind::saved) {
      summary.modules_to_save.push_back(printable(found.name.text()));
      continue;
    }
    const auto& path = found.name.text();
    const auto name = printable(path.substr(path.rfind('.') + 1));
    auto target = std::ranges::find_if(summary.targets, [&](const auto& other) { return other.name == name; });
    if (target == summary.targets.end()) {
      target = summary.targets.insert(summary.targets.end(), {name, 0, found.rank, found.rank, {}});
    }
    target->modules += found.copies;
    target->rank_low = std::min(target->rank_low, found.rank);
    target->rank_high = std::max(target->rank_high, found.rank);
    target->parameters += found.trained;
    if (found.rank > 0) {
      summary.rank_low = summary.rank_low == 0 ? found.rank : std::min(summary.rank_low, found.rank);
      summary.rank_high = std::max(summary.rank_high, found.rank);
    }
  }
  summary.parameters = lora.trained;
}

/// What an adapter without weights has, by its config.
void count_without_weights(const Model& model, const std::optional<Lora>& by_config, const std::string& why,
                           Inventory& inventory, AdapterSummary& summary) {
  summary.from_config = true;
  if (const auto prompt = prompt_parameters(model.config)) {
    summary.parameters = *prompt;
    Tensor tensor;
    tensor.role = {RoleKind::other};
    tensor.name = TensorName("prompt_embeddings");
    tensor.shape = {prompt->value};
    inventory.tensors = {std::move(tensor)};
    return;
  }
  if (!by_config) throw Error(why);
  summarise(*by_config, summary);
  inventory.tensors = tensors_of(*by_config);
}

}  // namespace

LoraConfig lora_config_of(const Value& config) {
  refuse_what_is_not_counted(config);
  LoraConfig out = config_with_rank(config, "r", 8);
  read_ranks(config, out);
  out.dora = flag_of(config, "use_dora");
  out.adapter_bias = flag_of(config, "lora_bias");
  return out;
}

std::optional<Params> prompt_parameters(const Value& config) {
  const auto type = type_of(config);
  const auto tokens = count_of(config, "num_virtual_tokens", 0);
  const auto width = count_of(config, "token_dim", 0);
  if (tokens == 0 || width == 0) return std::nullopt;
  if (type == "PROMPT_TUNING") {
    return Params{checked_mul(checked_mul(tokens, width), count_of(config, "num_transformer_submodules", 1))};
  }
  // Keys and values of each layer, unless a small network makes them: src/peft/tuners/prefix_tuning/model.py.
  const auto layers = count_of(config, "num_layers", 0);
  if (type != "PREFIX_TUNING" || layers == 0 || flag_of(config, "prefix_projection")) return std::nullopt;
  return Params{checked_mul(checked_mul(tokens, width), checked_mul(layers, 2))};
}

Lora count_by_config(const Value& config, const std::vector<ClassParameter>& base) {
  const Method& method = method_of(config);
  const bool plain = method.type == "LORA";
  LoraConfig asked = plain ? lora_config_of(config) : config_with_rank(config, method.rank, method.fallback);
  if (!plain && method.type != "ADALORA") read_ranks(config, asked);
  Lora lora = count_lora(base, asked);
  lora.trained = {};
  for (auto& target : lora.targets) {
    const bool matrix = target.kind == LoraTarget::Kind::linear;
    if (!plain && target.rank > 0) {
      if (!matrix)
        throw Error(printable(target.name.text()) + ": only linear layers are counted for " + std::string(method.type));
      method.adapt(target, config);
      const auto factors = checked_mul(target.rank, checked_add(target.inputs, target.outputs));
      target.trained = {checked_mul(target.copies, checked_add(factors, target.extra))};
    }
    lora.trained += target.trained;
  }
  return lora;
}

void complete_adapter(const Model& model, Inventory& inventory, Expander& expander) {
  auto summary = std::make_shared<AdapterSummary>(*inventory.adapter);
  const bool has_weights = !model.checkpoint->tensors.empty();
  std::optional<Lora> by_config;
  std::string why =
      summary->base.empty()
          ? "an adapter's config that names no base model; name it with --base MODEL"
          : "an adapter's config without weights: how many parameters it trains depends on its base model " +
                printable(summary->base) + ", which is not in the catalog; name it with --base MODEL";
  if (model.base) {
    const Inventory base = expander.expand(*model.base);
    summary->base_model = model.base->id;
    summary->base_parameters = count_params(base).total;
    try {
      if (model.config.as<Value::Object>() != nullptr && !prompt_parameters(model.config)) {
        by_config = count_by_config(model.config, expander.class_parameters(*model.base, base));
      }
    } catch (const Error& error) {
      why = error.what();
      if (has_weights) summary->remarks.push_back("the config is not compared with the weights: " + why);
    }
  }
  if (by_config && by_config->trained.value == 0) {
    why = printable(joined(by_config->unmatched, ", ")) + ": nothing in the base model has such a name";
    by_config.reset();
  }
  if (by_config && !by_config->unmatched.empty()) {
    summary->remarks.push_back(printable(joined(by_config->unmatched, ", ")) + ": nothing in " +
                               printable(model.base->id) + " has such a name.");
  }
  if (has_weights) {
    if (by_config) {
      summary->by_config = by_config->trained;
      if (by_config->trained != summary->parameters) {
        summary->remarks.push_back("by the config " + grouped(by_config->trained.value) +
                                   " parameters are trained on " + printable(model.base->id) +
                                   ", in the files there are " + grouped(summary->parameters.value) + ".");
      }
    }
  } else if (model.config.as<Value::Object>() != nullptr) {
    count_without_weights(model, by_config, why, inventory, *summary);
  }
  inventory.adapter = std::move(summary);
}

}  // namespace paramcount
