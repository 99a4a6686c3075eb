#include "catalog/embedded.hpp"

#include <algorithm>

namespace paramcount {

std::optional<std::string_view> find_embedded(Table table, std::string_view name) {
  const auto& t = embedded(table);
  const auto at = std::lower_bound(
      t.names.begin(), t.names.end(), name,
      [](const EmbeddedName& n, std::string_view key) { return embedded_text(n.name, n.name_size) < key; });
  if (at == t.names.end() || embedded_text(at->name, at->name_size) != name) return std::nullopt;
  const auto& entry = t.entries[at->entry];
  return embedded_text(entry.data, entry.data_size);
}

}  // namespace paramcount
