#include "read/hf_config.hpp"

#include <algorithm>

#include "base/file.hpp"
#include "base/text.hpp"
#include "catalog/json.hpp"
#include "paramcount/base/error.hpp"
#include "read/model_files.hpp"

namespace paramcount {

Model model_of_config(Value config, const std::string& name, const Catalog& catalog) {
  if (config.as<Value::Object>() == nullptr) throw Error("expected a JSON object, got " + brief(config));
  const auto* type = config.find("model_type");
  if (type == nullptr) {
    throw Error("/model_type: missing; it says which architecture this is (\"llama\", \"gpt2\", ...)");
  }
  const auto* text = type->as<std::string>();
  if (text == nullptr) throw Error("/model_type: expected a text, got " + brief(*type));
  Model model;
  model.id = name;
  model.name = name;
  model.origin = "config";
  try {
    model.family = catalog.family(*text).id;
  } catch (const Error& error) {
    throw located("/model_type", error);
  }
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
    file = path + (path.ends_with('/') ? "" : "/") + "config.json";
    if (!exists(file)) throw Error(printable(path) + ": a folder without a config.json");
  }
  const std::string text = read_file(file, kMostJsonBytes);
  try {
    Model model = model_of_config(parse_json(text), title_of(file), catalog);
    model.origin = file;
    return model;
  } catch (const Error& error) {
    throw located(printable(file), error);
  }
}

}  // namespace paramcount
