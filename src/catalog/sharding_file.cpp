// Reads data/sharding.json and finds the rows that apply to a tensor.
#include "paramcount/catalog/sharding.hpp"

#include <algorithm>
#include <array>

#include "catalog/embedded.hpp"
#include "catalog/fields.hpp"
#include "catalog/pack.hpp"
#include "paramcount/base/error.hpp"

namespace paramcount {
namespace {

constexpr std::array<std::string_view, 5> kAxes{"replicated", "column", "row", "vocabulary", "expert"};

bool has_role(const ShardingRow& row, Role role) {
  return row.roles.empty() || std::any_of(row.roles.begin(), row.roles.end(), [&](Role of) {
           const bool bias = of.suffix == RoleSuffix::none && role.suffix == RoleSuffix::bias;
           return of.kind == role.kind && (of.suffix == role.suffix || bias);
         });
}

/// Whether it is the whole name, or what follows a dot of it.
bool is_end(std::string_view end, std::string_view name) {
  return name.ends_with(end) && (name.size() == end.size() || name[name.size() - end.size() - 1] == '.');
}

std::string_view last_part(std::string_view name) { return name.substr(name.rfind('.') + 1); }

}  // namespace

ShardingRow ShardingRow::read(const Value& value) {
  Fields fields(value, "");
  ShardingRow row;
  row.id = fields.need_text("id");
  const std::string axis = fields.need_text("axis");
  const auto known = std::find(kAxes.begin(), kAxes.end(), axis);
  if (known == kAxes.end()) fields.fail("axis", "expected replicated, column, row, vocabulary or expert");
  row.axis = static_cast<TensorAxis>(known - kAxes.begin());
  for (const auto& role : fields.texts("roles")) row.roles.push_back(parse_role(role));
  row.names = fields.texts("names");
  for (const auto& name : row.names) {
    if (name.empty() || name.starts_with("*") || name.ends_with(".weight") || name.ends_with(".bias")) {
      fields.fail("names", "expected ends of names without .weight and .bias");
    }
  }
  row.rows = fields.text("rows");
  row.family = fields.text("family");
  row.source = fields.need_text("source");
  fields.finish();
  return row;
}

Sharding::Sharding(std::vector<ShardingRow> rows) : rows_(std::move(rows)) {
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const auto& names = rows_[i].names;
    if (names.empty()) nameless_.push_back(i);
    for (std::size_t j = 0; j < names.size(); ++j) {
      if (names[j].ends_with(".*")) {
        modules_.emplace_back("." + names[j].substr(0, names[j].size() - 1), i);
      } else {
        ends_.emplace(last_part(names[j]), Place{i, j});
      }
    }
  }
}

std::vector<const ShardingRow*> Sharding::candidates(Role role, std::string_view name) const {
  for (const std::string_view suffix : {".weight", ".bias"}) {
    if (name.ends_with(suffix)) name.remove_suffix(suffix.size());
  }
  std::vector<const ShardingRow*> met;
  const auto meet = [&](std::size_t row) {
    if (has_role(rows_[row], role)) met.push_back(&rows_[row]);
  };
  for (const auto row : nameless_) meet(row);
  const auto [first, last] = ends_.equal_range(last_part(name));
  for (auto at = first; at != last; ++at) {
    const auto [row, place] = at->second;
    if (is_end(rows_[row].names[place], name)) meet(row);
  }
  for (const auto& [module, row] : modules_) {
    // A module at the very beginning has no dot before it.
    const bool inside = name.find(module) != std::string_view::npos || name.starts_with(module.substr(1));
    if (inside) meet(row);
  }
  std::sort(met.begin(), met.end(), std::greater<>());  // in the order of one vector
  return met;
}

const Sharding& builtin_sharding() {
  static const Sharding known = [] {
    std::vector<ShardingRow> rows;
    for (const auto& entry : embedded(table("sharding")).entries) {
      rows.push_back(ShardingRow::read(unpack(embedded_text(entry.data, entry.data_size))));
    }
    return Sharding(std::move(rows));
  }();
  return known;
}

}  // namespace paramcount
