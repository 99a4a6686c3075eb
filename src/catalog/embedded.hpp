// The built-in catalog: data/ as of build time, sorted for look-up. src/catalog/pack_main.cpp generates the tables;
// this declares their form.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "catalog/tables.hpp"

namespace paramcount {

/// Positions in the blob of all texts: no pointers, so nothing to relocate when the program starts.
struct EmbeddedEntry {
  std::uint32_t id, id_size;
  std::uint32_t data, data_size;  ///< a packed Value
};
struct EmbeddedName {
  std::uint32_t name, name_size;  ///< lower case
  std::uint32_t entry;
};
struct EmbeddedTable {
  std::span<const EmbeddedEntry> entries;
  std::span<const EmbeddedName> names;  ///< sorted; ids, aliases and, of families, model types
};

/// What lists show of a model, counted when the program was built; in the order of the models' entries.
struct EmbeddedModel {
  std::uint64_t total, active;  ///< 0: not disclosed
  std::uint64_t context;        ///< 0: none
  std::uint32_t name, name_size;
  std::uint32_t family, family_size;
  std::uint32_t released, released_size;
  std::uint32_t lab, lab_size;
  std::uint32_t licence, licence_size;
  std::uint32_t modality, modality_size;
  std::uint32_t unverified, unverified_size;
};

extern const EmbeddedModel* const kEmbeddedModels;
extern const char* const kEmbeddedBlob;
extern const std::size_t kEmbeddedBlobSize;
extern const EmbeddedTable kEmbeddedTables[kTables];

[[nodiscard]] inline const EmbeddedTable& embedded(Table table) {
  return kEmbeddedTables[static_cast<std::size_t>(table)];
}

[[nodiscard]] inline std::string_view embedded_text(std::uint32_t at, std::uint32_t size) {
  return {kEmbeddedBlob + at, size};
}

/// The packed value of that (lower-case) name, or nothing.
[[nodiscard]] std::optional<std::string_view> find_embedded(Table table, std::string_view name);

}  // namespace paramcount
