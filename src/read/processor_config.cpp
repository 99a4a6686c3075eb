#include "read/processor_config.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>

#include "base/file.hpp"
#include "base/text.hpp"
#include "catalog/json.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

/// Nothing of the catalog's models.
std::optional<std::string> folder_of_model(const Model& model) {
  if (model.origin == "catalog" || model.origin == "config") return std::nullopt;
  return folder_of(model.config_file.empty() ? model.origin : model.config_file);
}

Value read_object(const std::string& path) {
  if (!is_file(path)) return {};
  Value value = read_json(path);
  if (value.as<Value::Object>() == nullptr) throw Error(printable(path) + ": expected an object, got " + brief(value));
  return value;
}

ProcessorFiles read_files(const std::string& folder) {
  const std::string preprocessor = folder + "preprocessor_config.json";
  const std::string processor = folder + "processor_config.json";
  std::vector<std::string> there;
  for (const auto& path : {preprocessor, processor}) {
    if (is_file(path)) there.push_back(path);
  }
  expect_files(there);
  return {read_object(preprocessor), read_object(processor)};
}

/// Members of `from` that `to` lacks.
void add_missing(Value::Object& to, const Value& from) {
  const auto* members = from.as<Value::Object>();
  if (members == nullptr) return;
  for (const auto& member : *members) {
    const bool known = std::any_of(to.begin(), to.end(), [&](const auto& one) { return one.first == member.first; });
    if (!known) to.push_back(member);
  }
}

}  // namespace

void keep_processor_config(Model& model) {
  if (const auto folder = folder_of_model(model)) {
    model.processor = std::make_shared<const ProcessorFiles>(read_files(*folder));
  }
}

Value read_processor_config(const Model& model, MediaKind kind) {
  const auto folder = folder_of_model(model);
  if (!folder) return {};
  const ProcessorFiles files = model.processor ? *model.processor : read_files(*folder);
  // transformers, image_processing_base.py and feature_extraction_auto.py: nested settings go first.
  const Value* nested = files.processor.find(kind == MediaKind::image ? "image_processor" : "feature_extractor");
  if (nested == nullptr && kind == MediaKind::audio) nested = files.processor.find("audio_processor");
  const bool is_nested = nested != nullptr && nested->as<Value::Object>() != nullptr;
  const Value& own = is_nested ? *nested : files.preprocessor;
  if (own.is_null() && files.processor.is_null()) return {};
  Value::Object settings;
  add_missing(settings, own);
  add_missing(settings, files.processor);
  return Value(std::move(settings));
}

}  // namespace paramcount
