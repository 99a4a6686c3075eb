#include "catalog/catalog_folder.hpp"

#include <algorithm>

#include "base/file.hpp"
#include "base/text.hpp"
#include "catalog/json.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

void add_names(const Value& content, std::string_view key, std::vector<std::string>& names) {
  const auto* value = content.find(key);
  if (value == nullptr) return;
  if (const auto* text = value->as<std::string>()) names.push_back(lower(*text));
  if (const auto* list = value->as<Value::List>()) {
    for (const auto& item : *list) {
      if (const auto* text = item.as<std::string>()) names.push_back(lower(*text));
    }
  }
}

}  // namespace

CatalogFolder::CatalogFolder(std::string path) : path_(std::move(path)) {
  if (!is_folder(path_)) throw Error(printable(path_) + ": no such catalog folder");
}

const std::vector<CatalogFolder::File>& CatalogFolder::files(Table table) {
  auto& slot = files_[static_cast<std::size_t>(table)];
  if (slot) return *slot;
  slot.emplace();
  if (table == kModels || table == kFamilies) {
    read_files(table, *slot);
  } else {
    read_rows(std::string(name_of(table)), *slot);
  }
  return *slot;
}

const CatalogFolder::File* CatalogFolder::find(Table table, std::string_view name) {
  for (const auto& file : files(table)) {
    if (std::find(file.names.begin(), file.names.end(), name) != file.names.end()) return &file;
  }
  return nullptr;
}

void CatalogFolder::read_files(Table table, std::vector<File>& out) const {
  const bool models = table == kModels;
  const std::string folder = path_ + "/" + std::string(name_of(table));
  for (const auto& name : files_in(folder, ".json")) {
    File file{folder + "/" + name, {}, {}};
    file.content = read_json(file.path);
    add_names(file.content, models ? "id" : "family", file.names);
    if (file.names.empty()) throw Error(printable(file.path) + (models ? ": /id: missing" : ": /family: missing"));
    add_names(file.content, models ? "aliases" : "model_types", file.names);
    out.push_back(std::move(file));
  }
}

void CatalogFolder::read_rows(const std::string& key, std::vector<File>& out) const {
  const std::string path = path_ + "/" + key + ".json";
  if (!is_file(path)) return;
  const Value content = read_json(path);
  const auto* list = content.find<Value::List>(key);
  if (list == nullptr) throw Error(printable(path) + ": /" + key + ": expected a list");
  std::size_t i = 0;
  for (const auto& row : *list) {
    File file{path + ": /" + key + "/" + std::to_string(i++), row, {}};
    add_names(row, "id", file.names);
    if (file.names.empty()) throw Error(printable(file.path) + "/id: missing");
    add_names(row, "aliases", file.names);
    out.push_back(std::move(file));
  }
}

}  // namespace paramcount
