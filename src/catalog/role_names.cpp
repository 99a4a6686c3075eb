// The role of a tensor by its name alone, from the table that the built-in families were packed into.
#include "base/budgets.hpp"
#include "base/text.hpp"
#include "catalog/embedded.hpp"
#include "catalog/pack.hpp"
#include "paramcount/catalog/catalog.hpp"

namespace paramcount {

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
    // A name that ends like a tower's prefix is not a tensor of one.
    if (pair == nullptr) continue;
    NamedRole named{parse_role(*pair->front().as<std::string>()), {}};
    for (std::size_t i = 1; i < pair->size(); ++i) named.indices.push_back(*(*pair)[i].as<std::string>());
    return named;
  }
  return std::nullopt;
}

}  // namespace paramcount
