#include "read/processor_config.hpp"

#include "base/budgets.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "catalog/json.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {

Value read_processor_config(const Model& model) {
  if (model.origin == "catalog" || model.origin == "config") return {};
  const std::string folder = folder_of(model.config_file.empty() ? model.origin : model.config_file);
  const auto read = [](const std::string& path) {
    try {
      Value value = parse_json(read_file(path, kMostJsonBytes));
      if (value.as<Value::Object>() == nullptr) throw Error("expected an object, got " + brief(value));
      return value;
    } catch (const Error& error) {
      if (std::string_view(error.what()).starts_with(printable(path))) throw;
      throw located(printable(path), error);
    }
  };
  if (const std::string path = folder + "preprocessor_config.json"; is_file(path)) return read(path);
  if (const std::string path = folder + "processor_config.json"; is_file(path)) {
    const Value whole = read(path);
    for (const char* part : {"image_processor", "feature_extractor"}) {
      if (const auto* found = whole.find(part)) return *found;
    }
  }
  return {};
}

}  // namespace paramcount
