#include "read/hf_config.hpp"

#include <algorithm>

#include "base/file.hpp"
#include "base/spelling.hpp"
#include "base/text.hpp"
#include "catalog/json.hpp"
#include "paramcount/base/error.hpp"
#include "read/checkpoint_model.hpp"
#include "read/config_file.hpp"
#include "read/config_kind.hpp"
#include "read/model_files.hpp"

namespace paramcount {

namespace {

constexpr std::size_t kLongestClass = 80;  ///< shown in a message

/// The class that a config names first; empty: none.
std::string class_of(const Value& config) {
  const auto* list = config.find<Value::List>("architectures");
  if (list == nullptr) return config.text("architectures");
  const auto* first = list->empty() ? nullptr : list->front().as<std::string>();
  return first != nullptr ? *first : std::string{};
}

bool describes(const Family& family, std::string_view model_class) {
  return std::find(family.classes.begin(), family.classes.end(), model_class) != family.classes.end();
}

/// The family of the config's model_type; nullptr: it names none that is known.
const Family* family_of_type(const Value& config, const Catalog& catalog) {
  const auto* name = config.find<std::string>("model_type");
  return name != nullptr ? catalog.find_family(*name) : nullptr;
}

/// The classes that the family counts. One that replaces the family of the model_type, a draft head or a model with
/// extra heads, may carry the class of the model it replaces; a family that lists none accepts any.
std::vector<std::string> classes_of(const Family& family, const Family* of_type) {
  std::vector<std::string> classes = family.classes;
  const bool stands_in = of_type != nullptr && of_type != &family && (family.draft || classes.empty());
  if (stands_in) classes.insert(classes.end(), of_type->classes.begin(), of_type->classes.end());
  return classes;
}

bool accepts(const std::vector<std::string>& classes, const std::string& named) {
  return classes.empty() || std::find(classes.begin(), classes.end(), named) != classes.end();
}

/// Throws Error when the config names a class that its family does not count.
void check_class(const Family& family, const Value& config, const Catalog& catalog) {
  const std::string named = class_of(config);
  const auto classes = classes_of(family, family_of_type(config, catalog));
  if (named.empty() || accepts(classes, named)) return;
  Suggestions suggestions(named, named.size());
  for (const auto& known : classes) suggestions.consider(known);
  const std::string nearest = suggestions.best().empty() ? classes.front() : suggestions.best().front();
  throw Error("/architectures/0: family " + printable(family.id) + " does not describe " +
              printable(named.substr(0, kLongestClass)) + "; the nearest class that it does is " + nearest +
              ", and --as " + nearest + " counts it as that");
}

/// The family that counts the class: what the config is by its keys or its model_type if that does, else the one that
/// describes the class.
const Family& family_of_class(const std::string& model_class, Value& config, const Catalog& catalog) {
  const Family* const kind = family_of_kind(config, catalog);
  const Family* const own = family_of_type(config, catalog);
  if (kind != nullptr && accepts(classes_of(*kind, own), model_class)) return *kind;
  if (own != nullptr && describes(*own, model_class)) return *own;
  const auto ids = catalog.families_of_class(model_class);
  if (ids.empty()) {
    Suggestions suggestions(model_class, 4);
    catalog.each_name(Catalog::Kind::family, [&](std::string_view id, bool is_id) {
      if (!is_id) return;
      for (const auto& known : catalog.family(id).classes) suggestions.consider(known);
    });
    throw usage_error("--as " + printable(model_class) + ": no family describes that class." + suggestions.hint());
  }
  if (ids.size() > 1) {
    throw Error("--as " + printable(model_class) + ": several families describe it: " + joined(ids, ", ") +
                "; a model_type in the config says which");
  }
  return catalog.family(ids.front());
}

}  // namespace

Model model_of_config(Value config, const std::string& name, const Catalog& catalog) {
  if (config.as<Value::Object>() == nullptr) throw Error("expected a JSON object, got " + brief(config));
  Model model;
  model.id = name;
  model.name = name;
  model.origin = "config";
  const auto* type = config.find("model_type");
  if (type == nullptr && config.find("peft_type") != nullptr) {
    throw Error("an adapter's config, not a model's: name its file adapter_config.json, or the folder it is in");
  }
  if (const auto& as = catalog.as_class(); !as.empty()) {
    const std::string named = class_of(config);
    config.set("architectures", Value(Value::List{as}));
    model.family = family_of_class(as, config, catalog).id;
    model.counted_as = as + (named.empty() ? "; the config names no class" : "; the config names " + named);
    model.config = std::move(config);
    return model;
  }
  const Family& family = family_of_config(config, catalog);
  check_class(family, config, catalog);
  // Written without a list: families read the first of one.
  if (config.find<std::string>("architectures") != nullptr) {
    config.set("architectures", Value(Value::List{class_of(config)}));
  }
  model.family = family.id;
  model.config = std::move(config);
  return model;
}

Model read_hf_config(const std::string& path, const Catalog& catalog) {
  if (path == "-") {
    try {
      auto model = model_of_config(parse_json(read_standard_input(kMostJsonBytes)), "standard input", catalog);
      return model;
    } catch (const Error& error) {
      if (std::string_view(error.what()).starts_with("standard input")) throw;
      throw located("standard input", error);
    }
  }
  std::string file = path;
  if (is_folder(path)) {
    file = config_beside(path);
    if (file.empty()) file = foreign_config_in(path);
    if (file.empty()) throw Error(printable(path) + ": a folder without a config.json");
  }
  try {
    Model model = model_of_config(read_config_file(file), title_of(file), catalog);
    model.origin = file;
    return model;
  } catch (const Error& error) {
    const std::string_view said = error.what();
    if (said.starts_with(printable(file))) throw;
    if (is_yaml(file) && said.starts_with("/model_type: missing")) {
      throw Error(
          printable(file) +
          ": YAML, but not a NeMo or Megatron config, the only YAML that is read; use a Hugging Face config.json");
    }
    throw located(printable(file), error);
  }
}

}  // namespace paramcount
