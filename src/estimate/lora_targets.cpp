// What a LoraConfig trains: matches names against the modules and parameters of the model's class, as PEFT does.
#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "base/budgets.hpp"
#include "base/text.hpp"
#include "count/module_names.hpp"
#include "count/tensor_names.hpp"
#include "paramcount/base/checked.hpp"
#include "paramcount/base/error.hpp"
#include "paramcount/estimate/lora.hpp"

namespace paramcount {
namespace {

/// Without the last component.
std::string_view parent_of(std::string_view path) {
  const auto dot = path.rfind('.');
  return path.substr(0, dot == std::string_view::npos ? 0 : dot);
}
TensorName parent_of(const TensorName& path) { return path.cut(parent_of(std::string_view(path.text())).size()); }

LoraTarget::Kind kind_of(Holder holder) {
  switch (holder) {
    case Holder::linear:
      return LoraTarget::Kind::linear;
    case Holder::embedding:
      return LoraTarget::Kind::embedding;
    case Holder::convolution:
      return LoraTarget::Kind::convolution;
    case Holder::parameter:
      break;
  }
  return LoraTarget::Kind::parameter;
}

/// The output head: what get_output_embeddings() gives, and what a classifier has in its place.
bool is_head(const ClassParameter& parameter, const std::set<std::uint64_t>& vocabularies) {
  if (parameter.tensor.role.kind != RoleKind::head) return false;
  const std::string path = parameter.path().text();
  return vocabularies.contains(parameter.tensor.shape[0]) || named_by("score", path) || named_by("classifier", path);
}

class Targeting {
 public:
  Targeting(const std::vector<ClassParameter>& parameters, const LoraConfig& config)
      : parameters_(parameters), config_(config), used_(config.modules.size(), false) {
    if (!config.pattern.empty()) pattern_.emplace(config.pattern, "target_modules");
    if (!config.excluded_pattern.empty()) excluded_.emplace(config.excluded_pattern, "exclude_modules");
    for (const auto& list : config.layer_lists) {
      layer_lists_.emplace_back(".*?\\.(?:" + list + ")\\.([0-9]+)\\..*", "layers_pattern");
    }
    for (const auto& [name, rank] : config.ranks) {
      ranks_.emplace_back(NamePattern("(?:.*\\.)?(?:" + name + ")", "rank_pattern"), rank);
    }
    for (const auto& parameter : parameters) {
      if (parameter.holder == Holder::embedding) vocabularies_.insert(parameter.tensor.shape[0]);
    }
  }

  Lora take() {
    lora_.rank = config_.rank;
    for (const auto& parameter : parameters_) {
      if (parameter.holder != Holder::parameter) module(parameter);
      bare(parameter);
      look_for_containers(parameter);
    }
    if (pattern_ && lora_.targets.empty()) lora_.unmatched.push_back(config_.pattern);
    for (const auto& name : config_.saved) save(name);
    for (const auto& [name, count] : config_.tokens) tokens(name, count);
    if (config_.bias == LoraConfig::Bias::all) all_biases();
    for (std::size_t i = 0; i < config_.modules.size(); ++i) {
      if (!used_[i]) lora_.unmatched.push_back(config_.modules[i]);
    }
    for (const auto& name : config_.parameters) {
      if (!used_parameters_.contains(name)) lora_.unmatched.push_back(name);
    }
    return std::move(lora_);
  }

 private:
  bool by_kind(const ClassParameter& parameter) const {
    return config_.all_linear && parameter.holder == Holder::linear && !is_head(parameter, vocabularies_);
  }

  /// By target_modules; what every copy has to be asked for is `some`.
  Named named(const ClassParameter& parameter, const TensorName& path) {
    Named result = by_kind(parameter) ? Named::all : Named::none;
    for (std::size_t i = 0; i < config_.modules.size(); ++i) {
      const auto one = named_by(config_.modules[i], path, parameter.tensor.axes);
      if (one == Named::none) continue;
      used_[i] = true;
      if (result != Named::all) result = one;
    }
    return pattern_ && result == Named::none ? Named::some : result;
  }

  bool named(const std::string& path) const {
    if (pattern_ && pattern_->matches(path)) return true;
    return std::any_of(config_.modules.begin(), config_.modules.end(),
                       [&](const auto& name) { return named_by(name, path); });
  }

  bool excluded(const std::string& path) const {
    if (excluded_ && excluded_->matches(path)) return true;
    if (std::any_of(config_.excluded.begin(), config_.excluded.end(),
                    [&](const auto& name) { return named_by(name, path); })) {
      return true;
    }
    // What is trained in full, and all that is in it.
    return std::any_of(config_.saved.begin(), config_.saved.end(), [&](const auto& name) {
      for (std::string_view at = path; !at.empty(); at = parent_of(at)) {
        if (named_by(name, at)) return true;
      }
      return false;
    });
  }

  bool in_layers(const std::string& path) const {
    // A target that is the whole path is not asked for its layer.
    if (config_.layers.empty() ||
        std::find(config_.modules.begin(), config_.modules.end(), path) != config_.modules.end()) {
      return true;
    }
    std::optional<std::uint64_t> layer;
    if (layer_lists_.empty()) layer = layer_of(path);
    for (const auto& list : layer_lists_) {
      if (const auto number = list.group(path); number && !layer) layer = std::stoull(number->substr(0, 18));
    }
    return layer && std::find(config_.layers.begin(), config_.layers.end(), *layer) != config_.layers.end();
  }

  std::uint64_t rank_of(const std::string& path) const {
    for (const auto& [pattern, rank] : ranks_) {
      if (pattern.matches(path)) return rank;
    }
    return config_.rank;
  }

  /// How many copies get an adapter of which rank.
  std::map<std::uint64_t, std::uint64_t> chosen(const ClassParameter& parameter, const TensorName& path, Named quick,
                                                bool by_module) {
    std::map<std::uint64_t, std::uint64_t> ranks;
    const bool plain = config_.excluded.empty() && !excluded_ && config_.saved.empty() &&
                       (config_.layers.empty() || !by_module) && ranks_.empty();
    if (quick == Named::none) return ranks;
    if (quick == Named::all && plain) {
      ranks[config_.rank] = parameter.tensor.copies;
      return ranks;
    }
    if (parameter.tensor.copies > kMostPaths) throw Error("more than a million modules to match names against");
    each_name(path, parameter.tensor.axes, [&](const std::string& one) {
      if (by_module) {
        if (quick != Named::all && !named(one)) return;
        if (excluded(one) || (!pattern_ && !by_kind(parameter) && !in_layers(one))) return;
      } else if (quick != Named::all && std::none_of(config_.parameters.begin(), config_.parameters.end(),
                                                     [&](const auto& name) { return named_by(name, one); })) {
        return;
      }
      ++ranks[rank_of(one)];
    });
    return ranks;
  }

  void add(LoraTarget target) {
    const auto factors = checked_mul(target.rank, checked_add(target.inputs, target.outputs));
    target.trained = {checked_mul(target.copies, checked_add(factors, target.extra))};
    lora_.trained += target.trained;
    lora_.targets.push_back(std::move(target));
  }

  bool has_bias(const TensorName& path) const {
    TensorName bias = path;
    bias.add(".bias");
    return std::any_of(parameters_.begin(), parameters_.end(),
                       [&](const auto& other) { return other.tensor.name == bias; });
  }

  void module(const ClassParameter& parameter) {
    const auto path = parameter.path();
    const auto& shape = parameter.tensor.shape;
    for (const auto& [rank, copies] : chosen(parameter, path, named(parameter, path), true)) {
      LoraTarget target;
      target.name = path;
      target.kind = kind_of(parameter.holder);
      target.rank = rank;
      target.copies = copies;
      const bool inputs_first = parameter.transposed || parameter.holder == Holder::embedding;
      target.inputs = inputs_first ? shape[0] : shape[1];
      target.outputs = inputs_first ? shape[1] : shape[0];
      if (parameter.holder == Holder::convolution) {
        const bool tower = is_tower(parameter.tensor.role.kind) || parameter.tensor.role.kind == RoleKind::embedding;
        if (shape[1] == 1 || !tower) {
          throw Error(printable(path.text()) +
                      ": a grouped convolution, which PEFT adapts only with ranks divisible by its groups");
        }
        for (std::size_t i = 2; i < shape.size(); ++i) target.inputs = checked_mul(target.inputs, shape[i]);
      }
      if (config_.dora) target.extra = checked_add(target.extra, target.outputs);
      if (config_.adapter_bias) {
        if (parameter.holder == Holder::embedding) {
          throw Error(printable(path.text()) + ": lora_bias is not possible with an embedding");
        }
        target.extra = checked_add(target.extra, target.outputs);
      }
      if (config_.bias == LoraConfig::Bias::adapted && has_bias(path)) {
        target.extra = checked_add(target.extra, target.outputs);
      }
      add(std::move(target));
    }
  }

  /// By target_parameters, which is all that reaches a parameter of no module that has an adapter.
  void bare(const ClassParameter& parameter) {
    const auto& path = parameter.tensor.name;
    const auto& shape = parameter.tensor.shape;
    Named quick = Named::none;
    for (const auto& name : config_.parameters) {
      const auto one = named_by(name, path, parameter.tensor.axes);
      if (one == Named::none) continue;
      used_parameters_.insert(name);
      if (quick != Named::all) quick = one;
    }
    if (quick == Named::none) return;
    if (shape.size() != 2 && shape.size() != 3) {
      throw Error(printable(path.text()) + ": PEFT adapts parameters of two or three dimensions");
    }
    if (config_.dora || config_.adapter_bias) {
      throw Error(printable(path.text()) + ": PEFT has neither use_dora nor lora_bias for parameters");
    }
    for (const auto& [rank, copies] : chosen(parameter, path, quick, false)) {
      LoraTarget target;
      target.name = path;
      target.kind = LoraTarget::Kind::parameter;
      target.rank = rank;
      // Each expert has factors of its own: lora.ParamWrapper makes them r × experts wide.
      target.copies = shape.size() == 3 ? checked_mul(copies, shape[0]) : copies;
      target.outputs = shape[shape.size() - 2];
      target.inputs = shape.back();
      add(std::move(target));
    }
  }

  /// Names of modules that hold others, or a parameter that no adapter fits: PEFT refuses them.
  void look_for_containers(const ClassParameter& parameter) {
    const bool bare = parameter.holder == Holder::parameter;
    for (auto path = parent_of(parameter.path()); !path.text().empty(); path = parent_of(path)) {
      if (bare && beside_module(parameter, path)) continue;
      for (std::size_t i = 0; i < config_.modules.size(); ++i) {
        const auto& name = config_.modules[i];
        if (named_by(name, path, parameter.tensor.axes) == Named::none) continue;
        if (std::find(lora_.refused.begin(), lora_.refused.end(), name) == lora_.refused.end()) {
          lora_.refused.push_back(name);
        }
      }
    }
  }

  /// Whether the module at that path is one with an adapter: a bias belongs to the module of its weight.
  bool beside_module(const ClassParameter& parameter, const TensorName& path) {
    if (paths_.empty()) {
      for (const auto& other : parameters_) {
        if (other.holder != Holder::parameter) paths_.insert(other.path().text());
      }
    }
    return path == parent_of(parameter.tensor.name) && paths_.contains(path.text());
  }

  /// modules_to_save: PEFT asks whether the path ends in the name, be it in the middle of a component.
  void save(const std::string& name) {
    LoraTarget target;
    target.name = TensorName(name);
    target.kind = LoraTarget::Kind::saved;
    target.copies = 1;
    for (const auto& parameter : parameters_) {
      for (auto path = parent_of(parameter.tensor.name.text()); !path.empty(); path = parent_of(path)) {
        if (!path.ends_with(name)) continue;
        target.extra = checked_add(target.extra, parameter.tensor.params().value);
        break;
      }
    }
    if (target.extra == 0) {
      lora_.unmatched.push_back(name);
    } else {
      add(std::move(target));
    }
  }

  void tokens(const std::string& name, std::uint64_t count) {
    const auto table = std::find_if(parameters_.begin(), parameters_.end(), [&](const auto& parameter) {
      return parameter.holder == Holder::embedding && parameter.path().text().ends_with(name);
    });
    if (table == parameters_.end()) {
      lora_.unmatched.push_back(name);
      return;
    }
    LoraTarget target;
    target.name = table->path();
    target.kind = LoraTarget::Kind::tokens;
    target.copies = count;
    target.extra = table->tensor.shape[1];
    add(std::move(target));
  }

  void all_biases() {
    LoraTarget target;
    target.name = TensorName("bias");
    target.kind = LoraTarget::Kind::bias;
    target.copies = 1;
    for (const auto& parameter : parameters_) {
      if (!parameter.tensor.name.text().ends_with(".bias")) continue;
      target.extra = checked_add(target.extra, parameter.tensor.params().value);
    }
    if (target.extra > 0) add(std::move(target));
  }

  const std::vector<ClassParameter>& parameters_;
  const LoraConfig& config_;
  std::vector<bool> used_;  ///< of config_.modules, which named something
  std::set<std::string> used_parameters_;
  std::set<std::string> paths_;  ///< of modules that have an adapter
  std::set<std::uint64_t> vocabularies_;
  std::optional<NamePattern> pattern_, excluded_;
  std::vector<NamePattern> layer_lists_;
  std::vector<std::pair<NamePattern, std::uint64_t>> ranks_;
  Lora lora_;
};

}  // namespace

Lora count_lora(const std::vector<ClassParameter>& parameters, const LoraConfig& config) {
  return Targeting(parameters, config).take();
}

}  // namespace paramcount
