#include "catalog/model_lookup.hpp"

#include <map>

#include "base/text.hpp"
#include "catalog/embedded.hpp"
#include "catalog/model_file.hpp"
#include "catalog/pack.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

/// The built-in file, which was resolved when the program was built.
std::optional<Value> embedded_model(const std::string& key) {
  const auto packed = find_embedded(table("models"), key);
  return packed ? std::optional(unpack(*packed)) : std::nullopt;
}

Model read_model_of(const CatalogFolders& folders, const CatalogFolder::File& file) {
  const auto other = [&](std::string_view name) -> std::optional<Value> {
    const std::string key = lower(name);
    for (auto folder = folders.rbegin(); folder != folders.rend(); ++folder) {
      // A file may have the dimensions of the built-in one of its own name.
      if (const auto* found = (*folder)->find(table("models"), key); found != nullptr && found != &file) {
        return found->content;
      }
    }
    return embedded_model(key);
  };
  return locating(file.path, [&] { return read_model(resolve_model(file.content, other)); });
}

}  // namespace

std::optional<Model> find_model_file(const CatalogFolders& folders, std::string_view name) {
  const std::string key = lower(name);
  for (auto folder = folders.rbegin(); folder != folders.rend(); ++folder) {
    if (const auto* file = (*folder)->find(table("models"), key)) return read_model_of(folders, *file);
  }
  if (const auto file = embedded_model(key)) return read_model(*file);
  return std::nullopt;
}

void each_model_file(const CatalogFolders& folders, const std::function<void(const ModelListing&)>& visit) {
  // The last folder that has an id wins, and any folder wins over the built-in catalog.
  std::map<std::string, Model, NaturalLess> own;
  for (const auto& folder : folders) {
    for (const auto& file : folder->files(table("models"))) {
      Model model = read_model_of(folders, file);
      model.origin = file.path;
      own.insert_or_assign(lower(model.id), std::move(model));
    }
  }
  auto next = own.begin();
  const auto visit_own = [&](const Model& model) {
    visit({model.id, model.name, model.family, model.released, model.lab, model.licence, model.modality,
           model.unverified, 0, 0, 0, model});
  };
  const auto entries = embedded(table("models")).entries;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto id = embedded_text(entries[i].id, entries[i].id_size);
    for (; next != own.end() && natural_less(next->first, id); ++next) visit_own(next->second);
    if (next != own.end() && next->first == id) continue;
    const auto& facts = kEmbeddedModels[i];
    visit({id, embedded_text(facts.name, facts.name_size), embedded_text(facts.family, facts.family_size),
           embedded_text(facts.released, facts.released_size), embedded_text(facts.lab, facts.lab_size),
           embedded_text(facts.licence, facts.licence_size), embedded_text(facts.modality, facts.modality_size),
           embedded_text(facts.unverified, facts.unverified_size), facts.total, facts.active, facts.context,
           std::nullopt});
  }
  for (; next != own.end(); ++next) visit_own(next->second);
}

}  // namespace paramcount
