#include "report/catalog_lists.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "paramcount/base/error.hpp"
#include "report/list_report.hpp"

namespace paramcount {
namespace {

bool contains(std::string_view text, std::string_view lower_part) {
  return lower(text).find(lower_part) != std::string::npos;
}

/// Only rows that have the text in one of their names; none may be left.
template <class Rows, class Names>
Rows rows_among(Rows rows, const ListQuestion& question, const Names& names) {
  const std::string text = lower(question.within);
  std::erase_if(rows, [&](const auto& row) {
    const std::vector<std::string> all = names(row);
    return std::none_of(all.begin(), all.end(), [&](const std::string& name) { return contains(name, text); });
  });
  return rows;
}

template <class Rows, class Names>
Rows rows_with(Rows rows, const ListQuestion& question, const Names& names) {
  rows = rows_among(std::move(rows), question, names);
  if (rows.empty()) {
    throw Error(joined({"list ", question.word, " ", printable(question.within), ": no ", question.word,
                        " with that in their names"}));
  }
  return rows;
}

template <class Rows>
Rows rows_with(Rows rows, const ListQuestion& question) {
  return rows_with(std::move(rows), question, [](const auto& row) { return std::vector<std::string>{row.id}; });
}

/// Ids of a table, sorted as people sort.
std::vector<std::string> ids(const Catalog& catalog, std::string_view table) {
  std::vector<std::string> result;
  catalog.each_name(table, [&](std::string_view name, bool is_id) {
    if (is_id) result.emplace_back(name);
  });
  std::sort(result.begin(), result.end(), natural_less);
  result.erase(std::unique(result.begin(), result.end()), result.end());
  return result;
}

Report devices(const ListQuestion& question) {
  std::vector<Device> devices;
  for (const auto& id : ids(question.catalog, Device::kTable)) devices.push_back(*question.catalog.device(id));
  const auto names = [](const Device& one) { return std::vector<std::string>{one.id, one.name, one.maker}; };
  return list_report(rows_with(std::move(devices), question, names), question.wanted);
}

Report dtypes(const ListQuestion& question) {
  const Catalog& catalog = question.catalog;
  std::vector<Dtype> dtypes;
  for (const auto& id : ids(catalog, Dtype::kTable)) dtypes.push_back(catalog.dtype(id));
  std::erase_if(dtypes, [](const Dtype& dtype) { return !dtype.refused.empty(); });
  std::sort(dtypes.begin(), dtypes.end(), [](const Dtype& a, const Dtype& b) {
    return a.bits_per_weight() != b.bits_per_weight() ? a.bits_per_weight() > b.bits_per_weight() : a.id < b.id;
  });
  std::vector<FileType> types;
  for (const auto& id : ids(catalog, FileType::kTable)) types.push_back(*catalog.find_file_type(id));
  std::sort(types.begin(), types.end(), [&](const FileType& a, const FileType& b) {
    const double left = catalog.dtype(a.type).bits_per_weight();
    const double right = catalog.dtype(b.type).bits_per_weight();
    return left != right ? left > right : a.id < b.id;
  });
  const auto names = [](const auto& one) {
    auto all = one.aliases;
    all.push_back(one.id);
    return all;
  };
  dtypes = rows_among(std::move(dtypes), question, names);
  types = rows_among(std::move(types), question, names);
  if (dtypes.empty() && types.empty()) {
    throw Error("list dtypes " + printable(question.within) + ": no number formats with that in their names");
  }
  return list_dtypes_report(dtypes, types, question.wanted);
}

Report families(const ListQuestion& question) {
  std::vector<ListedFamily> families;
  for (const auto& id : ids(question.catalog, Catalog::Kind::family)) {
    const auto& family = question.catalog.family(id);
    families.push_back({family.id, family.title, family.model_types});
  }
  const auto names = [](const ListedFamily& one) {
    std::vector<std::string> all = one.model_types;
    all.push_back(one.id);
    all.push_back(one.title);
    return all;
  };
  return list_report(rows_with(std::move(families), question, names), question.wanted);
}

/// A table whose rows are a struct, all there is.
template <class Row>
Report rows_of(const ListQuestion& question) {
  return list_report(rows_with(question.catalog.all<Row>(), question), question.wanted);
}

constexpr auto kLists = std::to_array<CatalogList>({
    {"devices", "gpus gpu cards accelerators hardware device", "", devices},
    {"dtypes", "quants quant quantizations formats dtype", "", dtypes},
    {"families", "family", "", families},
    {"runs", "", "published trainings", rows_of<PublishedTraining>},
    {"optimizers", "", "", rows_of<Optimizer>},
    {"grids", "", "", rows_of<Grid>},
    {"laws", "", "of scaling", rows_of<ScalingLaw>},
    {"equivalents", "", "", rows_of<Equivalent>},
});

}  // namespace

std::span<const CatalogList> catalog_lists() { return kLists; }

const CatalogList* find_catalog_list(std::string_view word) {
  const auto has = [&](std::string_view words) {
    const auto all = split(words, ' ');
    return std::find(all.begin(), all.end(), word) != all.end();
  };
  const auto* at = std::find_if(kLists.begin(), kLists.end(), [&](const CatalogList& list) {
    return !word.empty() && (list.word == word || has(list.also));
  });
  return at != kLists.end() ? at : nullptr;
}

}  // namespace paramcount
