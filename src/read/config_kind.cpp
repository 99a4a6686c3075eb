#include "read/config_kind.hpp"

#include <algorithm>
#include <iterator>
#include <set>

#include "base/file.hpp"
#include "base/text.hpp"
#include "catalog/json.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

bool is_one_of(const Value& value, const std::vector<std::string>& texts) {
  if (const auto* text = value.as<std::string>()) return std::find(texts.begin(), texts.end(), *text) != texts.end();
  const auto* list = value.as<Value::List>();
  return list != nullptr &&
         std::any_of(list->begin(), list->end(), [&](const Value& item) { return is_one_of(item, texts); });
}

bool holds(const ConfigKind::Condition& condition, const Value& config) {
  const Value* value = &config;
  for (const auto& key : condition.path) {
    if (value != nullptr) value = value->find(key);
  }
  const bool present = value != nullptr && !value->is_null();
  if (condition.texts.empty()) return present == condition.present;
  return present && is_one_of(*value, condition.texts);
}

const ConfigKind* kind_of(const Value& config, const Catalog& catalog) {
  const auto& kinds = catalog.config_kinds();
  for (auto kind = kinds.rbegin(); kind != kinds.rend(); ++kind) {
    if (!kind->conditions.empty() &&
        std::all_of(kind->conditions.begin(), kind->conditions.end(),
                    [&](const ConfigKind::Condition& condition) { return holds(condition, config); })) {
      return &*kind;
    }
  }
  return nullptr;
}

/// Moves the members of the object up beside it, but for those that are there already: they are the whole's, the
/// object's own stay in it, as do its model_type and classes, which are a layer's.
void move_up(Value& config, const std::string& key) {
  auto* nested = config.find(key);
  if (nested == nullptr) return;
  auto* members = nested->as<Value::Object>();
  if (members == nullptr) throw Error("/" + printable(key) + ": expected an object, got " + brief(*nested));
  std::set<std::string> there{"architectures", "model_type"};
  auto& whole = *config.as<Value::Object>();
  for (const auto& [name, value] : whole) there.insert(name);
  Value::Object kept;
  Value::Object moved;
  for (auto& member : *members) (there.contains(member.first) ? kept : moved).push_back(std::move(member));
  *members = std::move(kept);
  whole.insert(whole.end(), std::move_iterator(moved.begin()), std::move_iterator(moved.end()));
}

}  // namespace

const Family* family_of_kind(Value& config, const Catalog& catalog) {
  const auto* kind = kind_of(config, catalog);
  if (kind == nullptr) return nullptr;
  if (!kind->refused.empty()) throw Error(kind->refused);
  if (!kind->inside.empty()) move_up(config, kind->inside);
  return kind->family.empty() ? nullptr : &catalog.family(kind->family);
}

const Family& family_of_config(Value& config, const Catalog& catalog) {
  if (const auto* family = family_of_kind(config, catalog)) return *family;
  const auto* type = config.find("model_type");
  if (type == nullptr) {
    throw Error("/model_type: missing; it says which architecture this is (\"llama\", \"gpt2\", ...)");
  }
  const auto* text = type->as<std::string>();
  if (text == nullptr) throw Error("/model_type: expected a text, got " + brief(*type));
  try {
    return catalog.family(*text);
  } catch (const Error& error) {
    throw located("/model_type", error);
  }
}

bool is_known_kind(const std::string& path, const Catalog& catalog) {
  try {
    return kind_of(parse_json(read_file(path, kMostJsonBytes)), catalog) != nullptr;
  } catch (const Error&) {
    return false;
  }
}

void refuse_foreign_file(std::string_view path, const Catalog& catalog) {
  for (const auto& kind : catalog.config_kinds()) {
    if (std::any_of(kind.files.begin(), kind.files.end(),
                    [&](const std::string& ending) { return path.ends_with(ending); })) {
      throw Error(kind.refused);
    }
  }
}

}  // namespace paramcount
