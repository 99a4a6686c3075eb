// The lookup functions that the catalog provides to other rooms.
#include <algorithm>
#include <set>

#include "base/budgets.hpp"
#include "base/text.hpp"
#include "catalog/embedded.hpp"
#include "catalog/pack.hpp"
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
            each_name(Kind::file_type, [&](std::string_view name, bool is_id) {
              if (!found.empty() || !is_id) return;
              if (const auto type = find_file_type(name); type && type->number == number) found = type->id;
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

/// Out of the table that the built-in families were packed into.
std::optional<NamedRole> Catalog::role_of(std::string_view key) const {
  if (key.size() > kLongestKnownName) return std::nullopt;
  const std::string name = lower(key);
  // A tower's prefix says more than what follows it.
  for (std::size_t dot = name.find('.'); dot != std::string::npos; dot = name.find('.', dot + 1)) {
    if (const auto packed = find_embedded(table("roles"), name.substr(0, dot + 1))) {
      return NamedRole{parse_role(*unpack(*packed).as<std::string>()), {}};
    }
  }
  for (std::string_view rest = name; rest.find('.') != std::string_view::npos; rest.remove_prefix(rest.find('.') + 1)) {
    const auto packed = find_embedded(table("roles"), rest);
    if (!packed) continue;
    const Value value = unpack(*packed);
    const auto* pair = value.as<Value::List>();
    // What ends as a tower's prefix does is no tensor of one.
    if (pair == nullptr) continue;
    NamedRole named{parse_role(*pair->front().as<std::string>()), {}};
    for (std::size_t i = 1; i < pair->size(); ++i) named.indices.push_back(*(*pair)[i].as<std::string>());
    return named;
  }
  return std::nullopt;
}

}  // namespace paramcount
