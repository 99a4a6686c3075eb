// The lookup functions that the catalog provides to other rooms.
#include <algorithm>
#include <set>

#include "paramcount/catalog/catalog.hpp"

namespace paramcount {

FamilyLookup Catalog::families() const {
  return [this](std::string_view name) -> const Family& { return family(name); };
}

NameLookup Catalog::names() const {
  return {[this] { return spellings(); },
          [this](std::string_view key) { return role_of(key); },
          [this](std::string_view arch) { return families_of_arch(arch); },
          [this](std::uint64_t number) {
            std::string found;
            each_name(FileType::kTable, [&](std::string_view name, bool is_id) {
              if (!found.empty() || !is_id) return;
              if (const auto type = find<FileType>(name); type && type->number == number) found = type->id;
            });
            return found;
          },
          [this]() -> const ConfigKeys& { return config_keys(); },
          [this]() -> const std::vector<PackedFormat>& { return packed_formats(); }};
}

std::vector<std::string> Catalog::families_of_class(std::string_view model_class) const {
  std::set<std::string> ids;
  each_name(Kind::family, [&](std::string_view name, bool is_id) {
    if (!is_id) return;
    const auto& classes = family(name).classes;
    if (std::find(classes.begin(), classes.end(), model_class) != classes.end()) ids.emplace(name);
  });
  return {ids.begin(), ids.end()};
}

}  // namespace paramcount
