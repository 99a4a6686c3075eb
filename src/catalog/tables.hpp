// The tables of the catalog: which there are, and what reads their rows.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/spellings_file.hpp"
#include "paramcount/base/value.hpp"
#include "paramcount/catalog/article.hpp"
#include "paramcount/catalog/config_keys.hpp"
#include "paramcount/catalog/config_kind.hpp"
#include "paramcount/catalog/device.hpp"
#include "paramcount/catalog/dtype.hpp"
#include "paramcount/catalog/equivalent.hpp"
#include "paramcount/catalog/file_type.hpp"
#include "paramcount/catalog/grid.hpp"
#include "paramcount/catalog/help_text.hpp"
#include "paramcount/catalog/media_rule.hpp"
#include "paramcount/catalog/name_rule.hpp"
#include "paramcount/catalog/optimizer.hpp"
#include "paramcount/catalog/packed_format.hpp"
#include "paramcount/catalog/published_training.hpp"
#include "paramcount/catalog/scaling_law.hpp"
#include "paramcount/catalog/sharding.hpp"
#include "paramcount/catalog/speed_constants.hpp"

namespace paramcount {

/// A table that is one file, data/<name>.json, holding a list of rows under that name.
struct DataTable {
  std::string_view name;
  /// A row's id, then its aliases; throws Error where its reader does.
  std::vector<std::string> (*names)(const Value& row);
};

/// Of rows that a struct stands for: `Row::kTable` is the name, `Row::read` throws Error with a JSON pointer when a
/// field is missing, of the wrong kind, or unknown.
template <class Row>
inline constexpr DataTable kTableOf{Row::kTable, [](const Value& value) {
                                      Row row = Row::read(value);
                                      std::vector<std::string> names{std::move(row.id)};
                                      if constexpr (requires { row.aliases; }) {
                                        names.insert(names.end(), row.aliases.begin(), row.aliases.end());
                                      }
                                      return names;
                                    }};

/// A row may only name rows of earlier tables.
inline constexpr std::array kDataTables{kTableOf<Device>,         kTableOf<Dtype>,
                                        kTableOf<FileType>,       kTableOf<Optimizer>,
                                        kTableOf<Grid>,           kTableOf<ScalingLaw>,
                                        kTableOf<Equivalent>,     kTableOf<PublishedTraining>,
                                        kTableOf<ConfigKeyRow>,   kTableOf<ConfigKind>,
                                        kTableOf<SpeedConstants>, kTableOf<PackedFormat>,
                                        kTableOf<ShardingRow>,    kTableOf<ArticleClaim>,
                                        kTableOf<MediaRule>,      kTableOf<NameRule>,
                                        kTableOf<HelpText>,       DataTable{"spellings", read_common_names}};

/// The others are made of folders of files, or of what the first two hold: `gguf` is the families' sections of that
/// name, by family; `roles` the role that all families give a name; `inventories` what the models expand to;
/// `prices` the quotes of devices, as lines; `languages` the whole file of
/// each; `ggml_types` the block types of GGUF files among the number formats, by their names in it.
inline constexpr std::array<std::string_view, 8> kMadeTables{"models", "families",    "gguf",      "roles",
                                                             "prices", "inventories", "languages", "ggml_types"};

inline constexpr std::size_t kTables = kMadeTables.size() + kDataTables.size();

/// Its place among the built-in tables.
enum class Table : std::uint8_t {};

constexpr std::string_view name_of(Table table) {
  const auto at = static_cast<std::size_t>(table);
  return at < kMadeTables.size() ? kMadeTables[at] : kDataTables[at - kMadeTables.size()].name;
}

constexpr std::optional<Table> find_table(std::string_view name) {
  for (std::size_t i = 0; i < kTables; ++i) {
    if (name_of(static_cast<Table>(i)) == name) return static_cast<Table>(i);
  }
  return std::nullopt;
}

consteval Table table(std::string_view name) { return *find_table(name); }

/// Takes a device's quotes out of its row, as lines of one text for the table of prices: true stands in their place.
/// Empty where there are none.
[[nodiscard]] std::string pack_prices(Value& row);
/// Takes out of a device's row what only people read.
void drop_texts_for_people(Value& row);

}  // namespace paramcount
