#include "read/processor_config.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "base/budgets.hpp"
#include "base/file.hpp"
#include "base/text.hpp"
#include "catalog/json.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

/// Null where a file is not there.
struct Files {
  Value preprocessor, processor;
};

struct KeptFiles {
  std::mutex mutex;
  std::map<std::string, Files> of_folder;
};

KeptFiles& kept() {
  static KeptFiles all;
  return all;
}

/// Nothing of the catalog's models.
std::optional<std::string> folder_of_model(const Model& model) {
  if (model.origin == "catalog" || model.origin == "config") return std::nullopt;
  return folder_of(model.config_file.empty() ? model.origin : model.config_file);
}

Value read_object(const std::string& path) {
  if (!is_file(path)) return {};
  try {
    Value value = parse_json(read_file(path, kMostJsonBytes));
    if (value.as<Value::Object>() == nullptr) throw Error("expected an object, got " + brief(value));
    return value;
  } catch (const Error& error) {
    if (std::string_view(error.what()).starts_with(printable(path))) throw;
    throw located(printable(path), error);
  }
}

Files read_files(const std::string& folder) {
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

void keep_processor_config(const Model& model) {
  const auto folder = folder_of_model(model);
  if (!folder) return;
  Files files = read_files(*folder);
  const std::lock_guard lock(kept().mutex);
  kept().of_folder.insert_or_assign(*folder, std::move(files));
}

Value read_processor_config(const Model& model, MediaKind kind) {
  const auto folder = folder_of_model(model);
  if (!folder) return {};
  std::optional<Files> found;
  {
    const std::lock_guard lock(kept().mutex);
    const auto at = kept().of_folder.find(*folder);
    if (at != kept().of_folder.end()) found = at->second;
  }
  const Files files = found ? std::move(*found) : read_files(*folder);
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
